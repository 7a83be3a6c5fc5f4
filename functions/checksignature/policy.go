package checksignature

import "fairlead/shared/permission"

// Policy is what the step may do: read one repository, of a service whose images have to be signed or attested.
func Policy() permission.Policy {
	return permission.Policy{Look: func(t permission.Target) []permission.Statement {
		if !t.Verified {
			return nil
		}
		return []permission.Statement{{
			Sid:       "ReadSignatures",
			Actions:   []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: []string{t.RepositoryARN()},
			Why:       "who vouches for the image: its signatures and attestations, and what refers to it, which ECR lists under BatchGetImage too",
		}}
	}}
}
