// Package cosign answers whether cosign signed an image with a known key.
//
// A signature is either a payload of "simple signing", whose signature is an annotation of the layer that holds it, or,
// since cosign 3, a bundle of Sigstore with a statement of in-toto. Of either, what is signed names the image's digest.
// The transparency log is not asked: a key is trusted because the configuration names it.
//
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
package cosign

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"fairlead/shared/gate/envelope"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	// PayloadType is the media type of a layer that is a payload of simple signing.
	PayloadType = "application/vnd.dev.cosign.simplesigning.v1+json"
	// Annotation is where the signature of such a layer stands, in base64.
	Annotation = "dev.cosignproject.cosign/signature"
	// predicateType is that of a statement which says no more than that its subject is signed.
	predicateType = "https://sigstore.dev/cosign/sign/v1"
	// payloadKind is what a payload of simple signing says it is.
	payloadKind = "cosign container image signature"
)

// payload is what simple signing signs:
// https://github.com/containers/image/blob/main/docs/containers-signature.5.md
type payload struct {
	Critical struct {
		Image struct {
			Digest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
}

// VerifyPayload says whether the key signed a payload for the image with this digest, nil if so. The name of the
// repository in it is not looked at: a digest names one content, wherever it lies.
func VerifyPayload(content []byte, annotation string, key signature.Key, digest image.Digest) error {
	sig, err := base64.StdEncoding.DecodeString(annotation)
	if err != nil || len(sig) == 0 {
		return errors.New("its annotation " + Annotation + " holds no signature in base64")
	}
	if err := key.Verify(content, sig); err != nil {
		return err
	}
	var p payload
	if err := json.Unmarshal(content, &p); err != nil {
		return fmt.Errorf("what is signed is no JSON of the known form: %w", err)
	}
	switch {
	case p.Critical.Type != payloadKind:
		return fmt.Errorf("what is signed calls itself %q, want %q", p.Critical.Type, payloadKind)
	case p.Critical.Image.Digest != string(digest):
		return fmt.Errorf("it is for another image, %s", p.Critical.Image.Digest)
	}
	return nil
}

// ErrOther is the error of a bundle that is signed by the key and holds something else than a signature.
var ErrOther = errors.New("it is an attestation, not a signature")

// VerifyBundle says whether the key signed a bundle for the image with this digest, nil if so.
func VerifyBundle(raw []byte, key signature.Key, digest image.Digest) error {
	statement, err := envelope.Open(raw, key)
	if err != nil {
		return err
	}
	if statement.PredicateType != predicateType {
		return ErrOther
	}
	return statement.About(digest)
}
