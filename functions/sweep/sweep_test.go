package sweep_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/sweep"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/report"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, sweep.Policy(), permissiontest.Ports{
		Own: []any{(*sweep.Workflow)(nil), (*report.States)(nil), (*announce.Putter)(nil),
			(*ledger.Getter)(nil), (*ledger.Putter)(nil), (*ledger.Querier)(nil)},
		Look: []any{(*sweep.Registry)(nil), (*sweep.Services)(nil)},
	})
}

func TestItTakesNoClaimAndTouchesNothing(t *testing.T) {
	for _, s := range sweep.Policy().Own(permission.Place{StateMachineARN: machine, TableARN: "table"}) {
		if s.Sid == "LedgerClaims" && !cmp.Equal(s.Actions, []string{"dynamodb:GetItem"}) {
			t.Errorf("it may do %v with claims", s.Actions)
		}
	}
	if sweep.Policy().Update != nil || sweep.Policy().Register != nil {
		t.Error("it may touch a service")
	}
}

func TestASweepThatFindsNothingIsCheap(t *testing.T) {
	w := calm(t)
	w.calls = 0
	if got := w.sweep(t); got != (sweep.Swept{Services: 1}) || len(w.started) != 0 {
		t.Errorf("%+v, started %v", got, w.inputs())
	}
	if w.calls > 5 { // the images, the service, and the ends of three kinds
		t.Errorf("%d calls of AWS beside the ledger", w.calls)
	}
}

func TestALostPush(t *testing.T) {
	lost := `{"service":"web","tag":"v2","sweep":{"digest":"` + digest("b") + `","pushedAt":"2026-11-23T08:20:00Z"}}`
	tests := []struct {
		name   string
		change func(*testing.T, *world)
		want   []string
	}{
		{"is started", func(*testing.T, *world) {}, []string{lost}},
		{"that was claimed is not", func(t *testing.T, w *world) { w.claim(t, 5, "b", "b", at(20)) }, nil},
		{"that is older than what was claimed is not", func(t *testing.T, w *world) { w.claim(t, 5, "c", "c", at(21)) }, nil},
		{"of an image that runs already is started too", func(_ *testing.T, w *world) { w.point("b", "COMPLETED", 4) }, []string{lost}},
		{"that is in quarantine is not", func(t *testing.T, w *world) {
			if err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest("b"), Execution: "x", Reason: "it crashed", At: at(3)}); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"with which an execution has ended before its claim is not", func(t *testing.T, w *world) {
			if err := w.ledger.Append(t.Context(), ledger.Entry{Service: "web", At: at(21), ID: "1", Name: "Rejected", Tag: "v2", Digest: digest("b"), Execution: "x"}); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"with which an execution has ended long before is", func(t *testing.T, w *world) {
			if err := w.ledger.Append(t.Context(), ledger.Entry{Service: "web", At: at(2), ID: "1", Name: "Rejected", Tag: "v2", Digest: digest("b"), Execution: "x"}); err != nil {
				t.Fatal(err)
			}
		}, []string{lost}},
		{"under a tag that is ignored is not", func(_ *testing.T, w *world) { w.images[1].ImageTags = []string{"v2-debug"} }, nil},
		{"of a signature is not", func(_ *testing.T, w *world) {
			w.images[1].ImageTags = []string{"sha256-" + strings.Repeat("0", 64) + ".sig"}
		}, nil},
		{"to a service that is gone is not", func(_ *testing.T, w *world) { w.service.Status = aws.String("INACTIVE") }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := calm(t)
			w.push("v2", "b", at(20))
			test.change(t, w)
			w.sweep(t)
			if diff := cmp.Diff(test.want, w.inputs()); diff != "" {
				t.Errorf("started (-want +got):\n%s", diff)
			}
			w.now = w.now.Add(15 * time.Minute)
			w.sweep(t)
			if len(w.started) != len(test.want) {
				t.Errorf("the next sweep started %v", w.inputs())
			}
		})
	}
}

func TestTwoSweepsStartOneExecution(t *testing.T) {
	w := calm(t)
	w.push("v2", "b", at(20))
	before, err := w.ledger.Sweep(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	w.sweep(t)
	after, _ := w.ledger.Sweep(t.Context(), "web")
	if err := w.ledger.RecordSweep(t.Context(), "web", after, before); err != nil { // the second has read before the first wrote
		t.Fatal(err)
	}
	w.sweep(t)
	if len(w.started) != 1 || len(*w.started[0].Name) > 80 || !strings.HasPrefix(*w.started[0].Name, "sweep-web-") {
		t.Errorf("started %v", w.inputs())
	}
}

func TestWhatFailsIsFoundByTheNextSweep(t *testing.T) {
	for _, call := range []string{"DescribeImages", "DescribeServices web", "StartExecution"} {
		t.Run(call, func(t *testing.T) {
			w := calm(t)
			w.push("v2", "b", at(20))
			w.fails[call] = errors.New("connection reset by peer")
			if _, err := w.try(t); err == nil || !strings.Contains(err.Error(), "sweep service web") {
				t.Errorf("got %v", err)
			}
			clear(w.fails)
			if w.sweep(t); len(w.started) != 1 {
				t.Errorf("the next sweep started %v", w.inputs())
			}
		})
	}
}

func TestOneServiceDoesNotKeepTheOthers(t *testing.T) {
	w := calm(t)
	w.names = []string{"api", "web", "worker"}
	w.now = at(45)
	w.sweep(t) // the first look at the new ones
	w.push("v2", "b", at(50))
	w.now = at(60)
	w.fails["DescribeServices api"] = errors.New("denied")
	w.fails["DescribeServices worker"] = errors.New("refused")
	_, err := w.try(t)
	if err == nil || !strings.Contains(err.Error(), "sweep service api") || !strings.Contains(err.Error(), "sweep service worker") {
		t.Errorf("got %v, want both", err)
	}
	if len(w.started) != 1 || !strings.Contains(w.inputs()[0], `"service":"web"`) {
		t.Errorf("started %v", w.inputs())
	}
}

func TestThereIsATurnForEachServiceWhereTimeIsShort(t *testing.T) {
	w := calm(t)
	w.names = []string{"api", "web"}
	w.deadline = 29 * time.Second
	if got, err := w.try(t); err == nil || got.Services != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestEachServiceIsFirstInItsTurn has time for one service of each sweep.
func TestEachServiceIsFirstInItsTurn(t *testing.T) {
	for n := 1; n <= 100; n++ {
		w := calm(t)
		w.names, w.looked, w.deadline, w.takes = nil, nil, 30*time.Second, time.Second
		for i := range n {
			w.names = append(w.names, fmt.Sprintf("web%02d", i))
		}
		for round := range n {
			w.now = at(15 * round)
			if got, err := w.try(t); got.Services != 1 || (err == nil) != (n == 1) {
				t.Fatalf("of %d services %+v, %v", n, got, err)
			}
		}
		if slices.Sort(w.looked); !slices.Equal(w.looked, w.names) {
			t.Errorf("of %d services in as many sweeps these were first: %v", n, w.looked)
		}
	}
}

// TestWhereTimeIsShortEachServiceHasItsTurnSoon has time for half the services of each sweep.
func TestWhereTimeIsShortEachServiceHasItsTurnSoon(t *testing.T) {
	for n := 2; n <= 100; n++ {
		w := calm(t)
		w.names, w.looked, w.deadline, w.takes = nil, nil, time.Duration(29+n/2)*time.Second, time.Second
		for i := range n {
			w.names = append(w.names, fmt.Sprintf("web%02d", i))
		}
		for round := range 5 {
			w.now = at(15 * round)
			if got, err := w.try(t); err == nil || got.Services != n/2 {
				t.Fatalf("of %d services %+v, %v", n, got, err)
			}
		}
		slices.Sort(w.looked)
		if looked := slices.Compact(w.looked); !slices.Equal(looked, w.names) {
			t.Errorf("of %d services five sweeps have looked at %v", n, looked)
		}
	}
}

func TestARolloutThatNobodyFollows(t *testing.T) {
	follow := `{"service":"web","tag":"v-a","sweep":{"follow":"` + definition + `"}}`
	tests := []struct {
		name   string
		change func(*testing.T, *world)
		want   []string
	}{
		{"is followed", func(_ *testing.T, w *world) { w.run("a", types.ExecutionStatusAborted, "", at(20)) }, []string{follow}},
		{"is followed beside an image of a repository with a longer name", func(_ *testing.T, w *world) {
			w.beside = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/old/shop/web@" + digest("e")
			w.run("a", types.ExecutionStatusAborted, "", at(20))
		}, []string{follow}},
		{"is followed after it failed", func(_ *testing.T, w *world) {
			w.run("a", types.ExecutionStatusTimedOut, "States.Timeout", at(20))
			w.point("a", "FAILED", 4)
		}, []string{follow}},
		{"and has ended is not", func(_ *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.point("a", "COMPLETED", 4)
		}, nil},
		{"and has ended is followed if nobody said so", func(t *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.point("a", "COMPLETED", 4)
			w.deployed(t, 5, "c", "shop-web:40")
		}, []string{follow}},
		{"and has ended is not if its image was deployed as another revision", func(t *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.point("a", "COMPLETED", 4)
			w.deployed(t, 5, "a", "shop-web:40")
		}, nil},
		{"and of which ECS tells no state is not", func(_ *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.point("a", "", 4)
		}, nil},
		{"for some minutes only is not", func(_ *testing.T, w *world) { w.run("a", types.ExecutionStatusAborted, "", at(29)) }, nil},
		{"but its own execution is not", func(_ *testing.T, w *world) { w.run("a", types.ExecutionStatusRunning, "", at(0)) }, nil},
		{"that a newer execution is about to replace is not", func(t *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.run("b", types.ExecutionStatusRunning, "", at(0))
			w.claim(t, 5, "b", "b", at(20))
		}, nil},
		{"and that has failed is followed if who took it over was kept from deploying", func(t *testing.T, w *world) {
			w.run("z", types.ExecutionStatusSucceeded, "", at(20))
			w.point("a", "FAILED", 4)
			w.claim(t, 5, "z", "a", at(19))
			w.deployed(t, 5, "c", "shop-web:40")
		}, []string{follow}},
		{"and that has failed after it was well is not", func(t *testing.T, w *world) {
			w.run("z", types.ExecutionStatusSucceeded, "", at(20))
			w.point("a", "FAILED", 4)
			w.claim(t, 5, "z", "a", at(19))
		}, nil},
		{"of a person's revision is not", func(_ *testing.T, w *world) {
			w.run("a", types.ExecutionStatusAborted, "", at(20))
			w.tags = nil
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := calm(t)
			w.point("a", "IN_PROGRESS", 4)
			test.change(t, w)
			w.sweep(t)
			if diff := cmp.Diff(test.want, w.inputs()); diff != "" {
				t.Errorf("started (-want +got):\n%s", diff)
			}
			w.now = w.now.Add(15 * time.Minute)
			if len(test.want) > 0 {
				w.sweep(t)
				if len(w.started) != 1 {
					t.Errorf("while it is followed another was started: %v", w.inputs())
				}
			}
		})
	}
}

func TestAFollowerThatIsLostIsReplacedSomeTimes(t *testing.T) {
	w := calm(t)
	w.point("a", "IN_PROGRESS", 4)
	w.run("a", types.ExecutionStatusAborted, "", at(20))
	for round := range 3 {
		w.sweep(t)
		if len(w.started) != round+1 {
			t.Fatalf("round %d: started %v", round, w.inputs())
		}
		w.run(*w.started[round].Name, types.ExecutionStatusFailed, "Permission.Denied", w.now)
		w.now = w.now.Add(61 * time.Minute)
	}
	if _, err := w.try(t); err == nil || len(w.started) != 3 {
		t.Errorf("a fourth time: %v, %d started", err, len(w.started))
	}
}

// unreported is an execution that was stopped, whose event was lost.
func unreported(w *world, name string, stopped time.Time) {
	w.run(name, types.ExecutionStatusAborted, "", stopped)
	w.listed = append(w.listed, types.ExecutionListItem{ExecutionArn: aws.String(execution + name), Name: aws.String(name), Status: types.ExecutionStatusAborted,
		StartDate: aws.Time(at(1)), StopDate: aws.Time(stopped)})
}

func TestAnEndThatNobodyReported(t *testing.T) {
	w := calm(t)
	unreported(w, "x", at(20))
	unreported(w, "old", at(-24*60))
	unreported(w, "young", at(29))
	if got := w.sweep(t); got.Reported != 1 || len(w.bus.Sent) != 1 || !strings.Contains(*w.bus.Sent[0].Detail, execution+"x") {
		t.Errorf("%+v, sent %d", got, len(w.bus.Sent))
	}
	w.now = at(45)
	if got := w.sweep(t); got.Reported != 1 || len(w.bus.Sent) != 2 || !strings.Contains(*w.bus.Sent[1].Detail, execution+"young") {
		t.Errorf("the next sweep: %+v, sent %d", got, len(w.bus.Sent))
	}
	w.now = at(60)
	if got := w.sweep(t); got.Reported != 0 || len(w.bus.Sent) != 2 {
		t.Errorf("the one after: %+v, sent %d", got, len(w.bus.Sent))
	}
}

func TestAnEndThatCannotBeReportedIsTriedAgain(t *testing.T) {
	for _, call := range []string{"ListExecutions", "GetExecutionHistory"} {
		t.Run(call, func(t *testing.T) {
			w := calm(t)
			unreported(w, "x", at(20))
			w.fails[call] = errors.New("throttled")
			if _, err := w.try(t); err == nil {
				t.Error("no error")
			}
			clear(w.fails)
			w.now = at(45)
			if got := w.sweep(t); got.Reported != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}
