package outcome

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

const (
	td     = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:"
	digest = "sha256:4a5b6c7d8e9f00112233445566778899aabbccddeeff00112233445566778899"

	input     = `"service":"web","event":{"id":"e-1","time":"2026-11-23T11:59:58Z","detail":{"repository-name":"shop/web","image-tag":"3f2a-812","image-digest":"` + digest + `"}}`
	checked   = input + `,"image":{"decision":"deploy","repository":"shop/web","tag":"3f2a-812","digest":"` + digest + `","running":{"taskDefinition":"` + td + `41"}}`
	claimed   = checked + `,"claim":{"granted":true,"sequence":7}`
	revised   = claimed + `,"revision":{"decision":"registered","taskDefinition":"` + td + `42","base":"` + td + `41"}`
	updated   = revised + `,"update":{"decision":"updated","at":"2026-11-23T12:00:00Z","previous":"` + td + `41"}`
	answerOut = revised + `,"fault":{"Error":"Aws.AnswerLost","Cause":"lost"}`
)

func judged(verdict, more string) string {
	return `,"rollout":{"verdict":"` + verdict + `",` + more + `"runningTaskDefinition":"` + td + `42"}`
}

func read(t *testing.T, document string) Document {
	t.Helper()
	d, err := ParseDocument(json.RawMessage("{" + document + "}"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecide(t *testing.T) {
	const image = "shop/web:3f2a-812 (sha256:4a5b6c7d8e9f)"
	tests := []struct {
		name     string
		document string
		want     Name
		err      string
		says     []string
	}{
		{name: "a healthy rollout is deployed", document: updated + judged("healthy", `"reason":"ECS finished it.",`), want: Deployed,
			says: []string{"Service web runs " + image + " as web:42, before it ran web:41.", "ECS finished it.", "Nothing to do."}},
		{name: "a healthy rollout is deployed, whatever was caught on the way", document: answerOut + judged("healthy", ""), want: Deployed, says: []string{"as web:42"}},
		{name: "a rollout without a task is not called deployed", document: updated + judged("unproven", `"reason":"no task was asked for",`), want: Skipped,
			says: []string{"pointed at web:42", "not called deployed", "no task was asked for"}},
		{name: "a rollout that was replaced is superseded", document: updated + judged("superseded", `"reason":"a newer one",`), want: Superseded, says: []string{"left to what is newer", "a newer one"}},
		{name: "a rollout that ECS put back is rolled back", document: updated + `,"rollout":{"verdict":"failed","restored":true,"reason":"circuit breaker","runningTaskDefinition":"` + td + `41"}`, want: RolledBack, err: "Rollout.RolledBack",
			says: []string{image + " failed as service web, and the service is back on web:41.", "circuit breaker", "Do not redrive"}},
		{name: "a rollout that nobody put back is stuck", document: updated + judged("failed", `"reason":"it hangs",`), want: Stuck, err: "Rollout.Stuck",
			says: []string{"needs you", "pointed at web:42, before it ran web:41", "it hangs", "Do not redrive"}},
		{name: "an update whose image came into quarantine is skipped", document: revised + `,"update":{"decision":"quarantined","reason":"it is in quarantine"}`, want: Skipped, says: []string{"it is in quarantine"}},
		{name: "an update that lost its claim is superseded", document: revised + `,"update":{"decision":"superseded","reason":"a newer claim"}`, want: Superseded, says: []string{"superseded.", "a newer claim"}},
		{name: "an image that a gate refuses after it was checked is rejected", document: checked + `,"scan":{"decision":"pending"},"fault":{"Error":"Image.Vulnerable","Cause":"{\"errorMessage\":\"gate scan: it has 1 finding. Fix: upgrade openssl\"}"}`, want: Rejected, err: "Image.Vulnerable",
			says: []string{image + " is not fit to run as service web. Nothing was touched.", "gate scan: it has 1 finding", "Do not redrive, it would only fail again: upgrade openssl."}},
		{name: "an image that came into quarantine before the claim is skipped", document: checked + `,"claim":{"granted":false,"quarantined":true,"reason":"it is in quarantine"}`, want: Skipped,
			says: []string{"nothing was changed", "it is in quarantine", "start a new execution with the same input"}},
		{name: "of what the sweep has started, the same input would lose against its own claim", document: revised + `,"sweep":{"digest":"` + digest + `"},"update":{"decision":"quarantined","reason":"it is in quarantine"}`, want: Skipped,
			says: []string{`then start a new execution with {"service":"web","digest":"` + digest + `"}.`}},
		{name: "a going back goes out again under its allowOlder alone", document: strings.Replace(revised, `"running"`, `"replaces":"sha256:b","running"`, 1) +
			`,"rollout":{"verdict":"failed","reason":"ECS says so"},"diagnosis":{"cause":"secret.missing","what":"a secret does not exist","fix":"create it"},"rollback":{"decision":"restored","reason":"ECS did","taskDefinition":"` + td + `41"}`,
			want: RolledBack, err: "Rollout.RolledBack", says: []string{`start a new execution with {"service":"web","digest":"` + digest + `","allowOlder":{"replaces":"sha256:b"}}`}},
		{name: "a push to a service that is held is skipped, and goes out later", document: input + `,"image":{"decision":"skip","held":true,"reason":"it is held"}`, want: Skipped,
			says: []string{"nothing was changed", "it is held", "the newest push goes out by itself"}},
		{name: "a service that was held before the claim", document: checked + `,"claim":{"granted":false,"held":true,"reason":"it is held"}`, want: Skipped, says: []string{"goes out by itself"}},
		{name: "a service that was held before the update", document: revised + `,"update":{"decision":"held","reason":"it is held"}`, want: Skipped, says: []string{"nothing was changed", "goes out by itself"}},
		{name: "what an operator named does not go out later", document: `"service":"web","tag":"v1","image":{"decision":"skip","held":true,"reason":"it is held"}`, want: Skipped,
			says: []string{"lift the hold and start a new execution with the same input"}},
		{name: "a failure beside the image asks for no new one", document: claimed + `,"revision":{"decision":"registered","taskDefinition":"` + td + `42","base":"` + td + `41"},"rollout":{"verdict":"failed","reason":"ECS says so"},` +
			`"diagnosis":{"cause":"secret.missing","what":"a secret does not exist","fix":"create it"},"rollback":{"decision":"restored","reason":"ECS did","taskDefinition":"` + td + `41"}`, want: RolledBack, err: "Rollout.RolledBack",
			says: []string{"a secret does not exist", "create it; the image itself is not to blame, so release it with `fairlead quarantine release -service web"}},
		{name: "a failure of the image asks for another one", document: claimed + `,"revision":{"decision":"registered","taskDefinition":"` + td + `42","base":"` + td + `41"},"rollout":{"verdict":"failed","reason":"ECS says so"},` +
			`"diagnosis":{"cause":"container.crashed","what":"it crashed","fix":"read its log"},"rollback":{"decision":"restored","reason":"ECS did","taskDefinition":"` + td + `41"}`, want: RolledBack, err: "Rollout.RolledBack",
			says: []string{"it crashed", "read its log; then push a new image. This one is in quarantine"}},
		{name: "an image that came into quarantine after the claim is skipped", document: claimed + `,"revision":{"decision":"quarantined","reason":"it is in quarantine","taskDefinition":"` + td + `41"}`, want: Skipped, says: []string{"nothing was changed", "it is in quarantine"}},
		{name: "a revision that runs already is skipped", document: claimed + `,"revision":{"decision":"unchanged","reason":"runs this image already","taskDefinition":"` + td + `41"}`, want: Skipped, says: []string{"nothing was changed", "runs this image already"}},
		{name: "a revision that runs already after the base had moved is skipped", document: claimed + `,"update":{"decision":"baseMoved"},"revision":{"decision":"unchanged","reason":"runs already","taskDefinition":"` + td + `41"}`, want: Skipped},
		{name: "a service on a newer revision is superseded", document: claimed + `,"revision":{"decision":"superseded","reason":"a newer execution"}`, want: Superseded, says: []string{"before it touched the service"}},
		{name: "a claim that was not granted is superseded", document: checked + `,"claim":{"granted":false,"reason":"not newer"}`, want: Superseded, says: []string{"before it touched the service", "not newer", "To deploy it all the same, start an execution that names it, with the digest that runs now as allowOlder.replaces."}},
		{name: "an image that is not ours to deploy is skipped", document: input + `,"image":{"decision":"skip","reason":"an attestation"}`, want: Skipped, says: []string{image, "an attestation"}},
		{name: "an unfit image is rejected, in the words of the fault", document: input + `,"fault":{"Error":"Image.NotFound","Cause":"{\"errorMessage\":\"the tag names nothing. Fix: push it\",\"errorType\":\"Image.NotFound\"}"}`,
			want: Rejected, err: "Image.NotFound", says: []string{image + " is not fit", "Nothing was touched", "\nthe tag names nothing\n", "Do not redrive, it would only fail again: push it."}},
		{name: "an image that nobody vouches for", document: checked + `,"fault":{"Error":"Image.Unsigned","Cause":"{\"errorMessage\":\"gate signature: no. Fix: sign it\"}"}`, want: Rejected, err: "Image.Unsigned",
			says: []string{image + " is not fit", "Nothing was touched", "\ngate signature: no\n", "Do not redrive, it would only fail again: sign it."}},
		{name: "an operator's unfit image is named as far as it is known", document: `"service":"web","tag":"v1","fault":{"Error":"Image.NotFound","Cause":"gone"}`, want: Rejected, err: "Image.NotFound", says: []string{"Image v1 is not fit", "gone", "push a fit image"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			end, err := Decide(read(t, tt.document))
			if err != nil {
				t.Fatal(err)
			}
			got := end.Outcome("id")
			if got.Name != tt.want || got.Error != tt.err || got.ID != "id" {
				t.Errorf("%s, error %q; want %s, %q", got.Name, got.Error, tt.want, tt.err)
			}
			for _, says := range tt.says {
				if !strings.Contains(got.Cause, says) {
					t.Errorf("the cause does not say %q:\n%s", says, got.Cause)
				}
			}
			if lines := strings.Count(got.Cause, "\n") + 1; lines < 2 || lines > 5 {
				t.Errorf("%d lines:\n%s", lines, got.Cause)
			}
			if got.Name.Succeeds() != (got.Error == "") {
				t.Errorf("%s with the error %q", got.Name, got.Error)
			}
		})
	}
}

// TestTheHistoryIsToldWhomToFollow: an execution that left its image to another one does not tell what became of that.
func TestTheHistoryIsToldWhomToFollow(t *testing.T) {
	for name, document := range map[string]string{
		"in the claim":      checked + `,"claim":{"granted":false,"reason":"not newer","follow":"arn:first"}`,
		"before the update": revised + `,"update":{"decision":"superseded","reason":"a newer claim","follow":"arn:first"}`,
		"on the way back":   updated + judged("failed", "") + `,"rollback":{"decision":"superseded","reason":"a newer claim","follow":"arn:first"}`,
	} {
		d := read(t, document)
		end, err := Decide(d)
		if told := Tell(d, end, Run{}, Place{}); err != nil || end.Name != Superseded || told.Follow != "arn:first" {
			t.Errorf("%s: %+v, %v, told %q", name, end, err, told.Follow)
		}
	}
}

// TestACauseIsToldOnce: a deployment that was given up early was given up for its cause.
func TestACauseIsToldOnce(t *testing.T) {
	for reason, want := range map[string]string{
		"web crashed (twice): no route. To wait longer cannot help, though ECS still tries": "web crashed (4 times): no route. Seen in ECS: To wait longer cannot help, though ECS still tries",
		"web crashed (twice): no route": "web crashed (4 times): no route.",
		"circuit breaker":               "web crashed (4 times): no route. Seen in ECS: circuit breaker",
	} {
		d := read(t, updated+judged("failed", "")+`,"diagnosis":{"cause":"container.crashed","what":"web crashed (4 times): no route","fix":"mend it"}`)
		d.Rollout.Reason = reason
		if got := d.whyFailed(); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestDecideRefusesADocumentThatTellsNoEnd(t *testing.T) {
	for name, document := range map[string]string{
		"nothing but an input":                input,
		"an image that is to be deployed":     checked,
		"a granted claim":                     claimed,
		"a revision that was made":            revised,
		"an update":                           updated,
		"a rollout that goes on":              updated + judged("progressing", ""),
		"a verdict that there is not":         updated + judged("splendid", ""),
		"a rejection after the claim":         claimed + `,"fault":{"Error":"Image.Unsigned","Cause":"no"}`,
		"a fault after the image was checked": checked + `,"fault":{"Error":"Permission.Denied","Cause":"no"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if end, err := Decide(read(t, document)); err == nil {
				t.Errorf("decided %+v", end)
			}
		})
	}
}

func TestCauseIsBoundedAndClean(t *testing.T) {
	nasty := strings.Repeat("é\x00\x1b[31m\u202e\n\t zu viel \xff", 4000)
	end := End{Name: Stuck, Error: "e", What: nasty, Why: nasty, Fix: nasty}
	cause := end.Cause()
	if len(cause) > 4096 || !utf8.ValidString(cause) || strings.Count(cause, "\n") != 2 {
		t.Errorf("%d bytes, %d lines, valid %v", len(cause), strings.Count(cause, "\n")+1, utf8.ValidString(cause))
	}
	for _, r := range cause {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("holds %U", r)
		}
	}
}

func TestPushIsNamedAsFarAsItIsKnown(t *testing.T) {
	for want, p := range map[string]Push{
		"shop/web:v1 (sha256:4a5b6c7d8e9f)": {Repository: "shop/web", Tag: "v1", Digest: digest},
		"shop/web (sha256:4a5b6c7d8e9f)":    {Repository: "shop/web", Digest: digest},
		"shop/web:v1":                       {Repository: "shop/web", Tag: "v1"},
		"shop/web":                          {Repository: "shop/web"},
		"image v1":                          {Tag: "v1"},
		"image (sha256:4a5b6c7d8e9f)":       {Digest: digest},
		"an image":                          {},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestIDTellsExecutionsAndRedrivesApart(t *testing.T) {
	seen := map[string]bool{}
	for _, execution := range []string{"arn:a", "arn:a#1", "arn:b"} {
		for _, redrive := range []int{0, 1, 10, 11} {
			id := ID(execution, redrive)
			if len(id) != 32 || seen[id] || id != ID(execution, redrive) {
				t.Errorf("%s, %d: %q", execution, redrive, id)
			}
			seen[id] = true
		}
	}
}

func TestLinksFollowThePartition(t *testing.T) {
	place := Place{Cluster: "prod", Service: "web"}
	for arn, want := range map[string]string{
		"arn:aws:states:eu-west-1:123456789012:execution:fairlead:x":            "https://eu-west-1.console.aws.amazon.com/",
		"arn:aws-cn:states:cn-north-1:123456789012:execution:fairlead:x":        "https://cn-north-1.console.amazonaws.cn/",
		"arn:aws-us-gov:states:us-gov-west-1:123456789012:execution:fairlead:x": "https://us-gov-west-1.console.amazonaws-us-gov.com/",
	} {
		got := links(arn, place)
		if !strings.HasPrefix(got.Execution, want) || !strings.HasSuffix(got.Execution, arn) || !strings.HasPrefix(got.Service, want+"ecs/v2/clusters/prod/services/web/") {
			t.Errorf("%+v", got)
		}
	}
	if got := links("arn:aws:states:eu-west-1:123456789012:execution:fairlead:a)\u202e(b c", place); !strings.HasSuffix(got.Execution, ":execution:fairlead:a%29%E2%80%AE%28b%20c") {
		t.Errorf("a name is not escaped: %q", got.Execution)
	}
	if got := links("no arn", place); got != (Links{}) {
		t.Errorf("%+v", got)
	}
}
