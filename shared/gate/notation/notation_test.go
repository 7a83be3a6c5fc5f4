package notation_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/notation"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

func artifact(d image.Digest) notation.Artifact {
	return notation.Artifact{Reference: "127.0.0.1:4566/shop/web@" + string(d), MediaType: image.OCIManifest, Digest: d, Size: 500}
}

func TestVerify(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	ours, other := root.Issue(t, "ours", gatetest.Now()), root.Issue(t, "other", gatetest.Now())
	stranger := gatetest.NewRoot(t, "root").Issue(t, "ours", gatetest.Now())
	v, err := notation.New(signature.Notation{TrustedIdentities: []string{ours.Identity()}, Certificates: root.PEM()})
	if err != nil {
		t.Fatal(err)
	}
	jws := gatetest.Signing{Form: gatetest.JWS}
	sound := ours.Sign(t, jws, image.OCIManifest, one, 500)
	for name, test := range map[string]struct {
		form     string
		envelope []byte
		want     string // in the error; "" for none
	}{
		"signed, as JWS":                {gatetest.JWS, sound, ""},
		"signed, as COSE":               {gatetest.COSE, ours.Sign(t, gatetest.Signing{Form: gatetest.COSE}, image.OCIManifest, one, 500), ""},
		"for a day":                     {gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS, Lifetime: 24 * time.Hour}, image.OCIManifest, one, 500), ""},
		"another form than it says":     {gatetest.COSE, sound, "parse"},
		"a form that nobody knows":      {"text/plain", sound, "parse"},
		"of another image":              {gatetest.JWS, ours.Sign(t, jws, image.OCIManifest, two, 500), "it is for another image"},
		"of another size":               {gatetest.JWS, ours.Sign(t, jws, image.OCIManifest, one, 501), "it is for another image"},
		"of another type":               {gatetest.JWS, ours.Sign(t, jws, image.OCIIndex, one, 500), "it is for another image"},
		"another subject":               {gatetest.JWS, other.Sign(t, jws, image.OCIManifest, one, 500), "does not match the X.509 trusted identities"},
		"another root of the same name": {gatetest.JWS, stranger.Sign(t, jws, image.OCIManifest, one, 500), "does not chain up to one of the trusted roots"},
		"a critical attribute":          {gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS, Critical: map[string]any{"com.example.only.in.may": "x"}}, image.OCIManifest, one, 500), "critical attribute com.example.only.in.may, which is not understood"},
		"one of AWS Signer":             {gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS, Critical: map[string]any{"io.cncf.notary.verificationPlugin": "x"}}, image.OCIManifest, one, 500), "a plugin alone, as those of AWS Signer"},
		"a signing authority":           {gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS, Authority: true}, image.OCIManifest, one, 500), "its signing scheme is not that of the signatures that are wanted"},
		"a broken signature":            {gatetest.JWS, []byte(strings.Replace(string(sound), `"signature":"`, `"signature":"AAAA`, 1)), ""},
		"nothing":                       {gatetest.JWS, nil, "parse"},
		"an empty object":               {gatetest.JWS, []byte("{}"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			subject, err := v.Verify(t.Context(), test.form, test.envelope, artifact(one))
			sound := test.want == "" && (strings.HasPrefix(name, "signed") || name == "for a day")
			if (err == nil) != sound {
				t.Fatalf("signed by %q, %v", subject, err)
			}
			if sound && subject != "CN=ours,O=Shop,ST=Hessen,C=DE" {
				t.Errorf("signed by %q", subject)
			}
			if !sound && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestWhatHasExpired waits for the end of a signature and for that of a certificate: the library asks the machine's clock.
func TestWhatHasExpired(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	ours := root.Issue(t, "ours", gatetest.Now())
	v, err := notation.New(signature.Notation{TrustedIdentities: []string{ours.Identity()}, Certificates: root.PEM()})
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(2 * time.Second)
	dying := root.Issue(t, "ours", gatetest.Valid{From: time.Now().Add(-48 * time.Hour), Until: soon})
	forASecond := ours.Sign(t, gatetest.Signing{Form: gatetest.JWS, Lifetime: time.Second}, image.OCIManifest, one, 500)
	byTheDying := dying.Sign(t, gatetest.Signing{Form: gatetest.JWS}, image.OCIManifest, one, 500)
	time.Sleep(time.Until(soon.Add(time.Second)))
	if _, err := v.Verify(t.Context(), gatetest.JWS, forASecond, artifact(one)); err == nil || !strings.Contains(err.Error(), "digital signature has expired") {
		t.Errorf("a signature: %v", err)
	}
	if _, err := v.Verify(t.Context(), gatetest.JWS, byTheDying, artifact(one)); err == nil || !strings.Contains(err.Error(), "it was expired at") {
		t.Errorf("a certificate: %v", err)
	}
}

func TestPoliciesThatAreWrong(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	leaf := root.Issue(t, "ours", gatetest.Now())
	for name, test := range map[string]struct {
		policy signature.Notation
		want   string
	}{
		"nobody":            {signature.Notation{Certificates: root.PEM()}, "trustedIdentities: name at least one subject"},
		"everybody":         {signature.Notation{TrustedIdentities: []string{"*"}, Certificates: root.PEM()}, "no subject of a certificate"},
		"half a name":       {signature.Notation{TrustedIdentities: []string{"x509.subject: O=Shop"}, Certificates: root.PEM()}, "trustedIdentities: "},
		"one in another":    {signature.Notation{TrustedIdentities: []string{"x509.subject: C=DE,ST=Hessen,O=Shop", leaf.Identity()}, Certificates: root.PEM()}, "overlap"},
		"AWS Signer":        {signature.Notation{TrustedIdentities: []string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"}, Certificates: root.PEM()}, "gates.signature.signer.profiles"},
		"no root":           {signature.Notation{TrustedIdentities: []string{leaf.Identity()}}, "certificates: want the PEM"},
		"a leaf for a root": {signature.Notation{TrustedIdentities: []string{leaf.Identity()}, Certificates: leaf.PEM()}, "certificates: "},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := notation.New(test.policy); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// FuzzVerify attacks the promise that no envelope but the one that was signed counts, and that none breaks the step.
func FuzzVerify(f *testing.F) {
	root := gatetest.NewRoot(f, "root")
	ours := root.Issue(f, "ours", gatetest.Now())
	v, err := notation.New(signature.Notation{TrustedIdentities: []string{ours.Identity()}, Certificates: root.PEM()})
	if err != nil {
		f.Fatal(err)
	}
	for _, form := range []string{gatetest.JWS, gatetest.COSE} {
		f.Add(form, ours.Sign(f, gatetest.Signing{Form: form}, image.OCIManifest, two, 500))
	}
	f.Fuzz(func(t *testing.T, form string, envelope []byte) {
		if subject, err := v.Verify(t.Context(), form, envelope, artifact(one)); err == nil {
			t.Fatalf("%q counts as signed by %s", envelope, subject)
		}
	})
}
