package iam

import (
	"slices"
	"strings"
	"time"
)

// OIDCProvider is an OpenID Connect identity provider that the account has registered.
type OIDCProvider struct {
	ARN         string    `json:"arn"`
	URL         string    `json:"url"` // without https://
	ClientIDs   []string  `json:"clientIds"`
	Thumbprints []string  `json:"thumbprints"`
	Created     time.Time `json:"created"`
	Tags        []Tag     `json:"tags"`
}

// Provider returns the registered provider of an issuer's URL, if there is one.
func (s *Service) Provider(issuer string) (OIDCProvider, bool) {
	p, ok := s.state.Providers[s.providerARN(issuer)]
	if !ok {
		return OIDCProvider{}, false
	}
	return *p, true
}

// Knows reports whether the provider has registered one of a token's audiences.
func (p OIDCProvider) Knows(audiences []string) bool {
	return slices.ContainsFunc(audiences, func(a string) bool { return slices.Contains(p.ClientIDs, a) })
}

func (s *Service) providerARN(url string) string {
	return s.w.GlobalARN("iam", "oidc-provider/"+strings.TrimPrefix(url, "https://"))
}
