package iam

import (
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// globalKeys are the condition keys that AWS sets on a request of any service
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
func (s *Service) globalKeys(who world.Principal, action, resource string) world.Keys {
	now := s.w.Now()
	keys := world.Keys{
		"aws:CurrentTime":           {now.Format(time.RFC3339)},
		"aws:EpochTime":             {strconv.FormatInt(now.Unix(), 10)},
		"aws:RequestedRegion":       {s.requestedRegion(action)},
		"aws:ResourceAccount":       {s.resourceAccount(resource)},
		"aws:SecureTransport":       {"true"},
		"aws:ViaAWSService":         {"false"},
		"aws:PrincipalIsAWSService": {strconv.FormatBool(who.Service != "")},
	}
	switch {
	case who.Service != "":
		s.serviceKeys(keys, who)
	case who.ARN != "":
		s.principalKeys(keys, who)
	}
	return keys
}

// requestedRegion is where the call's endpoint stands: IAM has one for all regions.
func (s *Service) requestedRegion(action string) string {
	if strings.HasPrefix(action, "iam:") && action != "iam:PassRole" {
		return "us-east-1"
	}
	return s.w.Region
}

func (s *Service) resourceAccount(resource string) string {
	if parts := strings.SplitN(resource, ":", 6); len(parts) == 6 && parts[4] != "" {
		return parts[4]
	}
	return s.w.Account
}

func (s *Service) serviceKeys(keys world.Keys, who world.Principal) {
	keys["aws:PrincipalServiceName"] = []string{who.Service}
	if who.SourceARN != "" {
		keys["aws:SourceArn"] = []string{who.SourceARN}
		keys["aws:SourceAccount"] = []string{s.resourceAccount(who.SourceARN)}
	}
}

// principalKeys: for a session, aws:PrincipalArn is the ARN of its role.
func (s *Service) principalKeys(keys world.Keys, who world.Principal) {
	keys["aws:PrincipalAccount"] = []string{who.Account}
	keys["aws:userid"] = []string{who.UserID}
	if who.RoleARN == "" {
		keys["aws:PrincipalArn"], keys["aws:PrincipalType"] = []string{who.ARN}, []string{"User"}
		keys["aws:username"] = []string{who.UserName}
		return
	}
	keys["aws:PrincipalArn"], keys["aws:PrincipalType"] = []string{who.RoleARN}, []string{"AssumedRole"}
	keys["aws:MultiFactorAuthPresent"] = []string{"false"}
	if r, ok := s.Role(who.RoleARN); ok {
		for _, tag := range r.Tags {
			keys["aws:PrincipalTag/"+tag.Key] = []string{tag.Value}
		}
	}
	if k, ok := s.state.Keys[who.AccessKey]; ok {
		keys["aws:TokenIssueTime"] = []string{k.Issued.Format(time.RFC3339)}
	}
}
