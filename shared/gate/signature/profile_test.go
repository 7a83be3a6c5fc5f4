package signature_test

import (
	"slices"
	"strings"
	"testing"

	"fairlead/shared/gate/signature"
)

func TestPoliciesOfSigner(t *testing.T) {
	const shop = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"
	for name, test := range map[string]struct {
		profiles []string
		want     string // in the error; "" for none
	}{
		"a profile":                  {[]string{shop}, ""},
		"a version":                  {[]string{shop + "/awUPb84ibN"}, ""},
		"two versions":               {[]string{shop + "/awUPb84ibN", shop + "/IrwHQeF7XW"}, ""},
		"two regions":                {[]string{shop, "arn:aws:signer:us-east-1:123456789012:/signing-profiles/shop"}, ""},
		"GovCloud's":                 {[]string{"arn:aws-us-gov:signer:us-gov-west-1:123456789012:/signing-profiles/shop"}, ""},
		"China's":                    {[]string{"arn:aws-cn:signer:cn-north-1:123456789012:/signing-profiles/shop"}, ""},
		"nobody":                     {nil, "name at least one signing profile"},
		"everybody":                  {[]string{"*"}, "is no signing profile of AWS Signer"},
		"every profile":              {[]string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/*"}, "is no signing profile of AWS Signer"},
		"every region":               {[]string{"arn:aws:signer:*:123456789012:/signing-profiles/shop"}, "is no signing profile of AWS Signer"},
		"a host for a region":        {[]string{"arn:aws:signer:eu-west-1.evil.example/:123456789012:/signing-profiles/shop"}, "is no signing profile of AWS Signer"},
		"a name":                     {[]string{"shop"}, "is no signing profile of AWS Signer"},
		"a job":                      {[]string{"arn:aws:signer:eu-west-1:123456789012:/signing-jobs/x"}, "is no signing profile of AWS Signer"},
		"a subject":                  {[]string{"x509.subject: C=DE, ST=Hessen, O=Shop"}, "is no signing profile of AWS Signer"},
		"one in other letters":       {[]string{"ARN:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"}, "is no signing profile of AWS Signer"},
		"one with a line behind it":  {[]string{shop + "\n"}, "is no signing profile of AWS Signer"},
		"one twice":                  {[]string{shop, shop}, "are the same, or one is a version of the other"},
		"a profile and a version":    {[]string{shop, shop + "/awUPb84ibN"}, "are the same, or one is a version of the other"},
		"a version and its profile":  {[]string{shop + "/awUPb84ibN", shop}, "are the same, or one is a version of the other"},
		"a version of another's end": {[]string{shop, shop + "_b/awUPb84ibN"}, ""},
	} {
		_, err := signature.Signer{Profiles: test.profiles}.Trusted()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestWhatCanBeRevoked(t *testing.T) {
	got := signature.Signer{Profiles: []string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop", "arn:aws:signer:eu-west-1:210987654321:/signing-profiles/builds/awUPb84ibN",
		"arn:aws-us-gov:signer:us-gov-west-1:123456789012:/signing-profiles/shop"}}.Revocable()
	want := []string{
		"arn:aws-us-gov:signer:us-gov-west-1:*:/signing-jobs/*",
		"arn:aws-us-gov:signer:us-gov-west-1:123456789012:/signing-profiles/shop",
		"arn:aws:signer:eu-west-1:*:/signing-jobs/*",
		"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop",
		"arn:aws:signer:eu-west-1:210987654321:/signing-profiles/builds",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}
