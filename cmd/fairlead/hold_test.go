package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ledger"
)

// services is a cdk.json with the services api and web.
func twoServices(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cdk.json")
	const configuration = `{"context":{"fairlead":{"services":{
		"api":{"cluster":"prod","repository":"shop/api","tagPolicy":{"newest":true}},
		"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true}}}}}}`
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestHoldAndRelease(t *testing.T) {
	file := twoServices(t)
	for name, test := range map[string]struct {
		args []string
		want time.Time
		says string
	}{
		"without an end":       {[]string{"hold", "web", "-reason", "a\x07 migration", "-config", file}, time.Time{}, "Held web until somebody lifts it."},
		"until a time":         {[]string{"hold", "web", "-until", "2026-11-23T10:00:00+01:00", "-reason", "a migration", "-config", file}, at(60), "Held web until 2026-11-23T09:00:00Z."},
		"for a while":          {[]string{"hold", "-for", "20m", "-reason", "a migration", "-config", file, "web"}, at(50), "Held web until 2026-11-23T08:50:00Z."},
		"of what is not named": {[]string{"hold", "web", "-reason", "a migration", "-unlisted", "-config", file + "x"}, time.Time{}, "Held web"},
	} {
		t.Run(name, func(t *testing.T) {
			term := newTerminal(t)
			if code, out, said := term.run(t, test.args...); code != exitDone || !strings.Contains(out, test.says) {
				t.Fatalf("exit %d, %s%s", code, out, said)
			}
			want := ledger.Hold{Service: "web", Reason: "a migration", By: "Ada", At: at(30), Until: test.want}
			got, _ := term.memory.Hold(t.Context(), "web")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the ledger (-want +got):\n%s", diff)
			}
			if term.opened[0].role != "fairlead-hold" {
				t.Errorf("it took on %s", term.opened[0].role)
			}
			term.now = func() time.Time { return at(40) }
			if code, out, said := term.run(t, "release", "web", "-reason", "it is done"); code != exitDone || !strings.Contains(out, "Released web.") {
				t.Errorf("exit %d, %s%s", code, out, said)
			}
			want.LiftedAt, want.LiftedBy, want.LiftReason = at(40), "Ada", "it is done"
			if got, _ := term.memory.Hold(t.Context(), "web"); !cmp.Equal(want, got) {
				t.Errorf("the ledger has %+v", got)
			}
			term.now = func() time.Time { return at(41) }
			if code, out, _ := term.run(t, "release", "web"); code != exitDone || !strings.Contains(out, "lifted before: at 2026-11-23T08:40:00Z by Ada. Nothing was changed") {
				t.Errorf("a second time: exit %d, %s", code, out)
			}
		})
	}
}

func TestAHoldThatHasPassedIsNotReleased(t *testing.T) {
	term := newTerminal(t)
	term.run(t, "hold", "web", "-reason", "x", "-for", "5m", "-unlisted")
	term.now = func() time.Time { return at(36) }
	if code, out, _ := term.run(t, "release", "web"); code != exitDone || !strings.Contains(out, "ended by itself at 2026-11-23T08:35:00Z") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestASecondHoldTellsOfTheFirst(t *testing.T) {
	term := newTerminal(t)
	term.run(t, "hold", "web", "-reason", "the first", "-unlisted")
	term.now = func() time.Time { return at(31) }
	if _, out, _ := term.run(t, "hold", "web", "-reason", "the second", "-unlisted"); !strings.Contains(out, "takes the place of the hold by Ada since 2026-11-23T08:30:00Z, until somebody lifts it: the first\n") {
		t.Error(out)
	}
}

func TestHolds(t *testing.T) {
	term, file := newTerminal(t), twoServices(t)
	if code, out, said := term.run(t, "holds", "-config", file); code != exitDone || out != "Nothing is held.\n" {
		t.Errorf("exit %d, %s%s", code, out, said)
	}
	term.run(t, "hold", "web", "-reason", "a migration", "-unlisted")
	term.run(t, "hold", "api", "-reason", "it has passed", "-for", "1m", "-unlisted")
	term.now = func() time.Time { return at(45) }
	const want = "web\n  since    2026-11-23T08:30:00Z\n  by       Ada\n  until    somebody lifts it\n  because  a migration\n  lift     fairlead release web\n"
	if _, out, _ := term.run(t, "holds", "-config", file); out != want {
		t.Errorf("got %s", out)
	}
	_, out, _ := term.run(t, "holds", "-config", file, "-json")
	var got []map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	wanted := []map[string]any{{"service": "web", "at": "2026-11-23T08:30:00Z", "by": "Ada", "until": nil, "reason": "a migration"}}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsMistypedHoldsNothing(t *testing.T) {
	file := twoServices(t)
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no service":                     {[]string{"hold", "-reason", "x"}, exitUsage, "which service?"},
		"no reason":                      {[]string{"hold", "web", "-config", file}, exitUsage, "-reason is wanted"},
		"a service that is not":          {[]string{"hold", "wbe", "-reason", "x", "-config", file}, exitUsage, "names no service wbe, but api, web; say -unlisted"},
		"no configuration":               {[]string{"hold", "web", "-reason", "x", "-config", file + "x"}, exitUsage, "say -config with the cdk.json that names it, or -unlisted"},
		"two ends":                       {[]string{"hold", "web", "-reason", "x", "-for", "1h", "-until", "2026-11-23T10:00:00Z"}, exitUsage, "not both"},
		"an end that has passed":         {[]string{"hold", "web", "-reason", "x", "-until", "2026-11-23T08:30:00Z"}, exitUsage, "has passed"},
		"an end in words":                {[]string{"hold", "web", "-reason", "x", "-until", "tomorrow"}, exitUsage, "want a time like"},
		"a time backwards":               {[]string{"hold", "web", "-reason", "x", "-for", "-1h"}, exitUsage, "longer than that"},
		"two services":                   {[]string{"hold", "web", "-reason", "x", "api"}, exitUsage, `"api" is no flag`},
		"a release of nothing":           {[]string{"release"}, exitUsage, "which service?"},
		"a release of what was not held": {[]string{"release", "web"}, exitFailed, "it was never held\nFix: look up what is held with `fairlead holds`"},
		"a list of nobody knows what":    {[]string{"holds", "-config", file + "x"}, exitUsage, "which service? Say -service"},
	} {
		t.Run(name, func(t *testing.T) {
			term := newTerminal(t)
			code, out, said := term.run(t, test.args...)
			if code != test.code || !strings.Contains(said, test.says) || out != "" {
				t.Errorf("exit %d, %s%s\nwant %d and %q", code, out, said, test.code, test.says)
			}
			if h, _ := term.memory.Hold(t.Context(), "web"); h.Exists() {
				t.Errorf("held: %+v", h)
			}
		})
	}
}

// TestHoldOnAWS holds and lifts through the SDK, under the operators' role for it.
func TestHoldOnAWS(t *testing.T) {
	lab, table := newAWS(t)
	to := target{prefix: "fairlead", table: table, suffix: holdRole}
	if err := to.complete(func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	op, err := connect(t.Context(), lab.Client(lab.Administrator()), to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.holds.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: op.name, At: lab.Now()}); err != nil {
		t.Fatal(err)
	}
	lab.Pass(time.Minute)
	lifted, err := op.holds.LiftHold(t.Context(), "web", op.name, "", lab.Now())
	if err != nil || lifted.LiftedAt.IsZero() || !strings.HasPrefix(lifted.By, "arn:aws:iam::123456789012:") {
		t.Errorf("lifted %+v, %v", lifted, err)
	}
	if _, err := op.quarantines.Quarantines(t.Context(), "web"); err == nil {
		t.Error("the role lists quarantines too")
	}
}
