package ecr

import (
	"encoding/json"
	"fmt"

	"fairlead/local/world"
)

// imageAction is the detail of an "ECR Image Action" event: one for each manifest that is stored, for each further tag
// and for each deletion. The tag is empty, not absent, for a manifest that was pushed without one.
// Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
type imageAction struct {
	Result       string `json:"result"`
	Repository   string `json:"repository-name"`
	Digest       string `json:"image-digest"`
	Action       string `json:"action-type"`
	Tag          string `json:"image-tag"`
	ManifestType string `json:"manifest-media-type,omitempty"`
	ArtifactType string `json:"artifact-media-type,omitempty"`
}

func (s *Service) emit(r *Repository, image *Image, action, tag string) {
	s.publish("ECR Image Action", []string{}, imageAction{Result: "SUCCESS", Repository: r.Name, Digest: image.Digest,
		Action: action, Tag: tag, ManifestType: image.MediaType, ArtifactType: image.ArtifactType})
}

func (s *Service) publish(detailType string, resources []string, detail any) {
	s.publishAs("aws.ecr", detailType, resources, detail)
}

// publishAs publishes an event of a service: Inspector tells of enhanced scans.
func (s *Service) publishAs(source, detailType string, resources []string, detail any) {
	raw, err := json.Marshal(detail)
	if err != nil {
		panic(fmt.Sprintf("ecr: the detail of an event cannot be written down: %v", err))
	}
	s.bus.Publish(world.Event{DetailType: detailType, Source: source, Time: s.w.Now(), Resources: resources, Detail: raw})
}
