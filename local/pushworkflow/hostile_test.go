package pushworkflow_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/shared/edge/ledger"
)

// TestHostileTextsStayTexts lets the job read causes and names of executions that would be commands of the runner's, or more
// than one line of the summary.
func TestHostileTextsStayTexts(t *testing.T) {
	a := open(t)
	history := ledger.NewHistory(dynamodb.NewFromConfig(a.administrator()), a.outputs["LedgerTable"])
	for i, tt := range []struct {
		name, outcome, cause, execution string
		says                            string
	}{
		{"a command at the beginning", "Deployed", "::add-mask::Deployed", "x", "web: Deployed. ::add-mask::Deployed"},
		{"a command on a line of its own", "Skipped", "held\n::stop-commands::x", "x", "web: Skipped. held ::stop-commands::x"},
		{"a command of the old form", "Skipped", "its log ends with: ##[stop-commands]x", "x", "# #[stop-commands]x"},
		{"one behind more signs", "Skipped", "###[add-mask]web", "x", "## #[add-mask]web"},
		{"one within an annotation", "RolledBack", "##[error]x %0A::add-mask::web", "x", "::error::web: RolledBack. # #[error]x %250A::add-mask::web"},
		{"a colour", "Superseded", "a\x1b[31mb\x9bc", "x", "web: Superseded. a [31mb"},
		{"a shell's", "Deployed", "$(touch /tmp/fairlead-pwned) `id` ${x} \\ ' \" ; exit 3", "x", "web: Deployed. $(touch /tmp/fairlead-pwned) `id`"},
		{"a filter of jq", "Deployed", `\(env) "; halt`, "x", `web: Deployed. \(env) "; halt`},
		{"a name that ends the link", "Deployed", "", "x)(javascript", "details/arn:aws:states:eu-west-1:123456789012:execution:fairlead:x%29%28javascript)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tag := fmt.Sprintf("hostile-%d", i)
			entry := ledger.Entry{Service: "web", At: time.Now(), ID: tag, Name: tt.outcome, Cause: tt.cause, Tag: tag,
				Execution: "arn:aws:states:eu-west-1:123456789012:execution:fairlead:" + tt.execution, Expires: time.Now().Add(time.Hour)}
			if err := history.Append(t.Context(), entry); err != nil {
				t.Fatal(err)
			}
			r := a.await(t, ours(), map[string]string{"needs.push.outputs.tag": tag})
			if _, err := r.run("await"); (err != nil) != (tt.outcome == "RolledBack") {
				t.Errorf("%v\n%s", err, r.log)
			}
			if !strings.Contains(r.log+r.summary, tt.says) {
				t.Errorf("want %q in\n%s%s", tt.says, r.log, r.summary)
			}
			commands := 0
			for line := range strings.Lines(r.log) {
				if isCommand(line) {
					commands++
				}
			}
			if want := map[bool]int{true: 1}[tt.outcome == "RolledBack"]; commands != want || strings.Contains(r.log, "\x1b") {
				t.Errorf("the runner takes %d lines for commands, want %d:\n%s", commands, want, r.log)
			}
			if !link.MatchString(r.summary) {
				t.Errorf("the summary is not one line with one link: %q", r.summary)
			}
		})
	}
}

var link = regexp.MustCompile(`^- \*\*web\*\*: [A-Za-z]+ \(\[execution\]\(https://[^\s()<>\[\]]+\)\)\n$`)

// isCommand says whether the runner takes a line for a command of its own, as src/Runner.Common/ActionCommand.cs of actions/runner
// does: :: at the beginning, or the old form anywhere.
func isCommand(line string) bool {
	_, old, found := strings.Cut(line, "##[")
	return strings.HasPrefix(strings.TrimSpace(line), "::") || found && strings.Contains(old, "]")
}
