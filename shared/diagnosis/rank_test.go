package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/diagnosis"
)

func later(t diagnosis.Task, by time.Duration) diagnosis.Task {
	t.StoppedAt = t.StoppedAt.Add(by)
	return t
}

func TestTheCauseThatExplainsMostIsBelieved(t *testing.T) {
	secret := unstarted(unset + "unable to retrieve secrets from ssm: invalid ssm parameters: /dsn")
	unreachable := unstarted("CannotPullContainerError: dial tcp 10.0.3.17:443: i/o timeout")
	tests := []struct {
		name     string
		evidence diagnosis.Evidence
		want     diagnosis.Cause
		times    int
	}{
		{"what AWS names before how it showed", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, ""), ended(1, ""), secret}}, diagnosis.SecretMissing, 1},
		{"what more tasks show", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, ""), unreachable, ended(1, "")}}, diagnosis.Crashed, 2},
		{"what was seen last", diagnosis.Evidence{Tasks: []diagnosis.Task{later(ended(1, ""), time.Hour), unreachable}}, diagnosis.Crashed, 1},
		{"and last the other way", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, ""), later(unreachable, time.Hour)}}, diagnosis.RepositoryUnreachable, 1},
		{"a task before an event of bad luck", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, "")}, Events: []string{"Capacity is unavailable at this time.", "Capacity is unavailable at this time."}}, diagnosis.Crashed, 1},
		{"an event before the end that ECS made", diagnosis.Evidence{Events: []string{"Capacity is unavailable at this time."}, Rollout: "circuit breaker threshold was exceeded"}, diagnosis.NoCapacity, 1},
		{"a log explains no task that is stopped for its health", diagnosis.Evidence{Tasks: []diagnosis.Task{stopped("ServiceSchedulerInitiated", "Task failed container health checks")}, LogOf: "app", Log: []string{"exec format error"}}, diagnosis.ContainerUnhealthy, 1},
		{"a task that makes room counts for nothing", diagnosis.Evidence{Tasks: []diagnosis.Task{stopped("ServiceSchedulerInitiated", "Scaling activity"), ended(1, "")}}, diagnosis.Crashed, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := diagnosis.Classify(tt.evidence); got.Cause != tt.want || got.Occurrences != tt.times {
				t.Errorf("%s, %d times; want %s, %d times", got.Cause, got.Occurrences, tt.want, tt.times)
			}
		})
	}
}

func TestTheContainerThatEndedTheTaskIsNamed(t *testing.T) {
	container := func(name string, exit int, reason string) diagnosis.Container {
		return diagnosis.Container{Name: name, ExitCode: new(exit), Reason: reason}
	}
	migration := diagnosis.Container{Name: "migration", ExitCode: new(0), Optional: true}
	tests := []struct {
		name       string
		containers []diagnosis.Container
		want       string
	}{
		{"an error before those that were told to end", []diagnosis.Container{container("proxy", 143, ""), container("app", 1, ""), container("agent", 0, "")}, "container app ended by itself (exit code 1"},
		{"an end without an error before SIGTERM", []diagnosis.Container{container("proxy", 143, ""), container("app", 0, "")}, "container app ended by itself without an error"},
		{"a reason of its own before all", []diagnosis.Container{container("proxy", 1, ""), container("app", 137, "OutOfMemoryError: Container killed due to memory usage")}, "container app used more memory"},
		{"never one that may end", []diagnosis.Container{migration, container("app", 143, "")}, "container app ended by itself (exit code 143, SIGTERM"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := diagnosis.Classify(tasks(diagnosis.Task{StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited", StartedAt: noon, Containers: tt.containers}))
			if !strings.Contains(got.What, tt.want) {
				t.Errorf("%q, want %q", got.What, tt.want)
			}
		})
	}
}

func TestEvidenceIsShown(t *testing.T) {
	log := []string{"0", "1", "2", "starting", "4", "5", "6", "7", "8", "password=hunter22", "10", "\x1b[31mpanic\x1b[0m: no dsn"}
	got := diagnosis.Classify(diagnosis.Evidence{
		Tasks:   []diagnosis.Task{ended(1, ""), ended(1, ""), stopped("ServiceSchedulerInitiated", "Scaling activity")},
		Events:  []string{"(service web) has started 1 tasks: (task 1).", "(service web) is unable to consistently start tasks successfully.", "(service web) is unable to consistently start tasks successfully."},
		Rollout: "circuit breaker", LogOf: "app", Log: log,
		Unread: []string{"the health of the targets could not be read: denied"},
	})
	want := []string{
		"2 stopped tasks: EssentialContainerExited: Essential container in task exited; container app: exit code 1",
		"(service web) is unable to consistently start tasks successfully.",
		"circuit breaker",
		"the health of the targets could not be read: denied",
		"the last lines of container app:",
		"2", "starting", "4", "5", "6", "7", "8", "password=[redacted]", "10", "panic: no dsn",
	}
	if diff := cmp.Diff(want, got.Evidence); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if empty := diagnosis.Classify(diagnosis.Evidence{}); empty.Evidence == nil {
		t.Error("no evidence is null in the document")
	}
}
