package ecr

import (
	"slices"

	"fairlead/local/ecr/blob"
)

// imageID names an image by its digest, by a tag, or by both.
type imageID struct {
	Digest string `json:"imageDigest,omitempty"`
	Tag    string `json:"imageTag,omitempty"`
}

// String writes the identifier as ECR's error messages do.
func (id imageID) String() string {
	return "{imageDigest:'" + orNull(id.Digest) + "', imageTag:'" + orNull(id.Tag) + "'}"
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// The failure codes of the batch operations.
const (
	failDigest     = "InvalidImageDigest"
	failTag        = "InvalidImageTag"
	failMismatch   = "ImageTagDoesNotMatchDigest"
	failNotFound   = "ImageNotFound"
	failMissing    = "MissingDigestAndTag"
	failReferenced = "ImageReferencedByManifestList"
)

type imageFailure struct {
	ID     imageID `json:"imageId"`
	Code   string  `json:"failureCode"`
	Reason string  `json:"failureReason"`
}

// find returns the image that id names, or why there is none.
func (r *Repository) find(id imageID) (*Image, *imageFailure) {
	if bad := id.malformed(); bad != nil {
		return nil, bad
	}
	digest := id.Digest
	if id.Tag != "" {
		tagged, ok := r.Tagged[id.Tag]
		if !ok {
			return nil, &imageFailure{id, failNotFound, "Requested image not found"}
		}
		if digest != "" && digest != tagged {
			return nil, &imageFailure{id, failMismatch, "Requested image tag does not match the requested image digest"}
		}
		digest = tagged
	}
	image := r.Images[digest]
	if image == nil {
		return nil, &imageFailure{id, failNotFound, "Requested image not found"}
	}
	return image, nil
}

func (id imageID) malformed() *imageFailure {
	switch {
	case id.Digest == "" && id.Tag == "":
		return &imageFailure{id, failMissing, "Invalid request parameters: both tag and digest cannot be null"}
	case id.Digest != "" && !blob.ValidDigest(id.Digest):
		return &imageFailure{id, failDigest, "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"}
	case id.Tag != "" && !tagPattern.MatchString(id.Tag):
		return &imageFailure{id, failTag, "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'"}
	}
	return nil
}

// named returns the image that id names, for the operations that fail as a whole if there is none.
func (s *Service) named(r *Repository, id imageID) (*Image, error) {
	image, failure := r.find(id)
	switch {
	case failure == nil:
		return image, nil
	case failure.Code == failNotFound || failure.Code == failMismatch:
		return nil, s.imageNotFound(r, id)
	default:
		return nil, invalid("imageId", failure.Reason)
	}
}

func checkIDs(ids []imageID) error {
	if len(ids) == 0 || len(ids) > 100 {
		return invalid("imageIds", "Member must have length between 1 and 100")
	}
	return nil
}

// parentsOf are the digests of the indexes that need the image, sorted.
func (r *Repository) parentsOf(image *Image) []string {
	var parents []string
	for digest, other := range r.Images {
		if slices.Contains(other.Children, image.Digest) {
			parents = append(parents, digest)
		}
	}
	slices.Sort(parents)
	return parents
}
