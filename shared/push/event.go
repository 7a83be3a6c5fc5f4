package push

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fairlead/shared/image"
	"fairlead/shared/tag"
)

// event is what we read of an ECR event. Fields may be added to it at any time, so it is not read strictly; image-tag
// and image-digest may be absent or empty. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
type event struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	DetailType string    `json:"detail-type"`
	Account    string    `json:"account"`
	Region     string    `json:"region"`
	Time       time.Time `json:"time"`
	Detail     struct {
		Action       string `json:"action-type"`
		Result       string `json:"result"`
		Repository   string `json:"repository-name"`
		Tag          string `json:"image-tag"`
		Digest       string `json:"image-digest"`
		MediaType    string `json:"manifest-media-type"`
		ArtifactType string `json:"artifact-media-type"`
	} `json:"detail"`
}

// readEvent reads the rule's form. With it, only dryRun may stand: what an operator wants otherwise has its own form.
func (p *Push) readEvent(fields object, start time.Time) error {
	for _, key := range []string{"tag", "digest", "allowOlder"} {
		if fields.has(key) {
			return invalid("%s: not together with an event; an event says itself what was pushed", key)
		}
	}
	var e event
	if err := json.Unmarshal(fields["event"], &e); err != nil {
		return invalid("event: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if err := e.check(); err != nil {
		return err
	}
	p.FromEvent, p.EventID, p.Account, p.Region = true, e.ID, e.Account, e.Region
	p.Repository, p.Tag = e.Detail.Repository, e.Detail.Tag
	p.MediaType, p.ArtifactType = e.Detail.MediaType, e.Detail.ArtifactType
	p.HintDigest, _ = image.ParseDigest(e.Detail.Digest)
	p.NotPushed = e.notPushed()
	if !e.Time.IsZero() && e.Time.Before(start) {
		p.Time = e.Time.UTC()
	}
	return nil
}

// check refuses what is no event of an image in ECR.
func (e event) check() error {
	switch {
	case e.Source != "aws.ecr":
		return invalid("event.source: want aws.ecr, got %q", e.Source)
	case e.DetailType != "ECR Image Action":
		return invalid("event.detail-type: want ECR Image Action, got %q", e.DetailType)
	case e.Detail.Repository == "":
		return invalid("event.detail.repository-name: it is absent")
	case e.Detail.Tag != "":
		if err := tag.Check(e.Detail.Tag); err != nil {
			return invalid("event.detail.image-tag: %w", err)
		}
	}
	return nil
}

// notPushed says why the event is no push, or "".
func (e event) notPushed() string {
	switch {
	case e.Detail.Action != "PUSH":
		return fmt.Sprintf("the event is about the action %s, not about a push", e.Detail.Action)
	case e.Detail.Result != "SUCCESS":
		return fmt.Sprintf("the push has the result %s", e.Detail.Result)
	default:
		return ""
	}
}
