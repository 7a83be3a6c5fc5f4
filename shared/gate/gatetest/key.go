// Package gatetest signs images as cosign and notation do, with keys and certificates that a test makes.
package gatetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

// Key signs as cosign does with a key that it has generated.
type Key struct{ private *ecdsa.PrivateKey }

// NewKey makes a key.
func NewKey(t testing.TB) Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return Key{private}
}

// Public is the PEM of the public key, as in cosign.pub.
func (k Key) Public(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(k.private.Public())
	check(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// Parsed is the public half as a gate's configuration has it.
func (k Key) Parsed(t testing.TB) signature.Key {
	t.Helper()
	parsed, err := signature.ParseKey(k.Public(t))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Sign signs a message.
func (k Key) Sign(t testing.TB, message []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(message)
	sig, err := ecdsa.SignASN1(rand.Reader, k.private, sum[:])
	check(t, err)
	return sig
}

// Payload is a payload of simple signing for an image, and its signature for the annotation.
func (k Key) Payload(t testing.TB, digest image.Digest) (content []byte, annotation string) {
	t.Helper()
	content = []byte(`{"critical":{"identity":{"docker-reference":"shop/web"},"image":{"docker-manifest-digest":"` + string(digest) +
		`"},"type":"cosign container image signature"},"optional":null}`)
	return content, base64.StdEncoding.EncodeToString(k.Sign(t, content))
}

// Envelope puts a statement into an envelope and signs it.
func (k Key) Envelope(t testing.TB, statement []byte) []byte {
	t.Helper()
	return marshal(t, k.envelope(t, statement))
}

func (k Key) envelope(t testing.TB, statement []byte) dsse.Envelope {
	t.Helper()
	const kind = "application/vnd.in-toto+json"
	return dsse.Envelope{PayloadType: kind, Payload: base64.StdEncoding.EncodeToString(statement),
		Signatures: []dsse.Signature{{Sig: base64.StdEncoding.EncodeToString(k.Sign(t, dsse.PAE(kind, statement)))}}}
}

// BundleType is the media type of a bundle of Sigstore.
const BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// Bundle puts a statement into a bundle of Sigstore and signs it.
func (k Key) Bundle(t testing.TB, statement []byte) []byte {
	t.Helper()
	return marshal(t, map[string]any{"mediaType": BundleType, "dsseEnvelope": k.envelope(t, statement),
		"verificationMaterial": map[string]any{"publicKey": map[string]string{"hint": "a hint"}, "tlogEntries": []any{}}})
}

// SignStatement is the statement by which cosign says that an image is signed.
func SignStatement(t testing.TB, digest image.Digest) []byte {
	t.Helper()
	return Statement(t, "https://sigstore.dev/cosign/sign/v1", digest, map[string]any{})
}

// Statement says something about an image.
func Statement(t testing.TB, predicateType string, digest image.Digest, predicate any) []byte {
	t.Helper()
	return marshal(t, map[string]any{"_type": "https://in-toto.io/Statement/v1", "predicateType": predicateType, "predicate": predicate,
		"subject": []any{map[string]any{"name": "shop/web", "digest": map[string]string{"sha256": strings.TrimPrefix(string(digest), "sha256:")}}}})
}

// Provenance is a provenance of SLSA, version 1, as GitHub's own action writes it.
func Provenance(t testing.TB, digest image.Digest, builder, source string) []byte {
	t.Helper()
	return Statement(t, "https://slsa.dev/provenance/v1", digest, map[string]any{
		"buildDefinition": map[string]any{
			"buildType": "https://actions.github.io/buildtypes/workflow/v1",
			"externalParameters": map[string]any{"workflow": map[string]string{
				"ref": "refs/heads/main", "repository": source, "path": ".github/workflows/push.yml"}},
			"resolvedDependencies": []any{map[string]any{"uri": "git+" + source + "@refs/heads/main",
				"digest": map[string]string{"gitCommit": strings.Repeat("a", 40)}}},
		},
		"runDetails": map[string]any{"builder": map[string]string{"id": builder},
			"metadata": map[string]string{"invocationId": source + "/actions/runs/1/attempts/1"}},
	})
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	check(t, err)
	return raw
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
