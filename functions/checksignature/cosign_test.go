package checksignature_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/config"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

// TestWhatCosignItselfPushes reads what cosign 2.6.5 has pushed, by `cosign sign` and `cosign attest --type slsaprovenance1`
// with a key: under tags, and with --new-bundle-format as referrers.
func TestWhatCosignItselfPushes(t *testing.T) {
	file := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join("testdata", "cosign", name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	key := string(file("cosign.pub"))
	for name, test := range map[string]struct {
		digest           image.Digest
		tags             map[string]string // the manifest under a suffix
		referrers, blobs []string
	}{
		"under tags": {"sha256:cfe37e759cfe0eb85eb3bf524d214d1ae760869e39ad7e6d1f39476172eeec4f",
			map[string]string{".sig": "sig.manifest.json", ".att": "att.manifest.json"}, nil, []string{"payload.json", "provenance.json"}},
		"as referrers": {"sha256:fdba48c8ed2a69c01a7ddb05a0beb5fa26b7b7183da2c01a5c7777c35585752f",
			nil, []string{"slsa.manifest.json", "sign.manifest.json"}, []string{"sign.bundle.json", "slsa.bundle.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.Gates{Signature: &signature.Policy{Cosign: &signature.Cosign{PublicKey: key}},
				Provenance: &provenance.Policy{Builder: builder, Source: source, PublicKey: key}})
			w.pushed = test.digest
			for suffix, manifest := range test.tags {
				digest := image.DigestOf(file(manifest))
				w.tags[w.tag(suffix)], w.manifests[digest] = digest, string(file(manifest))
			}
			for _, manifest := range test.referrers {
				digest := image.DigestOf(file(manifest))
				w.manifests[digest] = string(file(manifest))
				w.referrers[w.pushed] = append(w.referrers[w.pushed], types.ImageReferrer{Digest: aws.String(string(digest)), ArtifactType: aws.String(gatetest.BundleType)})
			}
			for _, blob := range test.blobs {
				w.blobs[image.DigestOf(file(blob))] = file(blob)
			}
			w.wants(t, outcome{"", "and built by " + builder + " from " + source + "@refs/heads/main"})
			w.gates.Signature.Cosign.PublicKey = gatetest.NewKey(t).Public(t)
			w.wants(t, outcome{"Image.SignatureInvalid", "it is not signed by the key"})
		})
	}
}
