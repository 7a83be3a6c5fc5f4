package push_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/push"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

var start = time.Date(2026, 11, 23, 8, 0, 10, 0, time.UTC)

// event composes the rule's form; detail is the inside of "detail".
func event(detail string) string {
	return `{"service":"web","event":{"version":"0","id":"13cde686","detail-type":"ECR Image Action","source":"aws.ecr",
		"account":"123456789012","time":"2026-11-23T08:00:00Z","region":"eu-west-1","resources":[],"detail":{` + detail + `}}}`
}

func TestParse(t *testing.T) {
	pushed := push.Push{Service: "web", FromEvent: true, EventID: "13cde686", Account: "123456789012", Region: "eu-west-1",
		Repository: "shop/web", Time: start.Add(-10 * time.Second)}
	with := func(change func(*push.Push)) push.Push { p := pushed; change(&p); return p }
	tests := []struct {
		name     string
		document string
		want     push.Push
	}{
		{"an event of a tagged push", event(`"result":"SUCCESS","repository-name":"shop/web","image-digest":"` + string(one) + `","action-type":"PUSH","image-tag":"v1","manifest-media-type":"m","artifact-media-type":"a"`),
			with(func(p *push.Push) { p.Tag, p.HintDigest, p.MediaType, p.ArtifactType = "v1", one, "m", "a" })},
		{"an event whose tag is empty", event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH","image-tag":""`), pushed},
		{"an event without a tag", event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH"`), pushed},
		{"an event whose digest is none is taken without it", event(`"result":"SUCCESS","repository-name":"shop/web","image-digest":"sha256:7f5b","action-type":"PUSH","image-tag":"v1"`),
			with(func(p *push.Push) { p.Tag = "v1" })},
		{"an event of a deletion is no push", event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"DELETE","image-tag":"v1"`),
			with(func(p *push.Push) {
				p.Tag, p.NotPushed = "v1", "the event is about the action DELETE, not about a push"
			})},
		{"an event of a failed push is no push", event(`"result":"FAILURE","repository-name":"shop/web","action-type":"PUSH","image-tag":"v1"`),
			with(func(p *push.Push) { p.Tag, p.NotPushed = "v1", "the push has the result FAILURE" })},
		{"an event from the future is as old as the execution", strings.Replace(event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH"`), "08:00:00Z", "09:00:00Z", 1),
			with(func(p *push.Push) { p.Time = start })},
		{"an event a day late keeps its time", strings.Replace(event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH"`), "2026-11-23", "2026-11-22", 1),
			with(func(p *push.Push) { p.Time = start.Add(-10*time.Second - 24*time.Hour) })},
		{"an event without a time is as old as the execution", strings.Replace(event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH"`), `"time":"2026-11-23T08:00:00Z",`, "", 1),
			with(func(p *push.Push) { p.Time = start })},
		{"an operator's tag", `{"service":"web","tag":"v1"}`, push.Push{Service: "web", Tag: "v1", Time: start}},
		{"an operator's digest", `{"service":"web","digest":"` + string(one) + `"}`, push.Push{Service: "web", Digest: one, Time: start}},
		{"a dry run", `{"service":"web","tag":"v1","dryRun":true}`, push.Push{Service: "web", Tag: "v1", DryRun: true, Time: start}},
		{"going back", `{"service":"web","digest":"` + string(one) + `","allowOlder":{"replaces":"` + string(two) + `"}}`,
			push.Push{Service: "web", Digest: one, Replaces: two, Time: start}},
		{"a push that the sweep has found", `{"service":"web","tag":"v1","sweep":{"digest":"` + string(one) + `","pushedAt":"2026-11-23T07:00:00+01:00"}}`,
			push.Push{Service: "web", Tag: "v1", Sweep: push.Sweep{Digest: one}, Time: start.Add(-2*time.Hour - 10*time.Second)}},
		{"a push that the sweep has found in the future is as old as the execution", `{"service":"web","tag":"v1","sweep":{"digest":"` + string(one) + `","pushedAt":"2026-11-24T07:00:00Z"}}`,
			push.Push{Service: "web", Tag: "v1", Sweep: push.Sweep{Digest: one}, Time: start}},
		{"a rollout that the sweep has found", `{"service":"web","sweep":{"follow":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"}}`,
			push.Push{Service: "web", Sweep: push.Sweep{Follow: "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"}, Time: start}},
		{"null is absent", `{"service":"web","tag":"v1","event":null,"digest":null,"allowOlder":null,"dryRun":null}`, push.Push{Service: "web", Tag: "v1", Time: start}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := push.Parse(json.RawMessage(test.document), start)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	good := event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH","image-tag":"v1"`)
	tests := []struct{ name, document, want string }{
		{"no JSON", `service: web`, "the input is no JSON object"},
		{"null", `null`, "the input is no JSON object"},
		{"a list", `[]`, "the input is no JSON object"},
		{"no service", `{"tag":"v1"}`, "service: say which service"},
		{"a service that is no string", `{"service":1,"tag":"v1"}`, "service: want a string"},
		{"an unknown key", `{"service":"web","tag":"v1","taskRole":"admin"}`, `unknown key "taskRole": the keys are service, event, tag, digest, dryRun, allowOlder, sweep`},
		{"a finished document", `{"service":"web","tag":"v1","rollout":{"verdict":"healthy"}}`, `key "rollout" was added by a step of another execution: paste its input alone`},
		{"a document that went its way back", `{"service":"web","tag":"v1","restoration":{"verdict":"restored"}}`, `key "restoration" was added by a step of another execution: paste its input alone`},
		{"a key in capitals", `{"Service":"web","tag":"v1"}`, `unknown key "Service"`},
		{"nothing to deploy", `{"service":"web"}`, `exactly one of "tag" and "digest"`},
		{"tag and digest", `{"service":"web","tag":"v1","digest":"` + string(one) + `"}`, `exactly one of "tag" and "digest"`},
		{"a tag that is none", `{"service":"web","tag":"a/b"}`, `tag: "a/b" is not a tag`},
		{"a digest that is none", `{"service":"web","digest":"sha256:12"}`, `digest: "sha256:12" is not a digest`},
		{"a dry run that is a string", `{"service":"web","tag":"v1","dryRun":"true"}`, "dryRun: want true or false"},
		{"allowOlder that replaces nothing", `{"service":"web","tag":"v1","allowOlder":{}}`, `allowOlder: want {"replaces": "sha256:…"}, the digest that runs now`},
		{"allowOlder that is true", `{"service":"web","tag":"v1","allowOlder":true}`, "allowOlder: want a JSON object"},
		{"allowOlder with more", `{"service":"web","tag":"v1","allowOlder":{"replaces":"` + string(one) + `","force":true}}`, "and nothing else"},
		{"an event with a tag beside it", strings.Replace(good, `{"service":"web",`, `{"service":"web","tag":"v1",`, 1), "tag: not together with an event"},
		{"an event with allowOlder", strings.Replace(good, `{"service":"web",`, `{"service":"web","allowOlder":{},`, 1), "allowOlder: not together with an event"},
		{"an event of another source", strings.Replace(good, "aws.ecr", "aws.s3", 1), `event.source: want aws.ecr, got "aws.s3"`},
		{"an event of another type", strings.Replace(good, "ECR Image Action", "ECR Image Scan", 1), "event.detail-type: want ECR Image Action"},
		{"an event without a repository", strings.Replace(good, `"repository-name":"shop/web",`, "", 1), "event.detail.repository-name: it is absent"},
		{"an event whose tag is none", strings.Replace(good, `"v1"`, `"v 1"`, 1), "event.detail.image-tag"},
		{"an event whose tag is a number", strings.Replace(good, `"v1"`, `1`, 1), "event: cannot unmarshal number"},
		{"an event whose time is none", strings.Replace(good, "2026-11-23T08:00:00Z", "yesterday", 1), "event: "},
		{"a sweep with an event", strings.Replace(good, `{"service":"web",`, `{"service":"web","sweep":{},`, 1), "event: not together with sweep"},
		{"a sweep that found nothing", `{"service":"web","tag":"v1","sweep":{}}`, "sweep: want a tag, and"},
		{"a sweep of a digest that is none", `{"service":"web","tag":"v1","sweep":{"digest":"sha256:12","pushedAt":"2026-11-23T07:00:00Z"}}`, `sweep.digest: "sha256:12" is not a digest`},
		{"a sweep that follows a name", `{"service":"web","sweep":{"follow":"web:42"}}`, "sweep: want {\"follow\""},
		{"an event that is a string", `{"service":"web","event":"push"}`, "event: cannot unmarshal string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := push.Parse(json.RawMessage(test.document), start)
			var f *fault.Fault
			if !errors.As(err, &f) || f.Code != fault.InputInvalid || f.Fix == "" || !strings.Contains(f.Message, test.want) {
				t.Errorf("got %v, want %s with %q and a fix", err, fault.InputInvalid, test.want)
			}
		})
	}
}

// FuzzParse attacks the promises of Parse: it never panics, an error is always an input fault, and a push has a
// service, a time that is not after the start, and at most one way of naming an image.
func FuzzParse(f *testing.F) {
	f.Add([]byte(event(`"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH","image-tag":"v1"`)))
	f.Add([]byte(`{"service":"web","tag":"v1","dryRun":true,"allowOlder":{"replaces":"` + string(one) + `"}}`))
	f.Add([]byte(`{"service":"web","digest":"` + string(one) + `"}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := push.Parse(document, start)
		if err != nil {
			var f *fault.Fault
			if !errors.As(err, &f) || f.Code != fault.InputInvalid {
				t.Fatalf("%s: %v is no input fault", document, err)
			}
			return
		}
		if p.Service == "" || p.Time.After(start) || p.Tag != "" && p.Digest != "" || p.FromEvent && p.Replaces != "" {
			t.Fatalf("%s: %+v", document, p)
		}
		if !p.FromEvent && p.Tag == "" && p.Digest == "" {
			t.Fatalf("%s names nothing to deploy: %+v", document, p)
		}
	})
}
