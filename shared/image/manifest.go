package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Manifest is what a digest in a repository names: an image for one platform, an index of such images, or an artifact
// that no container can run.
type Manifest struct {
	MediaType string
	// NotRunnable says in a few words what it is if it is no image: "a signature". It is "" for an image and an index.
	NotRunnable string
	// Config is the digest of the configuration blob of an image, and its size; zero for an index.
	Config     Digest
	ConfigSize int64
	// Images are the images of an index, without its attestations.
	Images []Entry
}

// Entry is one image of an index.
type Entry struct {
	Digest Digest
	// Platform is the zero value where the index does not say: then the image's own configuration does.
	Platform Platform
}

// Index reports whether it is an index of images.
func (m Manifest) Index() bool { return m.MediaType == OCIIndex || m.MediaType == DockerList }

// document is what we read of a manifest or index: https://github.com/opencontainers/image-spec/blob/main/manifest.md
type document struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	ArtifactType  string       `json:"artifactType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Manifests     []descriptor `json:"manifests"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *platformJSON     `json:"platform"`
	Annotations map[string]string `json:"annotations"`
}

// ParseManifest reads a manifest or index, whose media type ECR reports beside it; "" takes the document's own word.
// An error says what is broken; what is sound and merely cannot run is no error (Manifest.NotRunnable).
func ParseManifest(mediaType string, content []byte) (Manifest, error) {
	var doc document
	if err := json.Unmarshal(content, &doc); err != nil {
		return Manifest{}, fmt.Errorf("the manifest is no JSON object of the known form: %w", err)
	}
	if mediaType == "" {
		mediaType = doc.MediaType
	}
	m := Manifest{MediaType: mediaType}
	switch {
	case doc.SchemaVersion == 1 || strings.Contains(mediaType, "docker.distribution.manifest.v1+"):
		return Manifest{}, errors.New("the manifest has the outdated schema 1: push the image with a current client")
	case !slices.Contains(Runnable(), mediaType):
		m.NotRunnable = "an artifact of type " + or(doc.ArtifactType, mediaType)
		return m, nil
	case doc.MediaType != "" && doc.MediaType != mediaType:
		return Manifest{}, fmt.Errorf("the manifest calls itself %s, and ECR calls it %s", doc.MediaType, mediaType)
	case m.Index():
		return m.withImages(doc)
	default:
		return m.withConfig(doc)
	}
}

// withConfig reads the manifest of one image, or finds that it is none.
func (m Manifest) withConfig(doc document) (Manifest, error) {
	if m.NotRunnable = doc.artifact(); m.NotRunnable != "" {
		return m, nil
	}
	digest, err := ParseDigest(doc.Config.Digest)
	if err != nil {
		return Manifest{}, fmt.Errorf("the configuration that the manifest names: %w", err)
	}
	m.Config, m.ConfigSize = digest, doc.Config.Size
	return m, nil
}

// artifact says what a manifest is if it is not that of an image: cosign's signatures and buildx's attestations carry
// an image's configuration, and only their layers show what they are.
func (doc document) artifact() string {
	if doc.ArtifactType != "" && !config(doc.ArtifactType) {
		return "an artifact of type " + doc.ArtifactType
	}
	if !config(doc.Config.MediaType) {
		return "an artifact of type " + or(doc.Config.MediaType, "that it does not name")
	}
	for _, l := range doc.Layers {
		if !layer(l.MediaType) {
			return content(l.MediaType)
		}
	}
	return ""
}

// content says what a manifest holds whose layer is not one of a file system.
func content(mediaType string) string {
	switch {
	case strings.Contains(mediaType, "cosign.simplesigning"), strings.Contains(mediaType, "notary"):
		return "a signature"
	case strings.Contains(mediaType, "in-toto"), strings.Contains(mediaType, "dsse"):
		return "an attestation"
	case strings.Contains(mediaType, "spdx"), strings.Contains(mediaType, "cyclonedx"):
		return "a bill of materials"
	default:
		return "an artifact with content of type " + or(mediaType, "that it does not name")
	}
}

// withImages reads an index. One without images (it holds attestations alone) cannot run.
func (m Manifest) withImages(doc document) (Manifest, error) {
	for i, d := range doc.Manifests {
		if d.attestation() || d.MediaType != OCIManifest && d.MediaType != DockerManifest {
			continue
		}
		digest, err := ParseDigest(d.Digest)
		if err != nil {
			return Manifest{}, fmt.Errorf("manifests[%d] of the index: %w", i, err)
		}
		m.Images = append(m.Images, Entry{Digest: digest, Platform: d.Platform.platform()})
	}
	if len(m.Images) == 0 {
		m.NotRunnable = "an index that holds no image"
	}
	return m, nil
}

// attestation reports whether an index's entry is one of the attestations that buildx adds to an image.
// https://docs.docker.com/build/metadata/attestations/attestation-storage/
func (d descriptor) attestation() bool {
	if d.Annotations["vnd.docker.reference.type"] != "" {
		return true
	}
	return d.Platform != nil && d.Platform.OS == "unknown"
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
