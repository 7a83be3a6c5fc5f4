package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

const (
	first  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	second = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }

// terminal is a shell whose ledger is in memory.
type terminal struct {
	shell
	memory   *ledger.Memory
	out, err bytes.Buffer
	opened   []target
	refusal  error // of the operators' role
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	term := &terminal{memory: ledger.NewMemory()}
	for digest, reason := range map[string]string{first: "container app exited with 1", second: "it crashed\x1b[2J\u202e\nweb is well"} {
		minute := 1
		if digest == second {
			minute = 2
		}
		if err := term.memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest, Tag: "v1", Execution: "execution a", Reason: reason, At: at(minute)}); err != nil {
			t.Fatal(err)
		}
	}
	term.shell = shell{out: &term.out, err: &term.err, now: func() time.Time { return at(30) },
		getenv: func(name string) string { return map[string]string{ledgerVariable: "the-table"}[name] },
		open: func(_ context.Context, to target) (operator, error) {
			term.opened = append(term.opened, to)
			return operator{name: "Ada", quarantines: term.memory, holds: term.memory}, term.refusal
		}}
	return term
}

// run runs a command line and returns its exit code and what it printed.
func (term *terminal) run(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	term.out.Reset()
	term.err.Reset()
	code = term.shell.run(t.Context(), args)
	return code, term.out.String(), term.err.String()
}

func TestList(t *testing.T) {
	term := newTerminal(t)
	code, out, _ := term.run(t, "quarantine", "list", "-service", "web")
	want := `web ` + second + ` (tag v1)
  since    2026-11-23T08:02:00Z
  by       execution a
  because  it crashed [2J web is well
  release  fairlead quarantine release -service web -digest ` + second + ` -reason "…"

web ` + first + ` (tag v1)
  since    2026-11-23T08:01:00Z
  by       execution a
  because  container app exited with 1
  release  fairlead quarantine release -service web -digest ` + first + ` -reason "…"
`
	if diff := cmp.Diff(want, out); diff != "" || code != exitDone {
		t.Errorf("exit %d (-want +got):\n%s", code, diff)
	}
	if diff := cmp.Diff([]target{{prefix: "fairlead", role: "fairlead-quarantine", table: "the-table", suffix: "quarantine"}}, term.opened, cmp.AllowUnexported(target{})); diff != "" {
		t.Errorf("it acted on (-want +got):\n%s", diff)
	}
	if _, out, _ := term.run(t, "quarantine", "list", "-service", "api"); out != "Nothing is in quarantine.\n" {
		t.Errorf("of another service: %s", out)
	}
}

func TestListAsJSON(t *testing.T) {
	term := newTerminal(t)
	if code, _, said := term.run(t, "quarantine", "release", "-service", "web", "-digest", first, "-reason", "mended"); code != exitDone {
		t.Fatal(said)
	}
	_, out, _ := term.run(t, "quarantine", "list", "-service", "web", "-json", "-all")
	var got []map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	want := []map[string]any{
		{"service": "web", "digest": second, "tag": "v1", "at": "2026-11-23T08:02:00Z", "execution": "execution a",
			"reason": "it crashed [2J web is well", "releasedAt": nil, "releasedBy": "", "releaseReason": ""},
		{"service": "web", "digest": first, "tag": "v1", "at": "2026-11-23T08:01:00Z", "execution": "execution a",
			"reason": "container app exited with 1", "releasedAt": "2026-11-23T08:30:00Z", "releasedBy": "Ada", "releaseReason": "mended"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, out, _ := term.run(t, "quarantine", "list", "-service", "web", "-json"); strings.Contains(out, first) {
		t.Errorf("what was released is listed without -all: %s", out)
	}
	if _, out, _ := term.run(t, "quarantine", "list", "-service", "api", "-json"); out != "[]\n" {
		t.Errorf("nothing is %q", out)
	}
}

func TestListReadsTheServicesFromTheConfiguration(t *testing.T) {
	term := newTerminal(t)
	file := filepath.Join(t.TempDir(), "cdk.json")
	const configuration = `{"context":{"fairlead":{"services":{
		"api":{"cluster":"prod","repository":"shop/api","tagPolicy":{"newest":true}},
		"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true}}}}}}`
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, said := term.run(t, "quarantine", "list", "-config", file); code != exitDone || !strings.Contains(out, first) {
		t.Errorf("exit %d: %s%s", code, out, said)
	}
	if code, _, said := term.run(t, "quarantine", "list", "-config", file+"x"); code != exitUsage || !strings.Contains(said, "which service? Say -service") {
		t.Errorf("exit %d: %s", code, said)
	}
}

func TestRelease(t *testing.T) {
	term := newTerminal(t)
	args := []string{"quarantine", "release", "-service", "web", "-digest", first, "-reason", "the database\x07 is back"}
	code, out, _ := term.run(t, args...)
	if code != exitDone || !strings.Contains(out, "Released "+first) || !strings.Contains(out, `{"service":"web","digest":"`+first+`"}`) {
		t.Errorf("exit %d: %s", code, out)
	}
	got, inForce, _ := term.memory.Quarantined(t.Context(), "web", first)
	if inForce || got.ReleasedBy != "Ada" || got.ReleaseReason != "the database is back" || !got.ReleasedAt.Equal(at(30)) {
		t.Errorf("the ledger has %+v", got)
	}
	term.now = func() time.Time { return at(40) }
	code, out, _ = term.run(t, args...)
	if code != exitDone || !strings.Contains(out, "was released before: at 2026-11-23T08:30:00Z by Ada: the database is back. Nothing was changed.") {
		t.Errorf("a second time: exit %d: %s", code, out)
	}
}

func TestExitCodesAndAdvice(t *testing.T) {
	denied := fault.FromAWS("list", &fault.Fault{Code: fault.PermissionDenied, Message: "AccessDenied: no", Fix: "redrive the execution"})
	release := []string{"quarantine", "release", "-service", "web", "-digest", first, "-reason", "x"}
	tests := map[string]struct {
		args    []string
		refusal error
		code    int
		says    string
	}{
		"nothing":                          {nil, nil, exitUsage, "usage: fairlead <command>"},
		"no verb":                          {[]string{"quarantine"}, nil, exitUsage, `there is no command "quarantine"`},
		"another verb":                     {[]string{"quarantine", "clear"}, nil, exitUsage, `there is no command "quarantine clear"`},
		"another flag":                     {[]string{"quarantine", "list", "-x"}, nil, exitUsage, "flag provided but not defined: -x"},
		"a word behind the flags":          {[]string{"quarantine", "list", "web"}, nil, exitUsage, `"web" is no flag`},
		"a verb's help":                    {[]string{"quarantine", "release", "-h"}, nil, exitDone, "-reason why"},
		"a release of nothing":             {[]string{"quarantine", "release"}, nil, exitUsage, "-service is wanted; -digest is wanted; -reason is wanted"},
		"a digest that is cut":             {[]string{"quarantine", "release", "-service", "web", "-digest", first[:19], "-reason", "x"}, nil, exitUsage, "is not a digest"},
		"a reason of blanks":               {[]string{"quarantine", "release", "-service", "web", "-digest", first, "-reason", " \n"}, nil, exitUsage, "-reason is wanted"},
		"a reason that is a book":          {[]string{"quarantine", "release", "-service", "web", "-digest", first, "-reason", strings.Repeat("x", 1001)}, nil, exitUsage, "at most 1000"},
		"a digest that was never there":    {[]string{"quarantine", "release", "-service", "api", "-digest", first, "-reason", "x"}, nil, exitFailed, "it was never in quarantine\nFix: look up service and digest"},
		"a denial":                         {release, denied, exitFailed, "AccessDenied: no\nFix: use the operators' role"},
		"an outage":                        {release, fault.New(fault.AWSUnavailable, fault.Later, "no answer"), exitFailed, "no answer\nFix: try again"},
		"a table that is not there":        {release, fault.New(fault.AWSRefused, "x", "ResourceNotFoundException"), exitFailed, "Fix: check that the table"},
		"a failure with advice of its own": {release, advise(errors.New("no region is set"), "set AWS_REGION"), exitFailed, "no region is set\nFix: set AWS_REGION"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			term := newTerminal(t)
			term.refusal = test.refusal
			code, out, said := term.run(t, test.args...)
			if code != test.code || !strings.Contains(said, test.says) || strings.Contains(said, "redrive") || out != "" {
				t.Errorf("exit %d, %s%s\nwant %d and %q", code, out, said, test.code, test.says)
			}
		})
	}
	t.Run("help is no failure", func(t *testing.T) {
		term := newTerminal(t)
		for _, args := range [][]string{{"help"}, {"-h"}, {"quarantine", "--help"}} {
			if code, out, _ := term.run(t, args...); code != exitDone || !strings.Contains(out, "list") || !strings.Contains(out, "release") {
				t.Errorf("%v: exit %d, %s", args, code, out)
			}
		}
	})
	t.Run("no ledger is named", func(t *testing.T) {
		term := newTerminal(t)
		term.getenv = func(string) string { return "" }
		if code, _, said := term.run(t, release...); code != exitUsage || !strings.Contains(said, "output LedgerTable of the stack Fairlead") {
			t.Errorf("exit %d, %s", code, said)
		}
	})
}

func TestSessionsAreNamedAfterWhoCalls(t *testing.T) {
	for caller, want := range map[string]string{
		"arn:aws:iam::123456789012:user/teams/ada":                                       "ada",
		"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_0a1b/ada@example.com": "ada@example.com",
		"arn:aws:iam::123456789012:root":                                                 "root",
		"arn:aws:iam::123456789012:user/a":                                               "operator-a",
		"arn:aws:sts::123456789012:federated-user/" + strings.Repeat("x", 80):            strings.Repeat("x", 64),
		"arn:aws:sts::123456789012:assumed-role/x/with blank":                            "with-blank",
	} {
		if got := sessionName(caller); got != want {
			t.Errorf("%s: %q, want %q", caller, got, want)
		}
	}
}
