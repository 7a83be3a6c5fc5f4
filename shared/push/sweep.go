package push

import (
	"regexp"
	"time"

	"fairlead/shared/image"
	"fairlead/shared/tag"
)

// taskDefinition is the ARN of a task definition with its revision.
var taskDefinition = regexp.MustCompile(`^arn:[^:\s]+:ecs:[^:\s]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}:[1-9][0-9]*$`)

// readSweep reads the sweep's form: {"tag": "…", "sweep": {"digest": "…", "pushedAt": "…"}} for a push, with
// "held": true for one that a hold kept back, and
// {"sweep": {"follow": "<ARN>"}} for a rollout, with the tag that is being deployed where that is known.
func (p *Push) readSweep(fields object, start time.Time) error {
	for _, key := range []string{"event", "digest", "allowOlder"} {
		if fields.has(key) {
			return invalid("%s: not together with sweep", key)
		}
	}
	if err := fields.read("tag", &p.Tag); err != nil {
		return err
	}
	if p.Tag != "" {
		if err := tag.Check(p.Tag); err != nil {
			return invalid("tag: %w", err)
		}
	}
	swept, err := readNested("sweep", fields["sweep"])
	if err != nil {
		return err
	}
	if swept.has("follow") {
		return p.readFollow(swept)
	}
	return p.readLost(swept, start)
}

// readFollow reads which rollout is to be followed.
func (p *Push) readFollow(swept object) error {
	if err := swept.read("follow", &p.Sweep.Follow); err != nil || len(swept) != 1 || !taskDefinition.MatchString(p.Sweep.Follow) {
		return invalid(`sweep: want {"follow": "<the ARN of a task definition>"}, and nothing else`)
	}
	return nil
}

// readLost reads which push was lost, or kept back by a hold. Its time is that of the digest, which may be older than the tag: never newer than the
// push was.
func (p *Push) readLost(swept object, start time.Time) error {
	var digest, at string
	for key, into := range map[string]*string{"digest": &digest, "pushedAt": &at} {
		if err := swept.read(key, into); err != nil {
			return err
		}
	}
	keys := 2
	if _, there := swept["held"]; there {
		keys++
		if err := swept.read("held", &p.Sweep.Held); err != nil {
			return err
		}
	}
	pushedAt, err := time.Parse(time.RFC3339, at)
	if err != nil || len(swept) != keys || p.Tag == "" {
		return invalid(`sweep: want a tag, and {"digest": "sha256:…", "pushedAt": "<RFC 3339>"} with "held" or without, or {"follow": "<ARN>"}`)
	}
	if p.Sweep.Digest, err = image.ParseDigest(digest); err != nil {
		return invalid("sweep.digest: %w", err)
	}
	if pushedAt.Before(start) {
		p.Time = pushedAt.UTC()
	}
	return nil
}
