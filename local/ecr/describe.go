package ecr

import (
	"slices"

	"fairlead/local/world"
)

type filter struct {
	TagStatus   string `json:"tagStatus"`
	ImageStatus string `json:"imageStatus"`
}

func (f filter) check() error {
	if !slices.Contains([]string{"", "TAGGED", "UNTAGGED", "ANY"}, f.TagStatus) {
		return invalid("filter.tagStatus", "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]")
	}
	if !slices.Contains([]string{"", "ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"}, f.ImageStatus) {
		return invalid("filter.imageStatus", "Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]")
	}
	return nil
}

// takes tells whether the filter lets the image through. Every image here is active.
func (f filter) takes(image *Image) bool {
	if f.ImageStatus == "ARCHIVED" || f.ImageStatus == "ACTIVATING" {
		return false
	}
	tagged := len(image.Tags) > 0
	return (f.TagStatus != "TAGGED" || tagged) && (f.TagStatus != "UNTAGGED" || !tagged)
}

type listInput struct {
	target
	page
	IDs    []imageID `json:"imageIds"`
	Filter filter    `json:"filter"`
}

type describeImagesOutput struct {
	Details   []imageDetail `json:"imageDetails"`
	NextToken string        `json:"nextToken,omitempty"`
}

type imageDetail struct {
	target
	Digest       string       `json:"imageDigest"`
	Tags         []string     `json:"imageTags,omitempty"`
	Size         int64        `json:"imageSizeInBytes"`
	PushedAt     *world.Epoch `json:"imagePushedAt"`
	ScanStatus   *scanStatus  `json:"imageScanStatus,omitempty"`
	ScanSummary  *findings    `json:"imageScanFindingsSummary,omitempty"`
	MediaType    string       `json:"imageManifestMediaType"`
	ArtifactType string       `json:"artifactMediaType,omitempty"`
	PulledAt     *world.Epoch `json:"lastRecordedPullTime,omitempty"`
	Subject      string       `json:"subjectManifestDigest,omitempty"`
	Status       string       `json:"imageStatus"`
}

func (s *Service) detail(r *Repository, image *Image) imageDetail {
	d := imageDetail{target: s.here(r), Digest: image.Digest, Tags: slices.Clone(image.Tags), Size: image.Size,
		PushedAt: world.EpochOf(image.PushedAt), MediaType: image.MediaType, ArtifactType: image.ArtifactType,
		PulledAt: world.EpochOf(image.PulledAt), Subject: image.Subject, Status: "ACTIVE"}
	if image.Scan != nil {
		d.ScanStatus, d.ScanSummary = image.Scan.status(), image.Scan.summary()
	}
	return d
}

func (s *Service) describeImages(c *world.Call, in listInput) (describeImagesOutput, error) {
	out := describeImagesOutput{Details: []imageDetail{}}
	repository, err := s.enter(c, "ecr:DescribeImages", in.target)
	if err != nil {
		return out, err
	}
	if err := in.Filter.check(); err != nil {
		return out, err
	}
	if in.IDs != nil {
		return s.describeNamedImages(repository, in)
	}
	var digests []string
	for _, digest := range repository.digests() {
		if in.Filter.takes(repository.Images[digest]) {
			digests = append(digests, digest)
		}
	}
	digests, out.NextToken, err = in.cut(digests)
	for _, digest := range digests {
		out.Details = append(out.Details, s.detail(repository, repository.Images[digest]))
	}
	return out, err
}

func (s *Service) describeNamedImages(r *Repository, in listInput) (describeImagesOutput, error) {
	out := describeImagesOutput{Details: []imageDetail{}}
	if err := checkIDs(in.IDs); err != nil {
		return out, err
	}
	if in.MaxResults != nil || in.NextToken != "" {
		return out, invalid("imageIds", "maxResults and nextToken cannot be used with imageIds")
	}
	seen := map[string]bool{}
	for _, id := range in.IDs {
		image, err := s.named(r, id)
		if err != nil {
			return out, err
		}
		if !seen[image.Digest] && in.Filter.takes(image) {
			seen[image.Digest] = true
			out.Details = append(out.Details, s.detail(r, image))
		}
	}
	return out, nil
}

type listImagesOutput struct {
	IDs       []imageID `json:"imageIds"`
	NextToken string    `json:"nextToken,omitempty"`
}

// listImages lists each tag with its digest, and the digest alone of an image without tags.
func (s *Service) listImages(c *world.Call, in listInput) (listImagesOutput, error) {
	out := listImagesOutput{IDs: []imageID{}}
	repository, err := s.enter(c, "ecr:ListImages", in.target)
	if err != nil {
		return out, err
	}
	if err := in.Filter.check(); err != nil {
		return out, err
	}
	entries, byKey := []string{}, map[string]imageID{}
	for _, digest := range repository.digests() {
		if image := repository.Images[digest]; in.Filter.takes(image) {
			for _, id := range image.ids() {
				key := id.Digest + " " + id.Tag
				entries, byKey[key] = append(entries, key), id
			}
		}
	}
	entries, out.NextToken, err = in.cut(entries)
	for _, key := range entries {
		out.IDs = append(out.IDs, byKey[key])
	}
	return out, err
}

func (i *Image) ids() []imageID {
	if len(i.Tags) == 0 {
		return []imageID{{Digest: i.Digest}}
	}
	ids := make([]imageID, len(i.Tags))
	for n, tag := range i.Tags {
		ids[n] = imageID{i.Digest, tag}
	}
	return ids
}
