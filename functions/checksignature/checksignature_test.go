package checksignature_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"fairlead/functions/checksignature"
	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

const (
	payloadType = "application/vnd.dev.cosign.simplesigning.v1+json"
	cosignType  = "application/vnd.dev.cosign.artifact.sig.v1+json"
	notaryType  = "application/vnd.cncf.notary.signature"
	dsseType    = "application/vnd.dsse.envelope.v1+json"

	builder = "https://github.com/actions/runner/github-hosted"
	source  = "https://github.com/shop/web"
	elses   = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

func TestWhatIsCalledIsGranted(t *testing.T) {
	permissiontest.Check(t, checksignature.Policy(), permissiontest.Ports{Look: []any{(*checksignature.Registry)(nil), (*checksignature.Signer)(nil)}})
	if got := checksignature.Policy().Look(permission.Target{}); got != nil {
		t.Errorf("a service without these gates grants %+v", got)
	}
	for _, statement := range checksignature.Policy().Look(permission.Target{Verified: true}) {
		if slices.Contains(statement.Actions, "signer:GetRevocationStatus") {
			t.Errorf("a service whose gate is not AWS Signer's grants %+v", statement)
		}
	}
}

// signed is a layer with a payload that is signed for an image.
func signed(t *testing.T, key gatetest.Key, digest image.Digest) layer {
	t.Helper()
	content, annotation := key.Payload(t, digest)
	return layer{payloadType, content, map[string]string{"dev.cosignproject.cosign/signature": annotation}}
}

// outcome is what a test wants of the step.
type outcome struct {
	code fault.Code // "" for a pass
	says string     // in the reason or the error
}

func (w *world) wants(t *testing.T, want outcome) signature.Checked {
	t.Helper()
	got, err := w.check(t)
	if want.code == "" {
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest != string(w.pushed) || !strings.Contains(got.Reason, want.says) {
			t.Errorf("%+v, want %q", got, want.says)
		}
		return got
	}
	f := fault.From(err)
	if f == nil || f.Code != want.code || !strings.Contains(f.Error(), want.says) {
		t.Fatalf("%+v, %v\nwant %s that says %q", got, err, want.code, want.says)
	}
	if got != (signature.Checked{}) {
		t.Errorf("a fault says %+v beside", got)
	}
	if strings.Contains(f.Error(), "signature=secret") {
		t.Errorf("a presigned URL is told: %v", f)
	}
	return got
}

func TestCosign(t *testing.T) {
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	bundle := func(key gatetest.Key, statement []byte, hint string) layer {
		l := layer{gatetest.BundleType, key.Bundle(t, statement), nil}
		if hint != "" {
			l.annotations = map[string]string{"dev.sigstore.bundle.predicateType": hint}
		}
		return l
	}
	for name, test := range map[string]struct {
		attach func(*world)
		want   outcome
	}{
		"under cosign's tag": {func(w *world) { w.push(w.tag(".sig"), "", "", signed(t, ours, w.pushed)) }, outcome{"", "signed by SHA256:"}},
		"the second of two":  {func(w *world) { w.push(w.tag(".sig"), "", "", signed(t, other, w.pushed), signed(t, ours, w.pushed)) }, outcome{"", "signed by SHA256:"}},
		"as a referrer":      {func(w *world) { w.push("", w.pushed, cosignType, signed(t, ours, w.pushed)) }, outcome{"", "signed by SHA256:"}},
		"as a bundle": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(ours, gatetest.SignStatement(t, w.pushed), ""))
		}, outcome{"", "signed by SHA256:"}},
		"beside an attestation of others": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(other, gatetest.Provenance(t, w.pushed, builder, source), "https://slsa.dev/provenance/v1"))
			w.push("", w.pushed, gatetest.BundleType, bundle(ours, gatetest.SignStatement(t, w.pushed), "https://sigstore.dev/cosign/sign/v1"))
		}, outcome{"", "signed by SHA256:"}},
		"by us after others": {func(w *world) {
			w.push(w.tag(".sig"), "", "", signed(t, other, w.pushed))
			w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))
		}, outcome{"", "signed by SHA256:"}},

		"by us before many others": {func(w *world) {
			w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))
			w.crowd(60, payloadType, cosignType)
		}, outcome{"", "signed by SHA256:"}},
		"on the second page": {func(w *world) {
			w.page = 2
			w.crowd(2, payloadType, cosignType)
			w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))
		}, outcome{"", "signed by SHA256:"}},
		"after pages of what is of another type": {func(w *world) {
			w.page = 1
			w.crowd(4, "text/plain", "text/plain")
			w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))
		}, outcome{"", "signed by SHA256:"}},

		"not at all": {func(*world) {}, outcome{fault.ImageUnsigned, "gate signature: shop/web:v1 (sha256:"}},
		"an attestation alone": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(other, gatetest.Provenance(t, w.pushed, builder, source), "https://slsa.dev/provenance/v1"))
		}, outcome{fault.ImageUnsigned, "has no signature of cosign by the key SHA256:"}},
		"our attestation without a hint": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(ours, gatetest.Provenance(t, w.pushed, builder, source), ""))
		}, outcome{fault.ImageUnsigned, "cosign sign --key … " + uri + "@sha256:"}},
		"a bill of materials": {func(w *world) {
			w.push("", w.pushed, "application/spdx+json", layer{"application/spdx+json", []byte("{}"), nil})
		}, outcome{fault.ImageUnsigned, "referrers of type " + cosignType}},
		"a signature of another image":  {func(w *world) { w.push("", elses, cosignType, signed(t, ours, w.pushed)) }, outcome{fault.ImageUnsigned, "tag sha256-"}},
		"the layer of an image":         {func(w *world) { w.push(w.tag(".sig"), "", "", layer{"text/plain", []byte("x"), nil}) }, outcome{fault.ImageUnsigned, ""}},
		"by another key":                {func(w *world) { w.push(w.tag(".sig"), "", "", signed(t, other, w.pushed)) }, outcome{fault.ImageSignatureInvalid, "it is not signed by the key SHA256:"}},
		"for another image, moved here": {func(w *world) { w.push(w.tag(".sig"), "", "", signed(t, ours, elses)) }, outcome{fault.ImageSignatureInvalid, "it is for another image, " + string(elses)}},
		"a bundle for another, moved here": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(ours, gatetest.SignStatement(t, elses), ""))
		}, outcome{fault.ImageSignatureInvalid, "it is about " + string(elses)}},
		"a hint that lies": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, bundle(other, gatetest.SignStatement(t, w.pushed), "https://sigstore.dev/cosign/sign/v1"))
		}, outcome{fault.ImageSignatureInvalid, "it is not signed by the key"}},
		"a bundle of nothing": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, layer{gatetest.BundleType, []byte("{}"), nil})
		}, outcome{fault.ImageSignatureInvalid, "it is not signed"}},
		"without its blob": {func(w *world) { w.push(w.tag(".sig"), "", "", signed(t, ours, w.pushed)); w.blobs = nil }, outcome{fault.ImageSignatureInvalid, "has no such blob"}},
		"another blob than its digest": {func(w *world) {
			w.push(w.tag(".sig"), "", "", signed(t, ours, w.pushed))
			for d := range w.blobs {
				w.blobs[d] = []byte("x")
			}
		}, outcome{fault.ImageSignatureInvalid, "not what its manifest names"}},
		"a blob that is too large": {func(w *world) { w.push(w.tag(".sig"), "", "", layer{payloadType, make([]byte, 4<<20+1), nil}) }, outcome{fault.ImageSignatureInvalid, "at most 4194304 are read"}},
		"a blob that is larger than it says": {func(w *world) {
			digest := w.push(w.tag(".sig"), "", "", layer{payloadType, make([]byte, 4<<20+1), nil})
			w.manifests[digest] = strings.Replace(w.manifests[digest], `"size":4194305`, `"size":1`, 1)
		}, outcome{fault.ImageSignatureInvalid, "it has more than 4194304 bytes"}},
		"a manifest that is none":   {func(w *world) { w.manifests[w.push(w.tag(".sig"), "", "")] = "[]" }, outcome{fault.ImageSignatureInvalid, "its manifest is no JSON"}},
		"too many layers":           {func(w *world) { w.push(w.tag(".sig"), "", "", make([]layer, 51)...) }, outcome{fault.ImageSignatureInvalid, "51 layers, at most 50"}},
		"too many findings to tell": {func(w *world) { s := signed(t, other, w.pushed); w.push(w.tag(".sig"), "", "", s, s, s, s, s) }, outcome{fault.ImageSignatureInvalid, "; and 2 more"}},
		"too many referrers": {func(w *world) {
			w.crowd(51, payloadType, cosignType)
			w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))
		}, outcome{fault.ImageSignatureInvalid, "more than 50 artifacts of type " + cosignType + " refer to it, and no more are looked at"}},
		"too many pages":                  {func(w *world) { w.page = 1; w.crowd(6, "text/plain", "text/plain") }, outcome{fault.ImageSignatureInvalid, "delete the artifacts of type " + cosignType + " that are not needed; sign it: cosign sign"}},
		"a referrer that is gone":         {func(w *world) { w.gone[w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))] = "ImageNotFound" }, outcome{fault.ImageSignatureInvalid, "was deleted"}},
		"a manifest that is kept from us": {func(w *world) { w.gone[w.push(w.tag(".sig"), "", "", signed(t, ours, w.pushed))] = "KmsError" }, outcome{fault.AWSRefused, "KmsError"}},
		"a referrer that is kept from us": {func(w *world) {
			w.gone[w.push("", w.pushed, cosignType, signed(t, ours, w.pushed))] = "UpstreamUnavailable"
		}, outcome{fault.AWSUnavailable, "UpstreamUnavailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.Gates{Signature: &signature.Policy{Cosign: &signature.Cosign{PublicKey: ours.Public(t)}}})
			test.attach(w)
			if got := w.wants(t, test.want); test.want.code == "" && (got.Kind != "cosign" || got.SignedIn == "" || got.Builder != "") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestNotation(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	ours, other := root.Issue(t, "ours", gatetest.Now()), gatetest.NewRoot(t, "root").Issue(t, "ours", gatetest.Now())
	sign := func(w *world, by gatetest.Certificate, form string, digest image.Digest) layer {
		return layer{form, by.Sign(t, gatetest.Signing{Form: form}, image.OCIManifest, digest, w.size), nil}
	}
	for name, test := range map[string]struct {
		attach func(*world)
		want   outcome
	}{
		"as JWS":                       {func(w *world) { w.push("", w.pushed, notaryType, sign(w, ours, gatetest.JWS, w.pushed)) }, outcome{"", "signed by CN=ours,O=Shop,ST=Hessen,C=DE"}},
		"as COSE":                      {func(w *world) { w.push("", w.pushed, notaryType, sign(w, ours, gatetest.COSE, w.pushed)) }, outcome{"", "signed by CN=ours,O=Shop,ST=Hessen,C=DE"}},
		"not at all":                   {func(*world) {}, outcome{fault.ImageUnsigned, "has no signature of notation by one of [x509.subject: CN=ours"}},
		"by another root":              {func(w *world) { w.push("", w.pushed, notaryType, sign(w, other, gatetest.JWS, w.pushed)) }, outcome{fault.ImageSignatureInvalid, "does not chain up to one of the trusted roots"}},
		"of another image, moved here": {func(w *world) { w.push("", w.pushed, notaryType, sign(w, ours, gatetest.JWS, elses)) }, outcome{fault.ImageSignatureInvalid, "it is for another image"}},
		"malformed":                    {func(w *world) { w.push("", w.pushed, notaryType, layer{gatetest.JWS, []byte("{"), nil}) }, outcome{fault.ImageSignatureInvalid, "parse"}},
		"of another type":              {func(w *world) { w.push("", w.pushed, cosignType, sign(w, ours, gatetest.JWS, w.pushed)) }, outcome{fault.ImageUnsigned, ""}},
		"the image is gone":            {func(w *world) { w.gone[w.pushed] = "ImageNotFound" }, outcome{fault.ImageNotFound, "was deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.Gates{Signature: &signature.Policy{Notation: &signature.Notation{TrustedIdentities: []string{ours.Identity()}, Certificates: root.PEM()}}})
			test.attach(w)
			w.wants(t, test.want)
		})
	}
}

func TestProvenance(t *testing.T) {
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	attest := func(key gatetest.Key, statement []byte) layer {
		return layer{dsseType, key.Envelope(t, statement), map[string]string{"predicateType": "https://slsa.dev/provenance/v1"}}
	}
	sbom := func(w *world) []byte { return gatetest.Statement(t, "https://spdx.dev/Document", w.pushed, nil) }
	for name, test := range map[string]struct {
		attach func(*world)
		want   outcome
	}{
		"under cosign's tag": {func(w *world) {
			w.push(w.tag(".att"), "", "", attest(ours, gatetest.Provenance(t, w.pushed, builder, source)))
		}, outcome{"", "built by " + builder + " from " + source}},
		"as a bundle": {func(w *world) {
			w.push("", w.pushed, gatetest.BundleType, layer{gatetest.BundleType, ours.Bundle(t, gatetest.Provenance(t, w.pushed, builder, source)), nil})
		}, outcome{"", "built by " + builder}},
		"beside a bill of materials": {func(w *world) {
			w.push(w.tag(".att"), "", "", layer{dsseType, ours.Envelope(t, sbom(w)), nil}, attest(ours, gatetest.Provenance(t, w.pushed, builder, source)))
		}, outcome{"", "built by " + builder}},
		"not at all":                {func(*world) {}, outcome{fault.ImageUnsigned, "gate provenance: shop/web:v1"}},
		"a bill of materials alone": {func(w *world) { w.push(w.tag(".att"), "", "", layer{dsseType, ours.Envelope(t, sbom(w)), nil}) }, outcome{fault.ImageUnsigned, "has no provenance of SLSA by the builder"}},
		"another builder": {func(w *world) {
			w.push(w.tag(".att"), "", "", attest(ours, gatetest.Provenance(t, w.pushed, "https://evil.example", source)))
		}, outcome{fault.ImageSignatureInvalid, `it was built by "https://evil.example", want "` + builder}},
		"another source": {func(w *world) {
			w.push(w.tag(".att"), "", "", attest(ours, gatetest.Provenance(t, w.pushed, builder, "https://github.com/evil/web")))
		}, outcome{fault.ImageSignatureInvalid, `it was built from "https://github.com/evil/web`}},
		"by another key": {func(w *world) {
			w.push(w.tag(".att"), "", "", attest(other, gatetest.Provenance(t, w.pushed, builder, source)))
		}, outcome{fault.ImageSignatureInvalid, "it is not signed by the key"}},
		"of another image, moved here": {func(w *world) {
			w.push(w.tag(".att"), "", "", attest(ours, gatetest.Provenance(t, elses, builder, source)))
		}, outcome{fault.ImageSignatureInvalid, "it is about " + string(elses)}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.Gates{Provenance: &provenance.Policy{Builder: builder, Source: source, PublicKey: ours.Public(t)}})
			test.attach(w)
			w.wants(t, test.want)
		})
	}
}

func TestBothGatesWantTheirOwn(t *testing.T) {
	signer, attester := gatetest.NewKey(t), gatetest.NewKey(t)
	w := newWorld(t, config.Gates{Signature: &signature.Policy{Cosign: &signature.Cosign{PublicKey: signer.Public(t)}},
		Provenance: &provenance.Policy{Builder: builder, Source: source, PublicKey: attester.Public(t)}})
	w.push(w.tag(".sig"), "", "", signed(t, signer, w.pushed))
	w.wants(t, outcome{fault.ImageUnsigned, "gate provenance"})
	w.push(w.tag(".att"), "", "", layer{dsseType, attester.Envelope(t, gatetest.Provenance(t, w.pushed, builder, source)), nil})
	w.wants(t, outcome{"", "and built by"})
	delete(w.tags, w.tag(".sig"))
	w.wants(t, outcome{fault.ImageUnsigned, "gate signature"})
	w.gates = config.Gates{}
	w.calls = 0
	if w.wants(t, outcome{"", "no gate asks"}); w.calls != 0 {
		t.Error("a service without gates asks ECR")
	}
}

// TestAWSThatFailsVouchesForNobody breaks each call: the step fails, and never passes or rejects.
func TestAWSThatFailsVouchesForNobody(t *testing.T) {
	key := gatetest.NewKey(t)
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: ecr:BatchGetImage"}
	for _, operation := range []string{"BatchGetImage", "ListImageReferrers", "GetDownloadUrlForLayer"} {
		for code, broken := range map[fault.Code]error{fault.PermissionDenied: denied, fault.AWSRefused: &types.RepositoryNotFoundException{}} {
			w := newWorld(t, config.Gates{Provenance: &provenance.Policy{Builder: builder, Source: source, PublicKey: key.Public(t)}})
			if operation != "ListImageReferrers" { // which is asked only where there is no tag
				w.push(w.tag(".att"), "", "", layer{dsseType, key.Envelope(t, gatetest.Provenance(t, w.pushed, builder, source)), nil})
			}
			w.breaks, w.broken = operation, broken
			_, err := w.check(t)
			if f := fault.From(err); f == nil || f.Code != code {
				t.Errorf("%s: %v, want %s", operation, err, code)
			}
		}
	}
}

func TestAGateThatCannotBeUsed(t *testing.T) {
	for _, gates := range []config.Gates{
		{Signature: &signature.Policy{Cosign: &signature.Cosign{PublicKey: "x"}}},
		{Signature: &signature.Policy{Notation: &signature.Notation{}}},
		{Signature: &signature.Policy{Signer: &signature.Signer{}}},
		{Provenance: &provenance.Policy{Builder: builder, Source: source}},
	} {
		_, err := newWorld(t, gates).check(t)
		if f := fault.From(err); f == nil || f.Code != fault.ConfigInvalid {
			t.Errorf("%+v: %v", gates, err)
		}
	}
	unchecked := newWorld(t, config.Gates{})
	unchecked.pushed = ""
	if _, err := unchecked.check(t); fault.From(err) == nil || fault.From(err).Code != fault.InputInvalid {
		t.Errorf("an image that nobody has checked: %v", err)
	}
}
