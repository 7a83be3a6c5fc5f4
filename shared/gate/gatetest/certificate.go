package gatetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	core "github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/signer"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"fairlead/shared/image"
)

// JWS and COSE are the media types of the two forms of notation's envelopes.
const (
	JWS  = "application/jose+json"
	COSE = "application/cose"
)

// Certificate is one with its private key.
type Certificate struct {
	certificate *x509.Certificate
	private     *ecdsa.PrivateKey
	chain       []*x509.Certificate // it and what it is below
}

// Valid says from when until when a certificate is valid.
type Valid struct{ From, Until time.Time }

// Now is around the present time, which is the only one that notation knows.
func Now() Valid { return Valid{time.Now().Add(-48 * time.Hour), time.Now().Add(48 * time.Hour)} }

// NewRoot makes the certificate of an authority.
func NewRoot(t testing.TB, name string) Certificate {
	t.Helper()
	return issue(t, &x509.Certificate{Subject: subject(name), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}, Now(), nil)
}

// Below makes the certificate of an authority below the authority.
func (c Certificate) Below(t testing.TB, name string) Certificate {
	t.Helper()
	return issue(t, &x509.Certificate{Subject: subject(name), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign}, Now(), &c)
}

// Issue makes a certificate that signs code, below the authority.
func (c Certificate) Issue(t testing.TB, name string, valid Valid) Certificate {
	t.Helper()
	return c.IssueRevocable(t, name, valid, nil, nil)
}

// IssueRevocable is Issue for a certificate that names OCSP responders and revocation lists, by their URLs.
func (c Certificate) IssueRevocable(t testing.TB, name string, valid Valid, responders, lists []string) Certificate {
	t.Helper()
	return issue(t, &x509.Certificate{Subject: subject(name), KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, OCSPServer: responders, CRLDistributionPoints: lists}, valid, &c)
}

// Identity is the certificate's subject as a trusted identity of the configuration.
func (c Certificate) Identity() string { return "x509.subject: " + c.certificate.Subject.String() }

// PEM is the certificate without its key.
func (c Certificate) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.certificate.Raw}))
}

// Chain is the certificate and those that it is below, as DER.
func (c Certificate) Chain() (chain [][]byte) {
	for _, one := range c.chain {
		chain = append(chain, one.Raw)
	}
	return chain
}

// Signing says how an artifact is signed.
type Signing struct {
	Form     string        // JWS or COSE
	Lifetime time.Duration // of the signature; 0 for no end
	// Critical are attributes that whoever verifies has to understand, and Authority is the scheme of signing services, as
	// AWS Signer has both.
	Critical  map[string]any
	Authority bool
	At        time.Time // when it is said to be signed; the zero time is now
}

// BySigner is how AWS Signer signs, with a version of a signing profile, in a signing job.
func BySigner(profileVersion, job string) Signing {
	return Signing{Form: JWS, Authority: true, Lifetime: 135 * 30 * 24 * time.Hour, Critical: map[string]any{
		"io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin", "com.amazonaws.signer.signingProfileVersion": profileVersion,
		"com.amazonaws.signer.signingJob": job}}
}

// Sign signs an artifact as `notation sign` does, and returns the envelope.
func (c Certificate) Sign(t testing.TB, how Signing, mediaType string, d image.Digest, size int64) []byte {
	t.Helper()
	described := ocispec.Descriptor{MediaType: mediaType, Digest: digest.Digest(d), Size: size}
	if how.Critical != nil || how.Authority {
		return c.signAsService(t, how, described)
	}
	s, err := signer.NewGenericSigner(c.private, c.chain)
	check(t, err)
	envelope, _, err := s.Sign(t.Context(), described, notation.SignerSignOptions{SignatureMediaType: how.Form, ExpiryDuration: how.Lifetime})
	check(t, err)
	return envelope
}

// signAsService signs in a way that `notation sign` itself does not.
func (c Certificate) signAsService(t testing.TB, how Signing, described ocispec.Descriptor) []byte {
	t.Helper()
	local, err := core.NewLocalSigner(c.chain, c.private)
	check(t, err)
	request := &core.SignRequest{Signer: local, SigningTime: how.At, SigningScheme: core.SigningSchemeX509,
		Payload: core.Payload{ContentType: "application/vnd.cncf.notary.payload.v1+json", Content: marshal(t, map[string]any{"targetArtifact": described})}}
	if how.At.IsZero() {
		request.SigningTime = time.Now()
	}
	if how.Lifetime > 0 {
		request.Expiry = request.SigningTime.Add(how.Lifetime)
	}
	for key, value := range how.Critical {
		request.ExtendedSignedAttributes = append(request.ExtendedSignedAttributes, core.Attribute{Key: key, Critical: true, Value: value})
	}
	if how.Authority {
		request.SigningScheme = core.SigningSchemeX509SigningAuthority
	}
	envelope, err := core.NewEnvelope(how.Form)
	check(t, err)
	raw, err := envelope.Sign(request)
	check(t, err)
	return raw
}

func subject(name string) pkix.Name {
	return pkix.Name{Country: []string{"DE"}, Province: []string{"Hessen"}, Organization: []string{"Shop"}, CommonName: name}
}

// issue signs a certificate: by the one above it, or by itself.
func issue(t testing.TB, template *x509.Certificate, valid Valid, above *Certificate) Certificate {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	check(t, err)
	template.NotBefore, template.NotAfter = valid.From, valid.Until
	parent := Certificate{certificate: template, private: private}
	if above != nil {
		parent = *above
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, private.Public(), parent.private)
	check(t, err)
	made, err := x509.ParseCertificate(der)
	check(t, err)
	return Certificate{made, private, append([]*x509.Certificate{made}, parent.chain...)}
}
