package ecr

import (
	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// layerMediaType is what ECR calls a layer that no image has named yet.
const layerMediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"

type availabilityInput struct {
	target
	Digests []string `json:"layerDigests"`
}

type availabilityOutput struct {
	Layers   []layerView    `json:"layers"`
	Failures []layerFailure `json:"failures"`
}

type layerView struct {
	Digest       string `json:"layerDigest"`
	Availability string `json:"layerAvailability"`
	Size         int64  `json:"layerSize,omitempty"`
	MediaType    string `json:"mediaType,omitempty"`
}

type layerFailure struct {
	Digest string `json:"layerDigest"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

func (s *Service) batchCheckLayerAvailability(c *world.Call, in availabilityInput) (availabilityOutput, error) {
	repository, err := s.enter(c, "ecr:BatchCheckLayerAvailability", in.target)
	out := availabilityOutput{Layers: []layerView{}, Failures: []layerFailure{}}
	if err != nil {
		return out, err
	}
	if len(in.Digests) == 0 || len(in.Digests) > 100 {
		return out, invalid("layerDigests", "Member must have length between 1 and 100")
	}
	for _, digest := range in.Digests {
		if blob.ValidDigest(digest) {
			out.Layers = append(out.Layers, repository.availability(digest))
			continue
		}
		out.Failures = append(out.Failures, layerFailure{digest, "InvalidLayerDigest",
			"Invalid request parameters: layer digest '" + digest + "' is no SHA-256 digest"})
	}
	return out, nil
}

func (r *Repository) availability(digest string) layerView {
	layer := r.Layers[digest]
	if layer == nil {
		return layerView{Digest: digest, Availability: "UNAVAILABLE"}
	}
	mediaType := layer.MediaType
	if mediaType == "" {
		mediaType = layerMediaType
	}
	return layerView{digest, "AVAILABLE", layer.Size, mediaType}
}

type downloadInput struct {
	target
	Digest string `json:"layerDigest"`
}

type downloadOutput struct {
	URL    string `json:"downloadUrl"`
	Digest string `json:"layerDigest"`
}

func (s *Service) getDownloadURLForLayer(c *world.Call, in downloadInput) (downloadOutput, error) {
	repository, err := s.enter(c, "ecr:GetDownloadUrlForLayer", in.target)
	if err != nil {
		return downloadOutput{}, err
	}
	layer := repository.Layers[in.Digest]
	if layer == nil {
		return downloadOutput{}, world.Errorf("LayersNotFoundException", "The layer with digest '%s' does not exist within "+
			"the repository with name '%s' in the registry with id '%s'", in.Digest, repository.Name, s.w.Account)
	}
	if layer.Users == 0 {
		return downloadOutput{}, world.Errorf("LayerInaccessibleException",
			"The layer with digest '%s' is not available because it is not associated with an image", in.Digest)
	}
	return downloadOutput{s.downloadURL(in.Digest), in.Digest}, nil
}
