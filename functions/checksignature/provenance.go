package checksignature

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fairlead/shared/gate/envelope"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/signature"
)

const (
	// envelopeType is the media type of an attestation under a tag.
	envelopeType = "application/vnd.dsse.envelope.v1+json"
	// layerHint is where cosign notes beside such an attestation what is in it. It only spares a look.
	layerHint = "predicateType"
)

// checkProvenance looks for a provenance by the builder that is wanted.
func (v *verification) checkProvenance(ctx context.Context) error {
	policy := *v.gates.Provenance
	key, err := signature.ParseKey(policy.PublicKey)
	if err != nil {
		return invalid("gates.provenance.publicKey", err)
	}
	s := &search{gate: "provenance", wanted: fmt.Sprintf("provenance of SLSA by the builder %s from %s, signed by the key %s", policy.Builder, policy.Source, key.Fingerprint()),
		fix: fmt.Sprintf("attest it in the build: cosign attest --key … --type slsaprovenance1 %s@%s", v.image.RepositoryURI, v.image.Digest)}
	for _, look := range []func() ([]attached, error){
		func() ([]attached, error) { return v.tagged(ctx, s, ".att", envelopeType) },
		func() ([]attached, error) { return v.referring(ctx, s, bundleType, bundleType) },
	} {
		all, err := look()
		if err != nil {
			return err
		}
		for _, a := range all {
			if done, err := v.tryProvenance(ctx, s, a, key, policy); done || err != nil {
				return err
			}
		}
	}
	return s.none(v.image.Named())
}

// tryProvenance holds one attestation against the policy. Those that attest something else are passed over.
func (v *verification) tryProvenance(ctx context.Context, s *search, a attached, key signature.Key, policy provenance.Policy) (bool, error) {
	for _, hint := range []string{a.Annotations[layerHint], a.Annotations[predicateHint]} {
		if hint != "" && !slices.Contains(provenance.Types(), hint) {
			return false, nil
		}
	}
	found, err := v.open(ctx, a, key, policy)
	switch {
	case errors.Is(err, provenance.ErrOther):
		return false, nil
	case err != nil:
		return false, s.refuse(a.in, err)
	}
	v.out.Builder, v.out.Source, v.out.ProvedIn = found.Builder, found.Source, string(a.in)
	return true, nil
}

func (v *verification) open(ctx context.Context, a attached, key signature.Key, policy provenance.Policy) (provenance.Found, error) {
	content, err := v.content(ctx, a)
	if err != nil {
		return provenance.Found{}, err
	}
	statement, err := envelope.Open(content, key) //nolint:contextcheck // the bytes are here: nothing is waited for
	if err != nil {
		return provenance.Found{}, err
	}
	return provenance.Check(statement, policy, v.image.Digest)
}
