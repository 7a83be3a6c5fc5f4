// Package envelope answers who vouches for a statement: it opens a signed envelope, or a bundle of Sigstore that holds one,
// if a known key has signed it.
//
// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md
package envelope

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"fairlead/shared/gate/intoto"
	"fairlead/shared/gate/signature"
)

// payloadType is that of a statement.
const payloadType = "application/vnd.in-toto+json"

// maxSignatures bounds the signatures of an envelope that are tried.
const maxSignatures = 20

// Open returns the statement in an envelope, or in a bundle of Sigstore that holds one, if the key has signed it.
func Open(raw []byte, key signature.Key) (intoto.Statement, error) {
	envelope, err := unwrap(raw)
	if err != nil {
		return intoto.Statement{}, err
	}
	if err := verify(envelope, key); err != nil {
		return intoto.Statement{}, err
	}
	if envelope.PayloadType != payloadType {
		return intoto.Statement{}, fmt.Errorf("it holds no statement of in-toto, but %q", envelope.PayloadType)
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		return intoto.Statement{}, fmt.Errorf("its payload is no base64: %w", err)
	}
	return intoto.Parse(payload)
}

// bundle is what is read of a bundle of Sigstore: https://docs.sigstore.dev/about/bundle/
type bundle struct {
	MediaType string         `json:"mediaType"`
	Envelope  *dsse.Envelope `json:"dsseEnvelope"`
	Material  struct {
		Key         json.RawMessage `json:"publicKey"`
		Chain       json.RawMessage `json:"x509CertificateChain"`
		Certificate json.RawMessage `json:"certificate"`
	} `json:"verificationMaterial"`
}

// unwrap finds the envelope.
func unwrap(raw []byte) (*dsse.Envelope, error) {
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("it is no JSON of the known form: %w", err)
	}
	if b.MediaType == "" {
		var envelope dsse.Envelope
		if err := json.Unmarshal(raw, &envelope); err != nil {
			return nil, fmt.Errorf("it is no envelope of the known form: %w", err)
		}
		return &envelope, nil
	}
	switch {
	case !strings.HasPrefix(b.MediaType, "application/vnd.dev.sigstore.bundle"):
		return nil, fmt.Errorf("it is of the unknown type %q", b.MediaType)
	case b.Material.Certificate != nil || b.Material.Chain != nil:
		return nil, errors.New("it is signed without a key, by a certificate of Sigstore's network, which is not supported: sign with a key")
	case b.Envelope == nil:
		return nil, errors.New("it holds no envelope")
	}
	return b.Envelope, nil
}

// verify holds the envelope's signatures against the key: one has to be its.
func verify(envelope *dsse.Envelope, key signature.Key) error {
	if n := len(envelope.Signatures); n > maxSignatures {
		return fmt.Errorf("it has %d signatures, at most %d are tried", n, maxSignatures)
	}
	for i := range envelope.Signatures {
		envelope.Signatures[i].KeyID = "" // a hint of whoever signed: it must not decide which key is tried
	}
	verifier, err := dsse.NewEnvelopeVerifier(trusted{key})
	if err != nil {
		return fmt.Errorf("its signature cannot be checked: %w", err)
	}
	switch _, err := verifier.Verify(context.Background(), envelope); {
	case errors.Is(err, dsse.ErrNoSignature):
		return errors.New("it is not signed")
	case err != nil:
		return errors.New("it is not signed by the key " + key.Fingerprint())
	}
	return nil
}

// trusted is the one key, as the envelope's verifier wants it.
type trusted struct{ key signature.Key }

func (t trusted) Verify(_ context.Context, data, sig []byte) error { return t.key.Verify(data, sig) }

func (t trusted) KeyID() (string, error) { return t.key.Fingerprint(), nil }

func (t trusted) Public() crypto.PublicKey { return nil }
