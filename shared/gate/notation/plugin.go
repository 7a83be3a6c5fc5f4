package notation

import (
	"context"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	core "github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"

	"fairlead/shared/gate/signature"
)

const (
	// pluginName is how AWS Signer's signatures name the plugin that has to verify them.
	pluginName = "com.amazonaws.signer.notation.plugin"
	// pluginVersion is the version of AWS's own plugin whose checks these are: a signature that asks for a later one does
	// not count.
	pluginVersion = "1.0.350"

	// attributeProfile and attributeJob are what a signature of AWS Signer says of its making.
	attributeProfile = "com.amazonaws.signer.signingProfileVersion"
	attributeJob     = "com.amazonaws.signer.signingJob"

	// headerPlugin and headerMinVersion name the plugin; the library reads them itself.
	headerPlugin     = "io.cncf.notary.verificationPlugin"
	headerMinVersion = "io.cncf.notary.verificationPluginMinVersion"
)

// verification is the verification of one signature: the plugin that it may name, and what that came to. The library puts
// what a plugin says into words of its own, so it is kept here as it is.
type verification struct {
	plugin.SignPlugin // nil: nothing is signed here

	profiles []signature.Profile
	revoked  Revocations

	asked bool
	by    string // the version of the signing profile that has signed, once all is well
	err   error  // why it does not count, or what AWS answered instead of the revocations
}

// Get returns the plugin that a signature names, which can only be AWS Signer's.
func (v *verification) Get(_ context.Context, name string) (plugin.Plugin, error) {
	if name != pluginName {
		v.err = fmt.Errorf("it names the plugin %q, which is not that of AWS Signer", name)
		return nil, v.err
	}
	v.asked = true
	return v, nil
}

// List is never called by a verifier.
func (v *verification) List(context.Context) ([]string, error) { return []string{pluginName}, nil }

// GetMetadata says that the plugin answers who has signed and whether that was revoked.
func (v *verification) GetMetadata(context.Context, *plugin.GetMetadataRequest) (*plugin.GetMetadataResponse, error) {
	return &plugin.GetMetadataResponse{Name: pluginName, Version: pluginVersion, SupportedContractVersions: []string{plugin.ContractVersion},
		Capabilities: []plugin.Capability{plugin.CapabilityTrustedIdentityVerifier, plugin.CapabilityRevocationCheckVerifier}}, nil
}

// VerifySignature answers both at once: a signature whose profile is not trusted is not asked about.
// https://github.com/notaryproject/specifications/blob/v1.1.0/specs/plugin-extensibility.md#verify-signature
func (v *verification) VerifySignature(ctx context.Context, r *plugin.VerifySignatureRequest) (*plugin.VerifySignatureResponse, error) {
	made, err := v.traces(r)
	if err == nil {
		err = v.current(ctx, made)
	}
	if err != nil {
		v.err = err
		return nil, err
	}
	v.by = made.Profile.String()
	well := &plugin.VerificationResult{Success: true}
	return &plugin.VerifySignatureResponse{ProcessedAttributes: []any{attributeProfile, attributeJob},
		VerificationResults: map[plugin.Capability]*plugin.VerificationResult{
			plugin.CapabilityTrustedIdentityVerifier: well, plugin.CapabilityRevocationCheckVerifier: well}}, nil
}

// readable says why a signature is none that AWS Signer makes, as far as it is known here; nil if it is one.
func readable(r *plugin.VerifySignatureRequest) error {
	said := r.Signature.CriticalAttributes
	switch {
	case r.ContractVersion != plugin.ContractVersion:
		return fmt.Errorf("its plugin is spoken to in version %q, want %s", r.ContractVersion, plugin.ContractVersion)
	case said.SigningScheme != string(core.SigningSchemeX509SigningAuthority):
		return fmt.Errorf("its signing scheme is %q, and that of AWS Signer is %s", said.SigningScheme, core.SigningSchemeX509SigningAuthority)
	case said.AuthenticSigningTime == nil || said.AuthenticSigningTime.IsZero():
		return errors.New("it does not say when it was made")
	}
	for _, name := range slices.Sorted(maps.Keys(said.ExtendedAttributes)) {
		if name != attributeProfile && name != attributeJob { // an alias of the profile, say, under which AWS signs too
			return fmt.Errorf("it has the attribute %s, which is not understood", name)
		}
	}
	return nil
}

// traces reads how the signature was made, if that was by a profile which is trusted.
func (v *verification) traces(r *plugin.VerifySignatureRequest) (Traces, error) {
	if err := readable(r); err != nil {
		return Traces{}, err
	}
	said := r.Signature.CriticalAttributes
	arn, ok := said.ExtendedAttributes[attributeProfile].(string)
	if !ok {
		return Traces{}, fmt.Errorf("it does not say by which signing profile it was made: the attribute %s is missing", attributeProfile)
	}
	profile, err := signature.ParseProfile(arn)
	if err != nil {
		return Traces{}, fmt.Errorf("its attribute %s: %w", attributeProfile, err)
	}
	if !slices.ContainsFunc(v.profiles, func(trusted signature.Profile) bool { return trusted.Covers(profile) }) {
		return Traces{}, fmt.Errorf("it was made by the signing profile %s, which is none of those that may sign", profile)
	}
	job, ok := said.ExtendedAttributes[attributeJob].(string)
	if !ok || job == "" {
		return Traces{}, fmt.Errorf("it does not say by which signing job it was made: the attribute %s is missing", attributeJob)
	}
	hashes, err := hashes(r.Signature.CertificateChain)
	return Traces{Profile: profile, Job: job, At: *said.AuthenticSigningTime, CertificateHashes: hashes}, err
}

// current asks whether anything of the signature was revoked.
func (v *verification) current(ctx context.Context, made Traces) error {
	revoked, err := v.revoked(ctx, made)
	if err != nil {
		return err
	}
	var what []string
	for _, entity := range revoked {
		if i := slices.Index(made.CertificateHashes, entity); i >= 0 {
			entity = fmt.Sprintf("certificate %d of its chain", i+1)
		}
		what = append(what, entity)
	}
	if len(what) > 0 {
		return fmt.Errorf("it was revoked: AWS Signer names %s", strings.Join(what, ", "))
	}
	return nil
}

// hashes are how AWS Signer names certificates: the SHA-384 of the part that is signed, followed by that of its issuer's,
// and a root is its own issuer.
// https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html
func hashes(chain [][]byte) ([]string, error) {
	var own []string
	for _, der := range chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("a certificate of it cannot be read: %w", err)
		}
		sum := sha512.Sum384(certificate.RawTBSCertificate)
		own = append(own, hex.EncodeToString(sum[:]))
	}
	all := make([]string, len(own))
	for i := range own {
		all[i] = own[i] + own[min(i+1, len(own)-1)]
	}
	return all, nil
}
