// Package signature answers who must have signed an image before it may be deployed: the gate "signature" of a service.
//
// It holds what the configuration says and what the state CheckSignature found. How each kind of signature is verified
// stands in the packages beside it, which need more libraries: only the function of that state imports them.
package signature

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Policy is the gate: signatures of exactly one kind, by whom.
type Policy struct {
	Notation *Notation `json:"notation,omitempty"`
	Cosign   *Cosign   `json:"cosign,omitempty"`
	Signer   *Signer   `json:"signer,omitempty"`
}

// Notation wants a signature of the Notary Project, by a certificate below one of these roots.
// https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md
type Notation struct {
	// TrustedIdentities are the subjects of the certificates that may sign: "x509.subject: C=DE, ST=Hessen, O=Shop".
	TrustedIdentities []string `json:"trustedIdentities"`
	// Certificates are the roots, as PEM.
	Certificates string `json:"certificates"`
}

// Cosign wants a signature of cosign, by one key.
type Cosign struct {
	PublicKey string `json:"publicKey"` // PEM
}

// identityPrefix begins an identity that can be told from a certificate.
const identityPrefix = "x509.subject:"

// Check says what is wrong with the identities, in the words of the configuration; nil for nothing. That they are
// distinguished names which do not overlap, notation itself checks.
func (n Notation) Check() error {
	if len(n.TrustedIdentities) == 0 {
		return errors.New(`name at least one subject that may sign: "x509.subject: C=DE, ST=Hessen, O=Shop"`)
	}
	for _, identity := range n.TrustedIdentities {
		name, isSubject := strings.CutPrefix(identity, identityPrefix)
		switch {
		case strings.HasPrefix(identity, "arn:"):
			return fmt.Errorf("%q is a signing profile of AWS Signer, a kind of its own: put it under gates.signature.signer.profiles", identity)
		case !isSubject || strings.TrimSpace(name) == "" || strings.Contains(name, "*"):
			return fmt.Errorf(`%q is no subject of a certificate, in full: want "x509.subject: C=DE, ST=Hessen, O=Shop"`, identity)
		}
	}
	if sorted := slices.Sorted(slices.Values(n.TrustedIdentities)); len(slices.Compact(sorted)) != len(n.TrustedIdentities) {
		return errors.New("it names a subject twice")
	}
	return nil
}

// Checked is what CheckSignature found, under the key "signature" of the document. Every field is always present; those
// of a gate that is off are empty.
type Checked struct {
	Reason string `json:"reason"` // a sentence
	Digest string `json:"digest"` // what is vouched for: the very digest that is deployed

	Kind     string `json:"kind"`     // of the signature: "notation", "cosign" or "signer"
	SignedBy string `json:"signedBy"` // the certificate's subject, the key's fingerprint, or the ARN of the signing profile's version
	SignedIn string `json:"signedIn"` // the digest of the manifest that holds the signature

	Builder  string `json:"builder"`  // the provenance's
	Source   string `json:"source"`   // the provenance's, as it stands there
	ProvedIn string `json:"provedIn"` // the digest of the manifest that holds the provenance
}
