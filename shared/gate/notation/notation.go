// Package notation answers whether a signature of the Notary Project vouches for an image, by the project's own library at
// its strictest level: the signature is whole, its certificate chains up to a trusted root and has a trusted subject,
// nothing of it has expired, and nothing has been revoked.
//
// Certificates that name no OCSP responder and no revocation list cannot be revoked. For the others the function asks the
// one that they name, and a responder that does not answer counts as a refusal. Time is the machine's: the library asks
// no other clock.
//
// https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md
package notation

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	core "github.com/notaryproject/notation-core-go/signature"
	_ "github.com/notaryproject/notation-core-go/signature/cose" // the two forms of envelopes
	_ "github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

// ArtifactType is that of a signature among an image's referrers.
const ArtifactType = "application/vnd.cncf.notary.signature"

// Artifact is what has to be signed, as its descriptor: a signature is for all three.
type Artifact struct {
	Reference string // repository@digest
	MediaType string
	Digest    image.Digest
	Size      int64
}

// Verifier holds signatures against one policy.
type Verifier struct{ verifier notation.Verifier }

// New makes the verifier of a policy, or says what is wrong with the policy.
func New(policy signature.Notation) (Verifier, error) {
	if err := policy.Check(); err != nil {
		return Verifier{}, fmt.Errorf("trustedIdentities: %w", err)
	}
	roots, err := signature.ParseCertificates(policy.Certificates)
	if err == nil {
		err = truststore.ValidateCertificates(roots)
	}
	if err != nil {
		return Verifier{}, fmt.Errorf("certificates: %w", err)
	}
	document := &trustpolicy.Document{Version: "1.0", TrustPolicies: []trustpolicy.TrustPolicy{{
		Name: "gate", RegistryScopes: []string{"*"}, TrustStores: []string{"ca:gate"}, TrustedIdentities: policy.TrustedIdentities,
		SignatureVerification: trustpolicy.SignatureVerification{VerificationLevel: trustpolicy.LevelStrict.Name},
	}}}
	made, err := verifier.New(document, store(roots), nil)
	if err != nil {
		return Verifier{}, fmt.Errorf("trustedIdentities: %w", err)
	}
	return Verifier{made}, nil
}

// store is the one trust store that the policy names: authorities, and neither signing authorities nor any of timestamps.
type store []*x509.Certificate

// GetCertificates implements [truststore.X509TrustStore].
func (s store) GetCertificates(context.Context, truststore.Type, string) ([]*x509.Certificate, error) {
	return s, nil
}

// Verify returns the subject of the certificate that signed the artifact in an envelope, or an error that says why the
// envelope does not count.
func (v Verifier) Verify(ctx context.Context, mediaType string, envelope []byte, a Artifact) (subject string, err error) {
	defer func() { // the envelope is a stranger's: a parser that breaks over it must not look like an outage
		if cause := recover(); cause != nil {
			subject, err = "", fmt.Errorf("it breaks its parser: %v", cause)
		}
	}()
	described := ocispec.Descriptor{MediaType: a.MediaType, Digest: digest.Digest(a.Digest), Size: a.Size}
	outcome, err := v.verifier.Verify(ctx, described, envelope, notation.VerifierVerifyOptions{
		ArtifactReference: a.Reference, SignatureMediaType: mediaType})
	switch {
	case err != nil:
		return "", explain(err)
	case outcome.EnvelopeContent == nil || len(outcome.EnvelopeContent.SignerInfo.CertificateChain) == 0:
		return "", errors.New("it names no certificate")
	}
	signer := outcome.EnvelopeContent.SignerInfo
	for _, attribute := range signer.SignedAttributes.ExtendedAttributes {
		if attribute.Critical { // only a plugin knows what it means, and there is none
			return "", fmt.Errorf("it has the critical attribute %v, which is not understood", attribute.Key)
		}
	}
	return signer.CertificateChain[0].Subject.String(), nil
}

// explain puts the library's words for what is most likely into ours.
func explain(err error) error {
	var foreign *core.SignatureAuthenticityError
	switch {
	case errors.As(err, &foreign):
		return errors.New("its certificate does not chain up to one of the trusted roots")
	case strings.Contains(err.Error(), "content descriptor mismatch"):
		return errors.New("it is for another image")
	case strings.Contains(err.Error(), "plugin unsupported"):
		return errors.New("it can be verified by a plugin alone, as those of AWS Signer, which is not supported")
	}
	return err
}
