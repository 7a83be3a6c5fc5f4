package checksignature

import "fairlead/shared/permission"

// Policy is what the step may do: read one repository, of a service whose images have to be signed or
// attested, and ask AWS Signer if it has to be by that.
func Policy() permission.Policy {
	return permission.Policy{Look: func(t permission.Target) []permission.Statement {
		if !t.Verified {
			return nil
		}
		statements := []permission.Statement{{
			Sid:       "ReadSignatures",
			Actions:   []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: []string{t.RepositoryARN()},
			Why:       "who vouches for the image: its signatures and attestations, and what refers to it, which ECR lists under BatchGetImage too",
		}}
		if len(t.Revocable) > 0 {
			statements = append(statements, permission.Statement{
				Sid: "AskForRevocations", Actions: []string{"signer:GetRevocationStatus"}, Resources: t.Revocable,
				Why: "whether a signature of AWS Signer was revoked: it is checked for the signing profile and for the signing job",
			})
		}
		return statements
	}}
}
