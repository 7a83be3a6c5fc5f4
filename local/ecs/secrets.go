package ecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fairlead/local/world"
)

// secretsDenied says why the execution role does not get a container's secrets; empty if it does.
func (s *Service) secretsDenied(c container, who world.Principal) string {
	secrets := c.Secrets
	if c.Logs != nil && len(c.Logs.Secrets) > 0 {
		secrets = append(slices.Clip(secrets), c.Logs.Secrets...)
	}
	for _, each := range secrets {
		if reason := s.secretDenied(each.ValueFrom, who); reason != "" {
			return "unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve " + reason
		}
	}
	return ""
}

// secretDenied says why a secret does not come. There is no Secrets Manager here, so that it holds none; a parameter is
// there if Systems Manager has it. The texts were seen in the field.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
func (s *Service) secretDenied(from string, who world.Principal) string {
	secret, tries := secretStore(from) == "asm", 5
	reason := s.withoutSecrets()
	if reason == "" {
		tries, reason = 1, s.valueDenied(from, secret, who)
	}
	switch {
	case reason == "":
		return ""
	case secret:
		return fmt.Sprintf("secret from asm: service call has been retried %d time(s): failed to fetch secret %s from secrets manager: %s", tries, secretARN(from), reason)
	default:
		return fmt.Sprintf("secrets from ssm: service call has been retried %d time(s): %s", tries, reason)
	}
}

// valueDenied says why the value of a secret, or of a parameter, does not come from a store that answers.
func (s *Service) valueDenied(from string, secret bool, who world.Principal) string {
	if !secret {
		return s.parameterDenied(from, who)
	}
	if err := s.ports.Authority.Authorize(who, "secretsmanager:GetSecretValue", secretARN(from), nil); err != nil {
		return "AccessDeniedException: " + err.Error()
	}
	return "ResourceNotFoundException: Secrets Manager can't find the specified secret."
}

// secretARN is the secret that a valueFrom names, which may go on with a key, a stage and a version:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func secretARN(from string) string {
	parts := strings.SplitN(from, ":", 8)
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// parameterDenied says why a parameter does not come; empty if it does.
func (s *Service) parameterDenied(from string, who world.Principal) string {
	resource := from
	if !strings.HasPrefix(from, "arn:") {
		resource = s.w.ARN("ssm", "parameter/"+strings.TrimPrefix(from, "/"))
	}
	if err := s.ports.Authority.Authorize(who, "ssm:GetParameters", resource, nil); err != nil {
		return "AccessDeniedException: " + err.Error()
	}
	if s.w.Service("ssm") == nil {
		return "invalid ssm parameters: " + from
	}
	return s.parameterMissing(from, who)
}

// parameterMissing asks Systems Manager for a parameter, as ECS does under the execution role.
func (s *Service) parameterMissing(from string, who world.Principal) string {
	body, err := json.Marshal(map[string]any{"Names": []string{from}, "WithDecryption": true})
	if err != nil {
		return err.Error()
	}
	out, err := s.w.Call(world.Request{Service: "ssm", Operation: "GetParameters", Principal: who, Body: body})
	if err != nil {
		return err.Error()
	}
	var got struct{ InvalidParameters []string }
	raw, err := json.Marshal(out)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	switch {
	case err != nil:
		return err.Error()
	case len(got.InvalidParameters) > 0:
		return "invalid ssm parameters: " + strings.Join(got.InvalidParameters, ", ")
	default:
		return ""
	}
}
