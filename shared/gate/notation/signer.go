package notation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fairlead/shared/gate/signature"
)

// Traces are what a signature of AWS Signer has left there, by which it can be revoked.
type Traces struct {
	Profile           signature.Profile // the version that has signed
	Job               string            // the signing job's ARN
	At                time.Time
	CertificateHashes []string // of the chain, as AWS Signer names certificates
}

// Revocations asks AWS Signer which of a signature's traces have been revoked, and returns them as AWS names them. An error
// says that AWS has not answered.
type Revocations func(context.Context, Traces) ([]string, error)

// NewSigner makes the verifier of signatures of AWS Signer, or says what is wrong with the policy. AWS signs for all its
// customers below one root: what tells them apart is the signing profile, which the envelope names and AWS vouches for.
//
// These signatures name a plugin of the Notary Project that has to look at the profile and to ask for revocations. AWS's
// own is a program; this one does the same in process, and is stricter: letters count in ARNs.
//
// https://docs.aws.amazon.com/signer/latest/developerguide/image-verification.html
func NewSigner(policy signature.Signer, revoked Revocations) (Verifier, error) {
	profiles, err := policy.Trusted()
	if err != nil {
		return Verifier{}, fmt.Errorf("profiles: %w", err)
	}
	return Verifier{document: document("signingAuthority", policy.Profiles), profiles: profiles, revoked: revoked}.with(policy.Certificates)
}

// verifySigner verifies a signature of AWS Signer, and nothing counts that its plugin has not seen.
func (v Verifier) verifySigner(ctx context.Context, mediaType string, envelope []byte, a Artifact) (string, error) {
	one := &verification{profiles: v.profiles, revoked: v.revoked}
	_, err := v.verify(ctx, one, mediaType, envelope, a, headerPlugin, headerMinVersion, attributeProfile, attributeJob)
	switch {
	case one.err != nil:
		return "", one.err
	case err != nil && strings.Contains(err.Error(), "no x509 trusted identities"), err == nil && one.by == "":
		return "", errors.New("it does not name the plugin of AWS Signer, so it is none of AWS Signer's")
	case err != nil:
		return "", explain(err)
	}
	return one.by, nil
}
