package iam

import (
	"fmt"
	"regexp"
	"strings"

	"fairlead/local/world"
)

type oidcProperties struct {
	Url            string
	ClientIdList   []string
	ThumbprintList []string
	Tags           []Tag
}

// declareOIDC registers an OpenID Connect provider. Another URL is another provider.
func (s *Service) declareOIDC(d world.Declared) (world.Resource, error) {
	p, err := properties[oidcProperties](d)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	arn := s.providerARN(p.Url)
	created := s.w.Now()
	if old, ok := s.state.Providers[arn]; ok {
		if d.ID != arn {
			return world.Resource{}, conflict("EntityAlreadyExists", "Provider with url %s already exists.", p.Url)
		}
		created = old.Created
	}
	s.state.Providers[arn] = &OIDCProvider{ARN: arn, URL: strings.TrimPrefix(p.Url, "https://"), ClientIDs: p.ClientIdList,
		Thumbprints: p.ThumbprintList, Created: created, Tags: p.Tags}
	return world.Resource{ID: arn, Attributes: map[string]any{"Arn": arn}}, nil
}

func (p oidcProperties) check() error {
	if !regexp.MustCompile(`^https://[\w.-]+(/[\w./-]*[\w-])?$`).MatchString(p.Url) || len(p.Url) > 255 {
		return world.Errorf("ValidationError", "Invalid Open ID Connect Provider URL")
	}
	if len(p.ClientIdList) > 100 {
		return conflict("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	}
	if len(p.ThumbprintList) > 5 {
		return world.Errorf("InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
	}
	for _, t := range p.ThumbprintList {
		if !checkThumbprint(t) {
			return world.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'thumbprintList' failed to satisfy constraint: Member must have length equal to 40", t)
		}
	}
	return nil
}
