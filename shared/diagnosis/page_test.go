package diagnosis_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/diagnosis"
)

var update = flag.Bool("update", false, "write docs/causes.md")

const page = "../../docs/causes.md"

const head = `# Why a deployment failed

When a rollout has failed, Fairlead reads what ECS still remembers (stopped tasks, events, load balancer targets, the last lines of
the container's log) and names one cause with what to do about it. It stands in the execution's cause, in the outcome event and, with the
evidence, under ` + "`diagnosis`" + ` in the execution's document. Words in *italics* are filled in. Where several causes show themselves, the one that
explains most is named, then the one that more tasks show, then the one that was seen last.

*Heals*: it may go away by itself, so that the same image may come up another time. *Ends early*: the deployment is stopped at the
second task that shows it. Tasks that were started side by side are one attempt: the second is one that was created after the first had
ended, and where a permission is missing one that ended a minute later, for a change in IAM takes a while to be in effect. A crash counts only where
it is the same container with the same exit code and no task of the deployment was ever healthy; ` + "`earlyStop: false`" + ` leaves crashes
(and containers that the runtime cannot start, for another reason than their command) to ECS's circuit breaker. An exit code alone (126 or 127 too) is a crash. What keeps tasks from starting does not count where one of them has started: it may be one instance or subnet.

The image is in [quarantine](quarantine.md) afterwards. To *deploy again* or *push again* what has failed for another's reason, release it and start an
execution with its digest, or push a new image.

Log lines are cut to ten of 200 bytes; what looks like a password, a token or a key is taken out, control characters too. Environment values are never read.

| cause | what it says | what to do | heals | ends early |
|---|---|---|---|---|
`

// TestThePageShowsTheTable holds docs/causes.md to the table; -update writes it.
func TestThePageShowsTheTable(t *testing.T) {
	var b strings.Builder
	b.WriteString(head)
	for _, e := range diagnosis.Table() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", e.Cause, readable(e.What), readable(e.Fix), yes(e.Heals), yes(e.EndsEarly()))
	}
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), b.String()); diff != "" {
		t.Errorf("run go test ./shared/diagnosis -run Page -update (-page +table)\n%s", diff)
	}
}

var (
	statement = regexp.MustCompile(`\{statement\|(.*)\}(;|$)`)
	policies  = regexp.MustCompile(`\{"Effect":.*?\}(?:;| and |$)`)
	place     = regexp.MustCompile(`\{([a-z][a-z ]*)(?:\|([^{}]*))?\}`)
)

// readable is a text of the table as the page shows it.
func readable(text string) string {
	text = statement.ReplaceAllString(text, "$1$2")
	text = place.ReplaceAllStringFunc(text, func(whole string) string {
		if parts := place.FindStringSubmatch(whole); parts[1] != "grant" {
			return "*" + parts[1] + "*"
		}
		return "add the statement that grants it to the policy of the role that was denied"
	})
	text = policies.ReplaceAllStringFunc(text, func(json string) string {
		end := strings.LastIndexByte(json, '}') + 1
		return "`" + json[:end] + "`" + json[end:]
	})
	return strings.ReplaceAll(text, "*denial*", "") // what was denied to whom
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}
