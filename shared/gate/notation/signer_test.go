package notation_test

import (
	"context"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/notation"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"
	version = profile + "/awUPb84ibN"
	job     = "arn:aws:signer:eu-west-1:123456789012:/signing-jobs/e218ee67-5dd3-4dc4-8caf-224898b12493"
)

// nothing was revoked.
func nothing(context.Context, notation.Traces) ([]string, error) { return nil, nil }

// but is a signing with one critical attribute that is another; nil takes it away.
func but(key string, value any) gatetest.Signing {
	how := gatetest.BySigner(version, job)
	how.Critical[key] = value
	if value == nil {
		delete(how.Critical, key)
	}
	return how
}

func TestSignaturesOfAWSSigner(t *testing.T) {
	root := gatetest.NewRoot(t, "AWS Signer Code Signing Root CA")
	aws := root.Below(t, "AWS Signer eu-west-1 Code Signing CA").Issue(t, "AWS Signer", gatetest.Now())
	stranger := gatetest.NewRoot(t, "AWS Signer Code Signing Root CA").Issue(t, "AWS Signer", gatetest.Now())
	sound := gatetest.BySigner(version, job)
	plain := sound
	plain.Authority = false
	brief := sound
	brief.Lifetime = time.Second
	brief.At = time.Now().Add(-time.Minute)
	for name, test := range map[string]struct {
		how  gatetest.Signing
		want string // in the error; "" for none
	}{
		"as AWS signs":                     {sound, ""},
		"asks for an old plugin":           {but("io.cncf.notary.verificationPluginMinVersion", "1.0.0"), ""},
		"asks for a plugin of the future":  {but("io.cncf.notary.verificationPluginMinVersion", "2.0.0"), "needs plugin version greater than or equal to 2.0.0"},
		"names another plugin":             {but("io.cncf.notary.verificationPlugin", "com.example.plugin"), `it names the plugin "com.example.plugin", which is not that of AWS Signer`},
		"names it in other letters":        {but("io.cncf.notary.verificationPlugin", "COM.amazonaws.signer.notation.plugin"), "which is not that of AWS Signer"},
		"names no plugin":                  {but("io.cncf.notary.verificationPlugin", nil), "it does not name the plugin of AWS Signer"},
		"says nothing of a profile":        {but("com.amazonaws.signer.signingProfileVersion", nil), "the attribute com.amazonaws.signer.signingProfileVersion is missing"},
		"a number for a profile":           {but("com.amazonaws.signer.signingProfileVersion", 1), "the attribute com.amazonaws.signer.signingProfileVersion is missing"},
		"a profile without its version":    {but("com.amazonaws.signer.signingProfileVersion", profile), "which is none of those that may sign"},
		"the version of another profile":   {but("com.amazonaws.signer.signingProfileVersion", profile+"s/awUPb84ibN"), "made by the signing profile " + profile + "s/awUPb84ibN, which is none of those that may sign"},
		"another account's profile":        {but("com.amazonaws.signer.signingProfileVersion", strings.Replace(version, "123456789012", "210987654321", 1)), "which is none of those that may sign"},
		"another region's profile":         {but("com.amazonaws.signer.signingProfileVersion", strings.Replace(version, "eu-west-1", "eu-west-2", 1)), "which is none of those that may sign"},
		"a profile in other letters":       {but("com.amazonaws.signer.signingProfileVersion", strings.Replace(version, "shop", "Shop", 1)), "which is none of those that may sign"},
		"a profile with a path":            {but("com.amazonaws.signer.signingProfileVersion", version+"/awUPb84ibN"), "is no signing profile of AWS Signer"},
		"says nothing of a job":            {but("com.amazonaws.signer.signingJob", nil), "the attribute com.amazonaws.signer.signingJob is missing"},
		"an empty job":                     {but("com.amazonaws.signer.signingJob", ""), "the attribute com.amazonaws.signer.signingJob is missing"},
		"one more critical attribute":      {but("com.example.only.in.may", "x"), "it has the attribute com.example.only.in.may, which is not understood"},
		"made under an alias":              {but("com.amazonaws.signer.signingProfileAlias", "arn:aws:signer:eu-west-1:123456789012:/aliases/shop"), "it has the attribute com.amazonaws.signer.signingProfileAlias, which is not understood"},
		"not by a signing authority":       {plain, "its signing scheme is not that of the signatures that are wanted"},
		"expired":                          {brief, "digital signature has expired"},
		"by another root of the same name": {sound, "does not chain up to one of the trusted roots"},
		"of another image":                 {sound, "it is for another image"},
	} {
		t.Run(name, func(t *testing.T) {
			by, of := aws, one
			switch name {
			case "by another root of the same name":
				by = stranger
			case "of another image":
				of = two
			}
			asked := 0
			v, err := notation.NewSigner(signature.Signer{Profiles: []string{profile}, Certificates: root.PEM()}, func(context.Context, notation.Traces) ([]string, error) {
				asked++
				return nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			who, err := v.Verify(t.Context(), gatetest.JWS, by.Sign(t, test.how, image.OCIManifest, of, 500), artifact(one))
			switch {
			case test.want == "" && (err != nil || who != version || asked != 1):
				t.Errorf("signed by %q, %v; AWS was asked %d times", who, err, asked)
			case test.want != "" && (err == nil || who != "" || !strings.Contains(err.Error(), test.want)):
				t.Errorf("signed by %q, %v, want %q", who, err, test.want)
			case strings.Contains(test.want, "may sign") && asked > 0:
				t.Error("AWS is asked about a profile that is not trusted")
			}
		})
	}
}

// TestWhatAWSSaysOfRevocations tells what was revoked from what AWS does not answer.
func TestWhatAWSSaysOfRevocations(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	aws := root.Below(t, "between").Issue(t, "AWS Signer", gatetest.Now())
	now := time.Now().Truncate(time.Second)
	how := gatetest.BySigner(version, job)
	how.At = now
	envelope := aws.Sign(t, how, image.OCIManifest, one, 500)
	hashes := certificateHashes(t, aws.Chain())
	outage := errors.New("AWS is not there")
	for name, test := range map[string]struct {
		revoked []string
		err     error
		want    string
	}{
		"nothing":                 {nil, nil, ""},
		"the job":                 {[]string{job}, nil, "it was revoked: AWS Signer names " + job},
		"the profile's version":   {[]string{version}, nil, "names " + version},
		"the second certificate":  {[]string{hashes[1]}, nil, "names certificate 2 of its chain"},
		"a certificate and a job": {[]string{hashes[0], job}, nil, "names certificate 1 of its chain, " + job},
		"something unknown":       {[]string{"x"}, nil, "names x"},
		"no answer":               {nil, outage, outage.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			var asked notation.Traces
			v, err := notation.NewSigner(signature.Signer{Profiles: []string{version}, Certificates: root.PEM()}, func(_ context.Context, traces notation.Traces) ([]string, error) {
				asked = traces
				return test.revoked, test.err
			})
			if err != nil {
				t.Fatal(err)
			}
			who, err := v.Verify(t.Context(), gatetest.JWS, envelope, artifact(one))
			if (test.want == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), test.want) || who != "") {
				t.Errorf("signed by %q, %v, want %q", who, err, test.want)
			}
			if test.err != nil && err != test.err { //nolint:errorlint // as it is, in no words of the library
				t.Errorf("the library's words: %v", err)
			}
			if asked.Profile.String() != version || asked.Profile.Region != "eu-west-1" || asked.Job != job || !asked.At.Equal(now) {
				t.Errorf("asked about %+v", asked)
			}
			if diff := cmp.Diff(hashes, asked.CertificateHashes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// certificateHashes computes them as AWS's page does with OpenSSL: from the first part of the certificate's ASN.1.
func certificateHashes(t *testing.T, chain [][]byte) (all []string) {
	t.Helper()
	own := make([]string, 0, len(chain))
	for _, der := range chain {
		var certificate struct {
			TBS       asn1.RawValue
			Algorithm asn1.RawValue
			Signature asn1.BitString
		}
		if _, err := asn1.Unmarshal(der, &certificate); err != nil {
			t.Fatal(err)
		}
		sum := sha512.Sum384(certificate.TBS.FullBytes)
		own = append(own, hex.EncodeToString(sum[:]))
	}
	return []string{own[0] + own[1], own[1] + own[2], own[2] + own[2]}
}

func TestPoliciesOfAWSSignerThatAreWrong(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	leaf := root.Issue(t, "ours", gatetest.Now())
	for name, test := range map[string]struct {
		policy signature.Signer
		want   string
	}{
		"nobody":            {signature.Signer{Certificates: root.PEM()}, "profiles: name at least one"},
		"everybody":         {signature.Signer{Profiles: []string{"*"}, Certificates: root.PEM()}, "profiles: \"*\" is no signing profile"},
		"no root":           {signature.Signer{Profiles: []string{profile}}, "certificates: want the PEM"},
		"a leaf for a root": {signature.Signer{Profiles: []string{profile}, Certificates: leaf.PEM()}, "certificates: "},
	} {
		if _, err := notation.NewSigner(test.policy, nothing); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// FuzzVerifySigner attacks the same promise as FuzzVerify, for envelopes that name a plugin.
func FuzzVerifySigner(f *testing.F) {
	root := gatetest.NewRoot(f, "root")
	v, err := notation.NewSigner(signature.Signer{Profiles: []string{profile}, Certificates: root.PEM()}, nothing)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(gatetest.JWS, root.Issue(f, "AWS Signer", gatetest.Now()).Sign(f, gatetest.BySigner(version, job), image.OCIManifest, two, 500))
	f.Fuzz(func(t *testing.T, form string, envelope []byte) {
		if who, err := v.Verify(t.Context(), form, envelope, artifact(one)); err == nil {
			t.Fatalf("%q counts as signed by %s", envelope, who)
		}
	})
}
