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
	"slices"
	"strings"

	core "github.com/notaryproject/notation-core-go/signature"
	_ "github.com/notaryproject/notation-core-go/signature/cose" // the two forms of envelopes
	_ "github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/plugin"
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
type Verifier struct {
	document *trustpolicy.Document
	roots    store
	profiles []signature.Profile // of AWS Signer; none for signatures by certificates of one's own
	revoked  Revocations
}

// New makes the verifier of a policy, or says what is wrong with the policy.
func New(policy signature.Notation) (Verifier, error) {
	if err := policy.Check(); err != nil {
		return Verifier{}, fmt.Errorf("trustedIdentities: %w", err)
	}
	v := Verifier{document: document("ca", policy.TrustedIdentities)}
	if _, err := verifier.New(v.document, v.roots, nil); err != nil {
		return Verifier{}, fmt.Errorf("trustedIdentities: %w", err)
	}
	return v.with(policy.Certificates)
}

// document is a trust policy at the strictest level, with one store of certificates.
func document(storeType string, identities []string) *trustpolicy.Document {
	return &trustpolicy.Document{Version: "1.0", TrustPolicies: []trustpolicy.TrustPolicy{{
		Name: "gate", RegistryScopes: []string{"*"}, TrustStores: []string{storeType + ":gate"}, TrustedIdentities: identities,
		SignatureVerification: trustpolicy.SignatureVerification{VerificationLevel: trustpolicy.LevelStrict.Name},
	}}}
}

// with is the verifier with its roots.
func (v Verifier) with(certificates string) (Verifier, error) {
	roots, err := signature.ParseCertificates(certificates)
	if err == nil {
		err = truststore.ValidateCertificates(roots)
	}
	if err != nil {
		return Verifier{}, fmt.Errorf("certificates: %w", err)
	}
	v.roots = roots
	return v, nil
}

// store is the one trust store that the policy names: authorities or signing authorities, and never any of timestamps.
type store []*x509.Certificate

// GetCertificates implements [truststore.X509TrustStore].
func (s store) GetCertificates(context.Context, truststore.Type, string) ([]*x509.Certificate, error) {
	return s, nil
}

// Verify returns who signed the artifact in an envelope, the certificate's subject or the signing profile's version, or an
// error that says why the envelope does not count. Where AWS Signer was asked and did not answer, that is the error as it is.
func (v Verifier) Verify(ctx context.Context, mediaType string, envelope []byte, a Artifact) (by string, err error) {
	defer func() { // the envelope is a stranger's: a parser that breaks over it must not look like an outage
		if cause := recover(); cause != nil {
			by, err = "", fmt.Errorf("it breaks its parser: %v", cause)
		}
	}()
	if v.profiles != nil {
		return v.verifySigner(ctx, mediaType, envelope, a)
	}
	signer, err := v.verify(ctx, nil, mediaType, envelope, a)
	if err != nil {
		return "", explain(err)
	}
	return signer.CertificateChain[0].Subject.String(), nil
}

// verify lets the library verify, with the plugins that a manager has, or with none. Every critical attribute has to be one
// that the plugin understands.
func (v Verifier) verify(ctx context.Context, plugins plugin.Manager, mediaType string, envelope []byte, a Artifact, understood ...any) (core.SignerInfo, error) {
	library, err := verifier.New(v.document, v.roots, plugins)
	if err != nil {
		return core.SignerInfo{}, err
	}
	described := ocispec.Descriptor{MediaType: a.MediaType, Digest: digest.Digest(a.Digest), Size: a.Size}
	outcome, err := library.Verify(ctx, described, envelope, notation.VerifierVerifyOptions{
		ArtifactReference: a.Reference, SignatureMediaType: mediaType})
	switch {
	case err != nil:
		return core.SignerInfo{}, err
	case outcome.EnvelopeContent == nil || len(outcome.EnvelopeContent.SignerInfo.CertificateChain) == 0:
		return core.SignerInfo{}, errors.New("it names no certificate")
	}
	signer := outcome.EnvelopeContent.SignerInfo
	for _, attribute := range signer.SignedAttributes.ExtendedAttributes {
		if attribute.Critical && !slices.Contains(understood, attribute.Key) {
			return core.SignerInfo{}, fmt.Errorf("it has the critical attribute %v, which is not understood", attribute.Key)
		}
	}
	return signer, nil
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
		return errors.New("it can be verified by a plugin alone, as those of AWS Signer, which gates.signature.signer takes")
	case strings.Contains(err.Error(), "no trusted certificates are found"):
		return errors.New("its signing scheme is not that of the signatures that are wanted: those of AWS Signer are by a signing authority, others are not")
	}
	return err
}
