package signature

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Profile is a signing profile of AWS Signer, or one version of it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssigner.html#awssigner-resources-for-iam-policies
type Profile struct {
	arn     string
	Region  string
	version string // empty for the whole profile
}

// profileForm has the region and the version in it: names and versions are what the service's API allows.
// https://docs.aws.amazon.com/signer/latest/api/API_PutSigningProfile.html
var profileForm = regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:signer:([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}):[0-9]{12}:/signing-profiles/[a-zA-Z0-9_]{2,64}(?:/([a-zA-Z0-9]{10}))?$`)

// ParseProfile reads the ARN of a signing profile or of a version of one.
func ParseProfile(arn string) (Profile, error) {
	found := profileForm.FindStringSubmatch(arn)
	if found == nil {
		return Profile{}, fmt.Errorf("%q is no signing profile of AWS Signer, in full: want arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop, with /<version> behind it if one version alone may sign", arn)
	}
	return Profile{arn: arn, Region: found[1], version: found[2]}, nil
}

// String is the ARN.
func (p Profile) String() string { return p.arn }

// Covers says whether a signature by a version of a profile is one by p: p is that very version, or its profile. ARNs are
// compared letter by letter: the names of profiles differ in case.
func (p Profile) Covers(signed Profile) bool {
	return signed.version != "" && (p.arn == signed.arn || p.arn+"/"+signed.version == signed.arn)
}

// revocable are the ARNs that GetRevocationStatus is checked for, of a signature by the profile: the profile's, whatever the
// version, and the job's, which is in the account of whoever signs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssigner.html#awssigner-actions-as-permissions
func (p Profile) revocable() []string {
	partition, _, _ := strings.Cut(strings.TrimPrefix(p.arn, "arn:"), ":")
	whole := p.arn
	if p.version != "" {
		whole = strings.TrimSuffix(p.arn, "/"+p.version)
	}
	return []string{whole, "arn:" + partition + ":signer:" + p.Region + ":*:/signing-jobs/*"}
}

// Signer wants a signature of AWS Signer, made with one of some signing profiles.
// https://docs.aws.amazon.com/signer/latest/developerguide/image-verification.html
type Signer struct {
	// Profiles are the ARNs of the signing profiles, or of versions of them, that may sign.
	Profiles []string `json:"profiles"`
	// Certificates are AWS Signer's roots, as PEM. AWS has one for each of its partitions.
	Certificates string `json:"certificates"`
}

// Trusted are the profiles, or what is wrong with them in the words of the configuration.
func (s Signer) Trusted() ([]Profile, error) {
	if len(s.Profiles) == 0 {
		return nil, errors.New(`name at least one signing profile that may sign: "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"`)
	}
	var trusted []Profile
	for _, arn := range s.Profiles {
		profile, err := ParseProfile(arn)
		if err != nil {
			return nil, err
		}
		for _, before := range trusted {
			if before.arn == arn || before.Covers(profile) || profile.Covers(before) {
				return nil, fmt.Errorf("%s and %s are the same, or one is a version of the other: name the version if it alone may sign, otherwise the profile", before, profile)
			}
		}
		trusted = append(trusted, profile)
	}
	return trusted, nil
}

// Revocable are the ARNs of all that can be revoked of a signature that counts, each once.
func (s Signer) Revocable() []string {
	var all []string
	trusted, _ := s.Trusted() // a configuration that was read has none that are wrong
	for _, profile := range trusted {
		all = append(all, profile.revocable()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
