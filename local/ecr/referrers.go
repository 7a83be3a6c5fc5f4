package ecr

import (
	"slices"

	"fairlead/local/world"
)

type referrersInput struct {
	target
	page
	Subject struct {
		Digest string `json:"imageDigest"`
	} `json:"subjectId"`
	Filter struct {
		ArtifactTypes []string `json:"artifactTypes"`
		Status        string   `json:"artifactStatus"`
	} `json:"filter"`
}

type referrersOutput struct {
	Referrers []referrer `json:"referrers"`
	NextToken string     `json:"nextToken,omitempty"`
}

type referrer struct {
	Digest       string            `json:"digest"`
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Size         int64             `json:"size"` // of the manifest
	Annotations  map[string]string `json:"annotations,omitempty"`
	Status       string            `json:"artifactStatus"`
}

// listImageReferrers needs ecr:BatchGetImage: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
func (s *Service) listImageReferrers(c *world.Call, in referrersInput) (referrersOutput, error) {
	out := referrersOutput{Referrers: []referrer{}}
	repository, err := s.enter(c, "ecr:BatchGetImage", in.target)
	if err != nil {
		return out, err
	}
	if err := checkDigest(in.Subject.Digest); err != nil {
		return out, err
	}
	if err := (filter{ImageStatus: in.Filter.Status}).check(); err != nil {
		return out, err
	}
	var digests []string
	for _, digest := range repository.digests() {
		image := repository.Images[digest]
		if image.Subject == in.Subject.Digest && (filter{ImageStatus: in.Filter.Status}).takes(image) &&
			(len(in.Filter.ArtifactTypes) == 0 || slices.Contains(in.Filter.ArtifactTypes, image.ArtifactType)) {
			digests = append(digests, digest)
		}
	}
	digests, out.NextToken, err = in.cutAt(digests, 50)
	for _, digest := range digests {
		out.Referrers = append(out.Referrers, refer(repository.Images[digest]))
	}
	return out, err
}

func refer(image *Image) referrer {
	m, err := parseManifest(image.Manifest, image.MediaType)
	if err != nil {
		panic("ecr: a manifest was kept that cannot be read: " + err.Error())
	}
	return referrer{Digest: image.Digest, MediaType: image.MediaType, ArtifactType: image.ArtifactType,
		Size: int64(len(image.Manifest)), Annotations: m.Annotations, Status: "ACTIVE"}
}
