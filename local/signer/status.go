package signer

import (
	"strings"
	"time"

	"fairlead/local/world"
)

type statusInput struct {
	CertificateHashes  []string
	JobARN             string `json:"jobArn"`
	PlatformID         string `json:"platformId"`
	ProfileVersionARN  string `json:"profileVersionArn"`
	SignatureTimestamp string
}

type statusOutput struct {
	RevokedEntities []string `json:"revokedEntities"`
}

// getRevocationStatus says which of a signature's profile, job and certificates were revoked. IAM is asked for the profile,
// without its version, and for the job; the call has no error for those that do not exist. No certificate of this authority is ever
// revoked: its key is as lasting as the world.
// https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html
func (s *Service) getRevocationStatus(c *world.Call, in statusInput) (statusOutput, error) {
	whole, version := s.versionOf(in.ProfileVersionARN)
	for _, resource := range []string{whole, in.JobARN} {
		if err := c.Authorize("signer:GetRevocationStatus", resource, nil); err != nil {
			return statusOutput{}, err
		}
	}
	at, err := time.Parse(time.RFC3339, in.SignatureTimestamp)
	ours := "arn:" + s.w.Partition + ":signer:"
	if err := check(constraint{"signatureTimestamp", in.SignatureTimestamp, err == nil}, constraint{"platformId", in.PlatformID, in.PlatformID == platform},
		constraint{"profileVersionArn", in.ProfileVersionARN, strings.HasPrefix(in.ProfileVersionARN, ours) && versionForm.MatchString(version)},
		constraint{"jobArn", in.JobARN, strings.HasPrefix(in.JobARN, ours)}, constraint{"certificateHashes", "null", len(in.CertificateHashes) > 0}); err != nil {
		return statusOutput{}, err
	}
	return statusOutput{RevokedEntities: s.revoked(in, at)}, nil
}

// revoked is what was revoked of a signature that was made at a time.
func (s *Service) revoked(in statusInput, at time.Time) []string {
	entities := []string{}
	for _, p := range s.state.Profiles {
		if s.versionARN(p) == in.ProfileVersionARN && p.Revoked != nil && at.After(p.Revoked.From) {
			entities = append(entities, in.ProfileVersionARN)
		}
	}
	for _, j := range s.state.Jobs {
		if s.jobARN(j.ID) == in.JobARN && j.Revoked {
			entities = append(entities, in.JobARN)
		}
	}
	return entities
}

// versionOf takes the ARN of a profile's version apart.
func (s *Service) versionOf(arn string) (profile, version string) {
	i := strings.LastIndex(arn, "/")
	return arn[:max(i, 0)], arn[i+1:]
}
