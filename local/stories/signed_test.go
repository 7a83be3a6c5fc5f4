package stories_test

import (
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"fairlead/local/ecr/sample"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/image"
)

const (
	builder = "https://github.com/actions/runner/github-hosted"
	source  = "https://github.com/shop/web"
)

// gatedAssembly synthesises the stacks of this repository's cdk.json with gates for the sample's service.
func gatedAssembly(t *testing.T, gates map[string]any) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdk.out")
	if err := synth(dir, func(service map[string]any) { service["gates"] = gates }); err != nil {
		t.Fatal(err)
	}
	return dir
}

// gatedStory begins a story whose service has the gates of an assembly.
func gatedStory(t *testing.T, dir string) *story {
	t.Helper()
	s := newStory(t)
	deploy(t, s.lab, dir)
	return s
}

// attach pushes one blob as an artifact about an image that was pushed: under a tag, or as its referrer.
func (s *story) attach(word, suffix, artifactType, mediaType string, content []byte, annotations map[string]string) {
	s.Helper()
	made, err := mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mutate.Addendum{
		Layer: static.NewLayer(content, types.MediaType(mediaType)), MediaType: types.MediaType(mediaType), Annotations: annotations})
	if err != nil {
		s.Fatal(err)
	}
	artifact, tag := mutate.ConfigMediaType(made, types.OCIConfigJSON), strings.Replace(s.digests[word], ":", "-", 1)+suffix
	if suffix == "" {
		subject, err := v1.NewHash(s.digests[word])
		if err != nil {
			s.Fatal(err)
		}
		artifact = mutate.Subject(mutate.ConfigMediaType(made, types.MediaType(artifactType)),
			v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: subject, Size: s.size(word)}).(v1.Image)
		tag = ""
	}
	if _, err := s.lab.PushImage(s.Context(), repository, tag, artifact); err != nil {
		s.Fatal(err)
	}
}

// size is that of an image's manifest.
func (s *story) size(word string) int64 {
	s.Helper()
	made, err := sample.Image(sample.Spec{Content: word})
	if err != nil {
		s.Fatal(err)
	}
	size, err := made.Size()
	if err != nil {
		s.Fatal(err)
	}
	return size
}

// sign puts under cosign's tag for one image a signature that a key made for another, or for itself.
func (s *story) sign(word string, key gatetest.Key, of string) {
	s.Helper()
	content, annotation := key.Payload(s.TB, image.Digest(s.digests[of]))
	s.attach(word, ".sig", "", "application/vnd.dev.cosign.simplesigning.v1+json", content,
		map[string]string{"dev.cosignproject.cosign/signature": annotation})
}

// attest puts a provenance under cosign's tag.
func (s *story) attest(word string, key gatetest.Key, builder string) {
	s.Helper()
	s.attach(word, ".att", "", "application/vnd.dsse.envelope.v1+json", key.Envelope(s.TB, gatetest.Provenance(s.TB, image.Digest(s.digests[word]), builder, source)), nil)
}

// TestWhatNobodyVouchesForIsNotDeployed wants of the sample's service that its images are signed by a key, and attested by
// their builder.
func TestWhatNobodyVouchesForIsNotDeployed(t *testing.T) {
	t.Parallel()
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	gated := gatedAssembly(t, map[string]any{"signature": map[string]any{"cosign": map[string]any{"publicKey": ours.Public(t)}},
		"provenance": map[string]any{"builder": builder, "source": source, "publicKey": ours.Public(t)}})
	rejected := "executions 1\nexecution 1 Rejected CheckImage ImageFit CheckSignature RecordOutcome HowItEnded Rejected\nruns base\nregistered 0\nupdates 0\nsays 1 Do not redrive\nsays 1 "
	for name, tell := range map[string]func(*story) (wants string){
		"signed and attested": func(s *story) string {
			s.lines(s.deeds(), "push first")
			s.sign("first", ours, "first")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "settle")
			return "execution 1 Deployed\nruns first"
		},
		"as referrers, in bundles": func(s *story) string {
			s.lines(s.deeds(), "push first")
			digest := image.Digest(s.digests["first"])
			s.attach("first", "", gatetest.BundleType, gatetest.BundleType, ours.Bundle(t, gatetest.SignStatement(t, digest)), nil)
			s.attach("first", "", gatetest.BundleType, gatetest.BundleType, ours.Bundle(t, gatetest.Provenance(t, digest, builder, source)), nil)
			s.lines(s.deeds(), "settle")
			return "execution 1 Deployed\nruns first"
		},
		"signed a minute after the push": func(s *story) string {
			s.lines(s.deeds(), "push first\npass 1m")
			s.sign("first", ours, "first")
			s.lines(s.deeds(), "pass 30s")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "settle")
			return "execution 1 Deployed\nruns first"
		},
		"signed a minute after somebody else": func(s *story) string {
			s.lines(s.deeds(), "push first")
			digest := image.Digest(s.digests["first"])
			s.attach("first", "", gatetest.BundleType, gatetest.BundleType, other.Bundle(t, gatetest.SignStatement(t, digest)), nil)
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "pass 1m")
			s.sign("first", ours, "first")
			s.lines(s.deeds(), "settle")
			return "execution 1 Deployed\nruns first"
		},
		"not signed": func(s *story) string {
			s.lines(s.deeds(), "push first\nsettle")
			return rejected + "gate signature"
		},
		"signed by another key": func(s *story) string {
			s.lines(s.deeds(), "push first")
			s.sign("first", other, "first")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "settle")
			return rejected + "it is not signed by the key SHA256:"
		},
		"with the signature of another image": func(s *story) string {
			made, err := sample.Image(sample.Spec{Content: "another"})
			if err != nil {
				t.Fatal(err)
			}
			digest, err := made.Digest()
			if err != nil {
				t.Fatal(err)
			}
			s.digests["another"] = digest.String()
			s.lines(s.deeds(), "push first")
			s.sign("first", ours, "another")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "settle")
			return rejected + "it is for another image"
		},
		"not attested": func(s *story) string {
			s.lines(s.deeds(), "push first")
			s.sign("first", ours, "first")
			s.lines(s.deeds(), "settle")
			return rejected + "gate provenance"
		},
		"built by somebody else": func(s *story) string {
			s.lines(s.deeds(), "push first")
			s.sign("first", ours, "first")
			s.attest("first", ours, "https://evil.example/builder")
			s.lines(s.deeds(), "settle")
			return rejected + "it was built by \"https://evil.example/builder\""
		},
		"signed after it was rejected, and started anew": func(s *story) string {
			s.lines(s.deeds(), "push first\nsettle")
			s.sign("first", ours, "first")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "replay 1\nsettle")
			return "execution 1 Rejected\nexecution 2 Deployed\nruns first"
		},
		"an unfit push stands in nobody's way": func(s *story) string {
			s.lines(s.deeds(), "push first")
			s.sign("first", ours, "first")
			s.attest("first", ours, builder)
			s.lines(s.deeds(), "pass 5s\npush second\nsettle") // while the first rolls out
			return "execution 1 Deployed\nexecution 2 Rejected\nruns first\nupdates 1"
		},
		"ECR denies the read": func(s *story) string {
			s.lines(s.deeds(), "push first")
			digest := image.Digest(s.digests["first"])
			s.attach("first", "", gatetest.BundleType, gatetest.BundleType, ours.Bundle(t, gatetest.SignStatement(t, digest)), nil)
			s.attach("first", "", gatetest.BundleType, gatetest.BundleType, ours.Bundle(t, gatetest.Provenance(t, digest, builder, source)), nil)
			s.lines(s.deeds(), "forbid ecr:ListImageReferrers\nsettle")
			s.lines(s.wants(), "execution 1 Failed CheckImage ImageFit CheckSignature\nruns base\nupdates 0\nsays 1 is not authorized")
			s.lines(s.deeds(), "allow\nredrive 1\nsettle")
			return "executions 1\nexecution 1 Deployed\nruns first"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gatedStory(t, gated)
			wants := tell(s)
			s.lines(s.wants(), wants)
			if t.Failed() {
				s.report()
			}
		})
	}
}

// TestNotationVouches wants of the sample's service that its images are scanned, and signed below a root.
func TestNotationVouches(t *testing.T) {
	t.Parallel()
	root := gatetest.NewRoot(t, "root")
	ours, other := root.Issue(t, "ci", gatetest.Now()), gatetest.NewRoot(t, "root").Issue(t, "ci", gatetest.Now())
	gated := gatedAssembly(t, map[string]any{"scan": map[string]any{}, "signature": map[string]any{"notation": map[string]any{
		"trustedIdentities": []string{ours.Identity()}, "certificates": root.PEM()}}})
	for name, test := range map[string]struct {
		by   gatetest.Certificate
		form string
		want string
	}{
		"by our certificate":               {ours, gatetest.JWS, "execution 1 Deployed\nruns first"},
		"by our certificate, as COSE":      {ours, gatetest.COSE, "execution 1 Deployed\nruns first"},
		"by one that only looks like ours": {other, gatetest.JWS, "execution 1 Rejected\nruns base\nupdates 0\nsays 1 does not chain up to one of the trusted roots"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gatedStory(t, gated)
			s.lines(s.deeds(), "push first")
			envelope := test.by.Sign(t, gatetest.Signing{Form: test.form}, image.OCIManifest, image.Digest(s.digests["first"]), s.size("first"))
			s.attach("first", "", "application/vnd.cncf.notary.signature", test.form, envelope, nil)
			s.lines(s.deeds(), "settle")
			s.lines(s.wants(), test.want)
			if t.Failed() {
				s.report()
			}
		})
	}
}
