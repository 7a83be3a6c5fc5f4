package checkimage

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/gate/rules"
)

// checkRules holds the image against the base rules of its service, if there are any. An operator who goes back says himself
// that an old image is wanted.
func (c *check) checkRules() error {
	policy := c.service.Gates.Image
	if policy == nil {
		return nil
	}
	pushed := rules.Pushed{Name: c.out.Named(), Repository: c.service.Repository, Tag: c.out.Tag, At: c.pushedAt,
		GoesBack: c.push.Replaces != "", Tags: c.tags}
	return policy.Check(pushed, c.now)
}

// mutability is what ECR says about the tags of a repository.
func mutability(r types.Repository) rules.Mutability {
	m := rules.Mutability{Setting: string(r.ImageTagMutability)}
	for _, filter := range r.ImageTagMutabilityExclusionFilters {
		m.Exclusions = append(m.Exclusions, aws.ToString(filter.Filter))
	}
	return m
}
