package image_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/image"
)

const two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")

// single composes the manifest of one image from the media types of its configuration and its layers.
func single(config string, layers ...string) string {
	m := map[string]any{"schemaVersion": 2, "config": map[string]any{"mediaType": config, "digest": one, "size": 7}}
	var all []map[string]any
	for _, layer := range layers {
		all = append(all, map[string]any{"mediaType": layer, "digest": two, "size": 9})
	}
	m["layers"] = all
	raw, _ := json.Marshal(m)
	return string(raw)
}

func TestParseManifest(t *testing.T) {
	const (
		config     = "application/vnd.oci.image.config.v1+json"
		dockerConf = "application/vnd.docker.container.image.v1+json"
		gzip       = "application/vnd.oci.image.layer.v1.tar+gzip"
	)
	imageOf := image.Manifest{MediaType: image.OCIManifest, Config: one, ConfigSize: 7}
	artifact := func(what string) image.Manifest {
		return image.Manifest{MediaType: image.OCIManifest, NotRunnable: what}
	}
	tests := []struct {
		name, mediaType, content string
		want                     image.Manifest
	}{
		{"an OCI image", image.OCIManifest, single(config, gzip, gzip), imageOf},
		{"an OCI image whose layers are zstd", image.OCIManifest, single(config, "application/vnd.oci.image.layer.v1.tar+zstd"), imageOf},
		{"an image without layers", image.OCIManifest, single(config), imageOf},
		{"a Docker image", image.DockerManifest, single(dockerConf, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
			image.Manifest{MediaType: image.DockerManifest, Config: one, ConfigSize: 7}},
		{"a Windows image with a foreign layer", image.DockerManifest, single(dockerConf, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
			image.Manifest{MediaType: image.DockerManifest, Config: one, ConfigSize: 7}},
		{"cosign's signature carries an image's configuration", image.OCIManifest, single(config, "application/vnd.dev.cosign.simplesigning.v1+json"), artifact("a signature")},
		{"buildx's attestation carries an image's configuration", image.OCIManifest, single(config, "application/vnd.in-toto+json"), artifact("an attestation")},
		{"cosign's attestation", image.OCIManifest, single(config, "application/vnd.dsse.envelope.v1+json"), artifact("an attestation")},
		{"a bill of materials", image.OCIManifest, single(config, "application/spdx+json"), artifact("a bill of materials")},
		{"other content", image.OCIManifest, single(config, gzip, "text/plain"), artifact("an artifact with content of type text/plain")},
		{"a Helm chart", image.OCIManifest, single("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
			artifact("an artifact of type application/vnd.cncf.helm.config.v1+json")},
		{"an artifact that names its type", image.OCIManifest, strings.Replace(single(config, gzip), "{", `{"artifactType":"application/x.policy",`, 1),
			artifact("an artifact of type application/x.policy")},
		{"a manifest of an unknown kind", "application/vnd.cncf.oras.artifact.manifest.v1+json", `{"artifactType":"text/sbom+json"}`,
			image.Manifest{MediaType: "application/vnd.cncf.oras.artifact.manifest.v1+json", NotRunnable: "an artifact of type text/sbom+json"}},
		{"without a media type the manifest's own counts", "", strings.Replace(single(config, gzip), "{", `{"mediaType":"`+image.OCIManifest+`",`, 1), imageOf},
		{"an index with an attestation", image.OCIIndex, `{"schemaVersion":2,"manifests":[
			{"mediaType":"` + image.OCIManifest + `","digest":"` + string(one) + `","platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
			{"mediaType":"` + image.OCIManifest + `","digest":"` + string(two) + `","platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest"}}]}`,
			image.Manifest{MediaType: image.OCIIndex, Images: []image.Entry{{Digest: one, Platform: image.Platform{OS: "linux", Architecture: "arm64"}}}}},
		{"an index that names no platform", image.DockerList, `{"schemaVersion":2,"manifests":[{"mediaType":"` + image.DockerManifest + `","digest":"` + string(one) + `"}]}`,
			image.Manifest{MediaType: image.DockerList, Images: []image.Entry{{Digest: one}}}},
		{"an index of nothing but attestations", image.OCIIndex, `{"schemaVersion":2,"manifests":[
			{"mediaType":"` + image.OCIManifest + `","digest":"` + string(two) + `","platform":{"os":"unknown","architecture":"unknown"}}]}`,
			image.Manifest{MediaType: image.OCIIndex, NotRunnable: "an index that holds no image"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := image.ParseManifest(test.mediaType, []byte(test.content))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseManifestRefuses(t *testing.T) {
	const config = "application/vnd.oci.image.config.v1+json"
	tests := []struct{ name, mediaType, content, want string }{
		{"no JSON", image.OCIManifest, "manifest", "no JSON object"},
		{"a list", image.OCIManifest, "[]", "no JSON object"},
		{"schema 1", "application/vnd.docker.distribution.manifest.v1+prettyjws", `{"schemaVersion":1}`, "outdated schema 1"},
		{"a configuration without a digest", image.OCIManifest, strings.Replace(single(config), string(one), "sha256:1", 1), "the configuration that the manifest names"},
		{"an image of an index without a digest", image.OCIIndex, `{"manifests":[{"mediaType":"` + image.OCIManifest + `"}]}`, "manifests[0] of the index"},
		{"two media types", image.OCIManifest, `{"schemaVersion":2,"mediaType":"` + image.OCIIndex + `","manifests":[]}`, "calls itself"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := image.ParseManifest(test.mediaType, []byte(test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// FuzzParseManifest attacks the promise that what is parsed can be acted on: an image has a configuration, an index has
// images, what is neither says what it is.
func FuzzParseManifest(f *testing.F) {
	f.Add(image.OCIManifest, []byte(single("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip")))
	f.Add(image.OCIIndex, []byte(`{"manifests":[{"mediaType":"`+image.OCIManifest+`","digest":"`+string(one)+`","platform":{"os":"linux","architecture":"arm64"}}]}`))
	f.Add("", []byte(`{"schemaVersion":1}`))
	f.Fuzz(func(t *testing.T, mediaType string, content []byte) {
		m, err := image.ParseManifest(mediaType, content)
		if err != nil {
			return
		}
		if m.NotRunnable == "" && m.Index() != (len(m.Images) > 0) {
			t.Fatalf("an index without images: %+v", m)
		}
		if m.NotRunnable == "" && m.Index() == (m.Config != "") {
			t.Fatalf("an image without a configuration: %+v", m)
		}
	})
}
