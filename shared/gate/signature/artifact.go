package signature

import (
	"encoding/json"
	"errors"
	"fmt"

	"fairlead/shared/image"
)

// Artifact is a manifest that holds signatures or attestations: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
type Artifact struct {
	Layers      []Layer
	Annotations map[string]string
}

// Layer is one blob of an artifact.
type Layer struct {
	MediaType   string
	Digest      image.Digest
	Size        int64
	Annotations map[string]string
}

// maxLayers bounds the blobs of one artifact: cosign adds one for each signature.
const maxLayers = 50

// ParseArtifact reads the manifest of an artifact, which a stranger may have pushed.
func ParseArtifact(content []byte) (Artifact, error) {
	var doc struct {
		SchemaVersion int `json:"schemaVersion"`
		Layers        []struct {
			MediaType   string            `json:"mediaType"`
			Digest      string            `json:"digest"`
			Size        int64             `json:"size"`
			Annotations map[string]string `json:"annotations"`
		} `json:"layers"`
		Annotations map[string]string `json:"annotations"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return Artifact{}, fmt.Errorf("its manifest is no JSON of the known form: %w", err)
	}
	switch n := len(doc.Layers); {
	case doc.SchemaVersion != 2 || n == 0:
		return Artifact{}, errors.New("its manifest has no layers")
	case n > maxLayers:
		return Artifact{}, fmt.Errorf("its manifest has %d layers, at most %d are read", n, maxLayers)
	}
	a := Artifact{Annotations: doc.Annotations}
	for i, l := range doc.Layers {
		digest, err := image.ParseDigest(l.Digest)
		if err == nil && l.Size < 0 {
			err = fmt.Errorf("its size is %d", l.Size)
		}
		if err != nil {
			return Artifact{}, fmt.Errorf("layers[%d] of its manifest: %w", i, err)
		}
		a.Layers = append(a.Layers, Layer{l.MediaType, digest, l.Size, l.Annotations})
	}
	return a, nil
}
