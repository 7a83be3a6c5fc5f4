package ecr

import (
	"encoding/json"
	"fmt"
	"slices"

	"fairlead/local/ecr/blob"
)

// maxManifest is the largest manifest that ECR takes, in bytes.
const maxManifest = 4 << 20

// The manifests that ECR takes. Source:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html (schema 1 of Docker is left out:
// no client of this decade pushes it).
const (
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"

	ociConfig    = "application/vnd.oci.image.config.v1+json"
	dockerConfig = "application/vnd.docker.container.image.v1+json"
)

// Platform is what an image runs on.
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
}

// String returns "linux/amd64".
func (p Platform) String() string { return p.OS + "/" + p.Architecture }

// runnable tells whether the platform is one: that of an attestation is "unknown/unknown".
func (p Platform) runnable() bool {
	return p.OS != "" && p.OS != "unknown" && p.Architecture != "" && p.Architecture != "unknown"
}

type descriptor struct {
	MediaType string    `json:"mediaType"`
	Digest    string    `json:"digest"`
	Size      int64     `json:"size"`
	URLs      []string  `json:"urls"`
	Platform  *Platform `json:"platform"`
}

// manifest is what ECR reads of a manifest.
type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        *descriptor       `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Manifests     []descriptor      `json:"manifests"`
	Subject       *descriptor       `json:"subject"`
	Annotations   map[string]string `json:"annotations"`
}

// artifactMediaType is what ECR's events and DescribeImages call so: an artifact's type, or the config's media type.
func (m manifest) artifactMediaType() string {
	if m.ArtifactType != "" {
		return m.ArtifactType
	}
	if m.Config != nil {
		return m.Config.MediaType
	}
	return ""
}

// parseManifest reads a manifest. declared is the media type that came with it; it may be empty if the manifest has
// one of its own.
func parseManifest(raw, declared string) (manifest, error) {
	var m manifest
	if len(raw) == 0 || len(raw) > maxManifest {
		return m, invalid("imageManifest", "must have length between 1 and 4194304")
	}
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return m, invalid("ImageManifest", "Invalid JSON syntax")
	}
	if m.MediaType != "" && declared != "" && m.MediaType != declared {
		return m, invalid("imageManifestMediaType", fmt.Sprintf("the manifest's own media type is %s, not %s", m.MediaType, declared))
	}
	if m.MediaType == "" {
		m.MediaType = declared
	}
	return m, m.check()
}

func (m manifest) check() error {
	if m.SchemaVersion != 2 {
		return invalid("imageManifest", "the manifest's schemaVersion must be 2")
	}
	switch m.MediaType {
	case ociManifest, dockerManifest:
		return m.checkImage()
	case ociIndex, dockerList:
		return m.checkIndex()
	case "":
		return invalid("imageManifestMediaType", "must be given for a manifest that has no mediaType")
	default:
		return invalid("imageManifestMediaType", "Unsupported manifest media type "+m.MediaType)
	}
}

func (m manifest) checkImage() error {
	if m.Config == nil || m.Layers == nil || m.Manifests != nil {
		return invalid("imageManifest", "an image manifest has a config and layers")
	}
	return checkDescriptors(append([]descriptor{*m.Config}, m.Layers...), m.Subject)
}

func (m manifest) checkIndex() error {
	if m.Manifests == nil || m.Config != nil || m.Layers != nil {
		return invalid("imageManifest", "an index has manifests, and neither config nor layers")
	}
	return checkDescriptors(m.Manifests, m.Subject)
}

func checkDescriptors(list []descriptor, subject *descriptor) error {
	if subject != nil {
		list = append(slices.Clip(list), *subject)
	}
	for _, d := range list {
		if !blob.ValidDigest(d.Digest) || d.MediaType == "" || d.Size < 0 {
			return invalid("imageManifest", fmt.Sprintf("the descriptor of %q must have a mediaType, a SHA-256 digest and a size", d.Digest))
		}
	}
	return nil
}

// blobs are the blobs that the repository must hold: the config and the layers, each once, save those that are kept
// elsewhere (urls).
func (m manifest) blobs() []descriptor {
	if m.Config == nil {
		return nil
	}
	var needed []descriptor
	seen := map[string]bool{}
	for _, d := range append([]descriptor{*m.Config}, m.Layers...) {
		if !seen[d.Digest] && len(d.URLs) == 0 {
			seen[d.Digest] = true
			needed = append(needed, d)
		}
	}
	return needed
}

// children are the digests of an index's manifests, each once.
func (m manifest) children() []string {
	var digests []string
	seen := map[string]bool{}
	for _, d := range m.Manifests {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			digests = append(digests, d.Digest)
		}
	}
	return digests
}

// config is what ECR and ECS read of an image's config.
type config struct {
	Platform
	Config struct {
		Labels map[string]string `json:"Labels"`
	} `json:"config"`
}
