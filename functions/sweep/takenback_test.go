package sweep_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/edge/ledger"
)

// taken is a service that ECS has taken back from what execution b deployed, while that was stopped.
func taken(t *testing.T) *world {
	t.Helper()
	w := calm(t)
	w.claim(t, 5, "b", "b", at(16))
	held, _ := w.ledger.Claim(t.Context(), "web")
	if err := w.ledger.ReplaceClaim(t.Context(), "web", held, held.Pointing(next, at(17))); err != nil {
		t.Fatal(err)
	}
	w.run("b", types.ExecutionStatusAborted, "", at(20))
	w.nextTags = madeBy("b", "5")
	w.Deploy("2", next, ecstypes.ServiceDeploymentStatusRollbackSuccessful, at(17))
	return w
}

func TestWhatECSHasTakenBackUntold(t *testing.T) {
	blames := func(t *testing.T, w *world, by string) {
		t.Helper()
		if err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest("b"), Execution: execution + by, Reason: "it crashed", At: at(19)}); err != nil {
			t.Fatal(err)
		}
	}
	release := func(t *testing.T, w *world, minute int) {
		t.Helper()
		if _, err := w.ledger.Release(t.Context(), "web", digest("b"), "sam", "not to blame", at(minute)); err != nil {
			t.Fatal(err)
		}
	}
	status := func(s ecstypes.ServiceDeploymentStatus) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.Deployments[0].Status = s }
	}
	tests := []struct {
		name   string
		change func(*testing.T, *world)
		want   bool
	}{
		{"the execution was stopped", func(*testing.T, *world) {}, true},
		{"the execution has failed in a state", func(_ *testing.T, w *world) {
			w.run("b", types.ExecutionStatusFailed, "Permission.Denied", at(20))
		}, true},
		{"ECS is at it", status(ecstypes.ServiceDeploymentStatusRollbackInProgress), true},
		{"ECS has not managed to", status(ecstypes.ServiceDeploymentStatusRollbackFailed), true},
		{"another service deployment took over", status(ecstypes.ServiceDeploymentStatusStopped), false},
		{"it succeeded, and somebody changed the service since", status(ecstypes.ServiceDeploymentStatusSuccessful), false},
		{"of two of its deployments the newer one", func(_ *testing.T, w *world) {
			w.Deploy("3", next, ecstypes.ServiceDeploymentStatusSuccessful, at(18))
		}, false},
		{"it never came to a deployment", func(_ *testing.T, w *world) { w.Deployments = nil }, false},
		{"the service is pointed at it still", func(_ *testing.T, w *world) { w.service.TaskDefinition = aws.String(next) }, false},
		{"the execution has just been stopped", func(_ *testing.T, w *world) { w.run("b", types.ExecutionStatusAborted, "", at(29)) }, false},
		{"the execution has told of it", func(_ *testing.T, w *world) {
			w.run("b", types.ExecutionStatusFailed, "Rollout.RolledBack", at(20))
		}, false},
		{"the execution is forgotten", func(_ *testing.T, w *world) { delete(w.runs, execution+"b") }, false},
		{"the revision is another's", func(_ *testing.T, w *world) { w.nextTags = madeBy("a", "4") }, false},
		{"the image is in quarantine", func(t *testing.T, w *world) { blames(t, w, "c") }, false},
		{"the image was in quarantine for this execution, and was released", func(t *testing.T, w *world) {
			blames(t, w, "b")
			release(t, w, 21)
		}, false},
		{"the image was in quarantine for another execution, and was released since", func(t *testing.T, w *world) {
			blames(t, w, "c")
			release(t, w, 21)
		}, false},
		{"the image was in quarantine long before, and was released before", func(t *testing.T, w *world) {
			blames(t, w, "c")
			release(t, w, 16)
		}, true},
		{"the execution was started to follow it", func(_ *testing.T, w *world) {
			w.nextTags = madeBy("a", "4")
			w.runs[execution+"b"].Input = aws.String(`{"service":"web","sweep":{"follow":"` + next + `"}}`)
		}, true},
		{"the execution was started to follow another", func(_ *testing.T, w *world) {
			w.nextTags = madeBy("a", "4")
			w.runs[execution+"b"].Input = aws.String(`{"service":"web","sweep":{"follow":"` + definition + `"}}`)
		}, false},
		{"the revision was deleted", func(_ *testing.T, w *world) {
			w.fails["DescribeTaskDefinition"] = &ecstypes.ClientException{Message: aws.String("Unable to describe task definition.")}
		}, false},
		{"it was redriven, and has ended again a while ago", func(_ *testing.T, w *world) { w.runs[execution+"b"].RedriveCount = aws.Int32(1) }, false},
		{"it was redriven often", func(_ *testing.T, w *world) {
			w.run("b", types.ExecutionStatusAborted, "", at(-60))
			w.runs[execution+"b"].RedriveCount = aws.Int32(3)
		}, false},
		{"it cannot be redriven any more", func(_ *testing.T, w *world) { w.fails["RedriveExecution"] = &types.ExecutionNotRedrivable{} }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := taken(t)
			test.change(t, w)
			got := w.sweep(t)
			if redriven := slices.Equal(w.redriven, []string{"b"}); redriven != test.want || len(w.started) > 0 || got.Started != len(w.redriven) {
				t.Fatalf("redriven %v, started %v, %+v; want it %v", w.redriven, w.inputs(), got, test.want)
			}
			if test.want && len(w.bus.Sent) != 1 {
				t.Errorf("%d events were sent of the end before the redrive", len(w.bus.Sent))
			}
			w.now = w.now.Add(15 * time.Minute)
			if w.sweep(t); len(w.redriven) > 1 {
				t.Error("it was redriven while it ran")
			}
		})
	}
}

func TestARedriveThatIsRefused(t *testing.T) {
	for _, call := range []string{"RedriveExecution", "DescribeExecution", "DescribeTaskDefinition"} {
		w := taken(t)
		w.fails[call] = errors.New("connection reset by peer")
		if _, err := w.try(t); err == nil || !strings.Contains(err.Error(), "sweep service web") {
			t.Errorf("%s: got %v", call, err)
		}
		clear(w.fails)
		if w.sweep(t); len(w.redriven) != 1 {
			t.Errorf("%s: the next sweep has redriven %v", call, w.redriven)
		}
	}
}
