package signature_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/signature"
)

func TestPoliciesOfNotation(t *testing.T) {
	const shop = "x509.subject: C=DE, ST=Hessen, O=Shop"
	for name, test := range map[string]struct {
		identities []string
		want       string // in the error; "" for none
	}{
		"a subject":             {[]string{shop}, ""},
		"two subjects":          {[]string{shop, "x509.subject: C=DE, ST=Hessen, O=Builds"}, ""},
		"nobody":                {nil, "name at least one subject"},
		"everybody":             {[]string{"*"}, "is no subject of a certificate"},
		"every subject":         {[]string{"x509.subject: *"}, "is no subject of a certificate"},
		"an empty subject":      {[]string{"x509.subject: "}, "is no subject of a certificate"},
		"a signing profile":     {[]string{shop, "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"}, "put it under gates.signature.signer.profiles"},
		"a subject twice":       {[]string{shop, shop}, "twice"},
		"an identity of Notary": {[]string{"did:web:shop"}, "is no subject of a certificate"},
	} {
		err := signature.Notation{TrustedIdentities: test.identities}.Check()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func public(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestKeysOfEachKind(t *testing.T) {
	message := []byte("what is signed")
	sum256, sum384, sum512 := sha256.Sum256(message), sha512.Sum384(message), sha512.Sum512(message)
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	r, _ := rsa.GenerateKey(rand.Reader, 2048)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	for name, test := range map[string]struct {
		key   crypto.Signer
		what  []byte
		hash  crypto.Hash
		fails bool
	}{
		"P-256":                {p256, sum256[:], crypto.SHA256, false},
		"P-384 with SHA-256":   {p384, sum256[:], crypto.SHA256, false},
		"P-384 with its own":   {p384, sum384[:], crypto.SHA384, false},
		"P-521 with its own":   {p521, sum512[:], crypto.SHA512, false},
		"RSA":                  {r, sum256[:], crypto.SHA256, false},
		"Ed25519":              {ed, message, 0, false},
		"P-256 with SHA-384":   {p256, sum384[:], crypto.SHA384, true},
		"RSA with SHA-512":     {r, sum512[:], crypto.SHA512, true},
		"P-384 with SHA-512":   {p384, sum512[:], crypto.SHA512, true},
		"P-521, cut SHA-384":   {p521, sum384[:], crypto.SHA384, true},
		"Ed25519 of a hash":    {ed, sum512[:], 0, true},
		"P-256 of other bytes": {p256, make([]byte, 32), crypto.SHA256, true},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := signature.ParseKey(public(t, test.key))
			if err != nil {
				t.Fatal(err)
			}
			sig, err := test.key.Sign(rand.Reader, test.what, test.hash)
			if err != nil {
				t.Fatal(err)
			}
			if err := key.Verify(message, sig); (err != nil) != test.fails {
				t.Errorf("verified: %v", err)
			}
			if err := key.Verify(append(message, '.'), sig); err == nil || !strings.Contains(err.Error(), "not signed by the key SHA256:") {
				t.Errorf("another message: %v", err)
			}
			if key.Verify(message, nil) == nil || (signature.Key{}).Verify(message, sig) == nil {
				t.Error("nothing counts as a signature")
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	weak, _ := rsa.GenerateKey(rand.Reader, 1024)
	private, _ := x509.MarshalPKCS8PrivateKey(weak)
	good := gatetest.NewKey(t).Public(t)
	for name, test := range map[string]struct{ text, want string }{
		"nothing":       {"", "want the PEM of a public key"},
		"a path":        {"cosign.pub", "want the PEM of a public key"},
		"a private key": {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})), "this is a private key"},
		"cosign.key":    {string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED SIGSTORE PRIVATE KEY", Bytes: private})), "this is a private key"},
		"a certificate": {gatetest.NewRoot(t, "root").PEM(), "not of a certificate"},
		"two keys":      {good + good, "nothing behind it"},
		"garbage":       {string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})), "cannot be read"},
		"a short one":   {public(t, weak), "2048 bits or more, this one 1024"},
	} {
		if _, err := signature.ParseKey(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestParseCertificates(t *testing.T) {
	one, two := gatetest.NewRoot(t, "one"), gatetest.NewRoot(t, "two")
	if all, err := signature.ParseCertificates(one.PEM() + "\n" + two.PEM()); err != nil || len(all) != 2 || all[1].Subject.CommonName != "two" {
		t.Errorf("%v, %v", all, err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":      {"", "want the PEM of certificates"},
		"a path":       {"root.pem", "want the PEM of certificates"},
		"a key":        {gatetest.NewKey(t).Public(t), "want certificates alone, not a public key"},
		"one and more": {one.PEM() + "and so on", "want the PEM of certificates"},
		"garbage":      {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), "certificate 1 cannot be read"},
	} {
		if _, err := signature.ParseCertificates(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// FuzzParseKey attacks the promise that a key which is read is one that can verify.
func FuzzParseKey(f *testing.F) {
	f.Add(gatetest.NewKey(f).Public(f))
	f.Add("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := signature.ParseKey(text)
		if err == nil && (len(key.Fingerprint()) != 71 || key.Verify([]byte(text), []byte(text)) == nil) {
			t.Fatalf("%q is read as the key %s", text, key.Fingerprint())
		}
	})
}
