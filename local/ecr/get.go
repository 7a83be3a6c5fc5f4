package ecr

import (
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

type batchInput struct {
	target
	IDs      []imageID `json:"imageIds"`
	Accepted []string  `json:"acceptedMediaTypes"`
}

type batchGetOutput struct {
	Images   []imageView    `json:"images"`
	Failures []imageFailure `json:"failures"`
}

func (s *Service) batchGetImage(c *world.Call, in batchInput) (batchGetOutput, error) {
	out := batchGetOutput{Images: []imageView{}, Failures: []imageFailure{}}
	repository, err := s.enter(c, "ecr:BatchGetImage", in.target)
	if err != nil {
		return out, err
	}
	if err := checkIDs(in.IDs); err != nil {
		return out, err
	}
	for _, id := range in.IDs {
		image, failure := repository.find(id)
		if failure == nil && len(in.Accepted) > 0 && !slices.Contains(in.Accepted, image.MediaType) {
			failure = &imageFailure{id, failNotFound, "Requested image not found"}
		}
		if failure != nil {
			out.Failures = append(out.Failures, *failure)
			continue
		}
		image.PulledAt = s.w.Now().Truncate(time.Millisecond)
		out.Images = append(out.Images, s.viewImage(repository, image, id.Tag))
	}
	return out, nil
}

type batchDeleteOutput struct {
	IDs      []imageID      `json:"imageIds"`
	Failures []imageFailure `json:"failures"`
}

// batchDeleteImage deletes tags, and images: by their digest, or with their last tag.
func (s *Service) batchDeleteImage(c *world.Call, in batchInput) (batchDeleteOutput, error) {
	out := batchDeleteOutput{IDs: []imageID{}, Failures: []imageFailure{}}
	repository, err := s.enter(c, "ecr:BatchDeleteImage", in.target)
	if err != nil {
		return out, err
	}
	if err := checkIDs(in.IDs); err != nil {
		return out, err
	}
	for _, id := range in.IDs {
		deleted, failure := s.delete(repository, id)
		if failure != nil {
			out.Failures = append(out.Failures, *failure)
		}
		out.IDs = append(out.IDs, deleted...)
	}
	return out, nil
}

// delete returns the identifiers that are gone: each tag with the digest, or the digest alone if it had no tag.
func (s *Service) delete(r *Repository, id imageID) ([]imageID, *imageFailure) {
	image, failure := r.find(id)
	if failure != nil {
		return nil, failure
	}
	if id.Tag != "" && len(image.Tags) > 1 {
		r.untag(id.Tag)
		s.emit(r, image, "DELETE", id.Tag)
		return []imageID{{image.Digest, id.Tag}}, nil
	}
	if parents := r.parentsOf(image); len(parents) > 0 {
		return nil, &imageFailure{id, failReferenced,
			"Requested image referenced by manifest list: [" + strings.Join(parents, ", ") + "]"}
	}
	tags := slices.Clone(image.Tags)
	if len(tags) == 0 {
		tags = []string{""}
	}
	r.remove(image)
	var gone []imageID
	for _, tag := range tags {
		s.emit(r, image, "DELETE", tag)
		gone = append(gone, imageID{image.Digest, tag})
	}
	return gone, nil
}
