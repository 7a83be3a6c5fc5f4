package checksignature

import (
	"context"
	"errors"
	"fmt"

	"fairlead/shared/fault"
	"fairlead/shared/gate/cosign"
	"fairlead/shared/gate/notation"
	"fairlead/shared/gate/signature"
)

// Types of artifacts among an image's referrers.
const (
	// cosignType is that of cosign's signatures where they are not under a tag.
	cosignType = "application/vnd.dev.cosign.artifact.sig.v1+json"
	// bundleType is that of cosign's signatures and attestations since its version 3, and of the blob in them.
	bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
	// predicateHint is where cosign notes beside a bundle what is in it. It only spares a look.
	predicateHint = "dev.sigstore.bundle.predicateType"
	signPredicate = "https://sigstore.dev/cosign/sign/v1"
)

// checkSignature looks for a signature of the kind that is wanted.
func (v *verification) checkSignature(ctx context.Context) error {
	switch wanted := v.gates.Signature; {
	case wanted.Notation != nil:
		verifier, err := notation.New(*wanted.Notation)
		if err != nil {
			return invalid("gates.signature.notation", err)
		}
		return v.checkEnvelopes(ctx, verifier, "notation", fmt.Sprintf("signature of notation by one of %v", wanted.Notation.TrustedIdentities), "notation sign")
	case wanted.Signer != nil:
		verifier, err := notation.NewSigner(*wanted.Signer, v.revoked)
		if err != nil {
			return invalid("gates.signature.signer", err)
		}
		return v.checkEnvelopes(ctx, verifier, "signer", fmt.Sprintf("signature of AWS Signer by one of %v", wanted.Signer.Profiles),
			"notation sign --plugin com.amazonaws.signer.notation.plugin --id "+wanted.Signer.Profiles[0])
	default:
		return v.checkCosign(ctx, *wanted.Cosign)
	}
}

// invalid is the fault of a configuration that was deployed and cannot be used.
func invalid(service string, err error) error {
	return fault.New(fault.ConfigInvalid, "mend the gate in cdk.json, run make deploy, then redrive the execution", "%s: %w", service, err)
}

// checkEnvelopes looks for a signature in an envelope of the Notary Project that counts, of a kind, and says how to sign.
func (v *verification) checkEnvelopes(ctx context.Context, verifier notation.Verifier, kind, wanted, sign string) error {
	manifest, err := v.reader.Manifest(ctx, v.image.Digest)
	if err != nil {
		return err
	}
	signed := notation.Artifact{Reference: v.image.RepositoryURI + "@" + string(v.image.Digest),
		MediaType: manifest.MediaType, Digest: v.image.Digest, Size: int64(len(manifest.Content))}
	s := &search{gate: "signature", wanted: wanted, fix: fmt.Sprintf("sign it: %s %s", sign, signed.Reference)}
	all, err := v.referring(ctx, s, notation.ArtifactType)
	if err != nil {
		return err
	}
	for _, a := range all {
		envelope, err := v.content(ctx, a)
		by := ""
		if err == nil {
			by, err = verifier.Verify(ctx, a.MediaType, envelope, signed)
		}
		if err == nil {
			v.out.Kind, v.out.SignedBy, v.out.SignedIn = kind, by, string(a.in)
			return nil
		}
		if err := s.refuse(a.in, err); err != nil {
			return err
		}
	}
	return s.none(v.image.Named())
}

func (v *verification) checkCosign(ctx context.Context, policy signature.Cosign) error {
	key, err := signature.ParseKey(policy.PublicKey)
	if err != nil {
		return invalid("gates.signature.cosign.publicKey", err)
	}
	s := &search{gate: "signature", wanted: "signature of cosign by the key " + key.Fingerprint(),
		fix: fmt.Sprintf("sign it: cosign sign --key … %s@%s", v.image.RepositoryURI, v.image.Digest)}
	for _, look := range []func() ([]attached, error){
		func() ([]attached, error) { return v.tagged(ctx, s, ".sig", cosign.PayloadType) },
		func() ([]attached, error) { return v.referring(ctx, s, cosignType, cosign.PayloadType) },
		func() ([]attached, error) { return v.referring(ctx, s, bundleType, bundleType) },
	} {
		all, err := look()
		if err != nil {
			return err
		}
		for _, a := range all {
			if done, err := v.tryCosign(ctx, s, a, key); done || err != nil {
				return err
			}
		}
	}
	return s.none(v.image.Named())
}

// tryCosign holds one signature against the key. Bundles that are no signatures are passed over.
func (v *verification) tryCosign(ctx context.Context, s *search, a attached, key signature.Key) (bool, error) {
	if hint := a.Annotations[predicateHint]; a.MediaType == bundleType && hint != "" && hint != signPredicate {
		return false, nil
	}
	content, err := v.content(ctx, a)
	switch {
	case err != nil:
	case a.MediaType == bundleType:
		err = cosign.VerifyBundle(content, key, v.image.Digest)
	default:
		err = cosign.VerifyPayload(content, a.Annotations[cosign.Annotation], key, v.image.Digest)
	}
	switch {
	case errors.Is(err, cosign.ErrOther):
		return false, nil
	case err != nil:
		return false, s.refuse(a.in, err)
	}
	v.out.Kind, v.out.SignedBy, v.out.SignedIn = "cosign", key.Fingerprint(), string(a.in)
	return true, nil
}
