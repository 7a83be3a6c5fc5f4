package iam

import (
	"maps"
	"slices"

	"fairlead/local/world"
)

type arnOutput struct {
	ARN string `xml:"Arn"`
}

type listOIDCOutput struct {
	OpenIDConnectProviderList members[arnOutput]
}

func (s *Service) listOpenIDConnectProviders(c *world.Call, _ struct{}) (listOIDCOutput, error) {
	if err := c.Authorize("iam:ListOpenIDConnectProviders", s.w.GlobalARN("iam", "oidc-provider/*"), nil); err != nil {
		return listOIDCOutput{}, err
	}
	var out listOIDCOutput
	for _, arn := range slices.Sorted(maps.Keys(s.state.Providers)) {
		out.OpenIDConnectProviderList.Members = append(out.OpenIDConnectProviderList.Members, arnOutput{arn})
	}
	return out, nil
}

type getOIDCInput struct{ OpenIDConnectProviderArn string }

type getOIDCOutput struct {
	URL            string `xml:"Url"`
	ClientIDList   members[string]
	ThumbprintList members[string]
	CreateDate     string
	Tags           members[Tag]
}

func (s *Service) getOpenIDConnectProvider(c *world.Call, in getOIDCInput) (getOIDCOutput, error) {
	if err := c.Authorize("iam:GetOpenIDConnectProvider", in.OpenIDConnectProviderArn, nil); err != nil {
		return getOIDCOutput{}, err
	}
	p, ok := s.state.Providers[in.OpenIDConnectProviderArn]
	if !ok {
		return getOIDCOutput{}, notFound("OpenIDConnect Provider not found for arn %s", in.OpenIDConnectProviderArn)
	}
	return getOIDCOutput{URL: p.URL, ClientIDList: members[string]{p.ClientIDs}, ThumbprintList: members[string]{p.Thumbprints},
		CreateDate: stamp(p.Created), Tags: members[Tag]{p.Tags}}, nil
}
