package diagnosis_test

import (
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

// from is a task that was created some seconds after noon and ended ten seconds later.
func from(seconds int, t diagnosis.Task) diagnosis.Task {
	t.CreatedAt = noon.Add(time.Duration(seconds) * time.Second)
	t.StoppedAt = t.CreatedAt.Add(10 * time.Second)
	return t
}

// inTurn are tasks each of which was created a minute after the one before it.
func inTurn(tasks ...diagnosis.Task) []diagnosis.Task {
	for i, t := range tasks {
		tasks[i] = from(60*i, t)
	}
	return tasks
}

func TestHopeless(t *testing.T) {
	missing := unstarted("CannotPullContainerError: failed to resolve ref " + image + ": not found")
	denied := unstarted(unset + "unable to retrieve secret from asm: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue")
	unreachable := unstarted("CannotPullContainerError: dial tcp 10.0.3.17:443: i/o timeout")
	unhealthy := stopped("ServiceSchedulerInitiated", "Task failed container health checks")
	noCommand := unstarted("CannotStartContainerError: exec: run: executable file not found in $PATH")
	noStart := unstarted("CannotStartContainerError: Error response from daemon: unable to find user web: no matching entries in passwd file")
	stopping := from(60, ended(1, ""))
	stopping.StoppedAt = time.Time{}
	started := diagnosis.Task{StartedAt: noon.Add(time.Hour), CreatedAt: noon.Add(time.Hour)}
	earlier := diagnosis.Task{StartedAt: noon, CreatedAt: noon}
	tests := []struct {
		name         string
		tasks        []diagnosis.Task
		running      []diagnosis.Task
		off, healthy bool
		want         diagnosis.Cause // "" if it is worth waiting
	}{
		{name: "nothing has failed"},
		{name: "once is not enough", tasks: inTurn(missing)},
		{name: "an image that is not there, twice", tasks: inTurn(missing, missing), want: diagnosis.ImageNotFound},
		{name: "although a task may have been healthy, of which none is seen", tasks: inTurn(missing, missing), healthy: true, want: diagnosis.ImageNotFound},
		{name: "although the service switches early stops off", tasks: inTurn(missing, missing), off: true, want: diagnosis.ImageNotFound},
		{name: "but one has started before: it may be the instance that cannot pull", tasks: inTurn(missing, missing), running: []diagnosis.Task{earlier}},
		{name: "or that cannot start a container", tasks: inTurn(noStart, noStart), running: []diagnosis.Task{earlier}},
		{name: "where none has started, no container ever will", tasks: inTurn(noStart, noStart), want: diagnosis.CannotStart},
		{name: "even if that has ended", tasks: append(inTurn(missing, missing), ended(1, ""))},
		{name: "a later task has started: it was mended", tasks: inTurn(missing, missing), running: []diagnosis.Task{started}},
		{name: "a network may come back", tasks: inTurn(unreachable, unreachable, unreachable)},
		{name: "a slow start may get there", tasks: inTurn(unhealthy, unhealthy, unhealthy)},
		{name: "the same crash twice", tasks: inTurn(ended(1, ""), ended(1, "")), want: diagnosis.Crashed},
		{name: "a later task that has started may yet crash like them", tasks: inTurn(ended(1, ""), ended(1, "")), running: []diagnosis.Task{started}, want: diagnosis.Crashed},
		{name: "the same crash twice, but a task of ours was healthy", tasks: inTurn(ended(1, ""), ended(1, "")), healthy: true},
		{name: "the same crash, but the service switches early stops off", tasks: inTurn(ended(1, ""), ended(1, ""), ended(1, "")), off: true},
		{name: "two crashes that differ", tasks: inTurn(ended(1, ""), ended(2, ""))},
		{name: "two different causes", tasks: inTurn(missing, ended(1, ""))},
		{name: "out of memory twice", tasks: inTurn(ended(137, "OutOfMemoryError: x"), ended(137, "OutOfMemoryError: x")), want: diagnosis.OutOfMemory},
		{name: "scaling in is no failure", tasks: inTurn(stopped("ServiceSchedulerInitiated", "Scaling activity"), stopped("ServiceSchedulerInitiated", "Scaling activity"))},

		{name: "tasks that were started side by side are one attempt", tasks: []diagnosis.Task{from(0, ended(1, "")), from(1, ended(1, "")), from(9, ended(1, ""))}},
		{name: "also where they cannot start", tasks: []diagnosis.Task{from(0, missing), from(1, missing)}},
		{name: "the first of the next wave is the second", tasks: []diagnosis.Task{from(0, ended(1, "")), from(0, ended(1, "")), from(11, ended(1, ""))}, want: diagnosis.Crashed},
		{name: "whatever the order in which they are told", tasks: []diagnosis.Task{from(11, ended(1, "")), from(0, ended(1, ""))}, want: diagnosis.Crashed},
		{name: "one whose end has no time yet does not count", tasks: []diagnosis.Task{from(0, ended(1, "")), stopping}},
		{name: "what is denied may have been granted a moment ago", tasks: []diagnosis.Task{from(0, denied), from(11, denied), from(30, denied)}},
		{name: "a minute later it is in effect", tasks: []diagnosis.Task{from(0, denied), from(11, denied), from(60, denied)}, want: diagnosis.SecretDenied},

		{name: "a command that is not there, as ECS says", tasks: inTurn(noCommand, noCommand), off: true, want: diagnosis.CommandNotFound},
		{name: "an exit code that says so is a crash", tasks: inTurn(ended(127, ""), ended(127, "")), want: diagnosis.CommandNotFound},
		{name: "which the service may leave to the circuit breaker", tasks: inTurn(ended(127, ""), ended(127, "")), off: true},
		{name: "and which does not count after a task that was healthy", tasks: inTurn(ended(126, ""), ended(126, "")), healthy: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, hopeless := diagnosis.Hopeless(tt.tasks, tt.running, !tt.off, tt.healthy)
			if hopeless != (tt.want != "") || got.Cause != tt.want {
				t.Errorf("hopeless %v: %q, want %q", hopeless, got.Cause, tt.want)
			}
		})
	}
}

// TestDenialsTakeTheirTime: each cause that a change in IAM mends waits until the change is in effect.
func TestDenialsTakeTheirTime(t *testing.T) {
	for cause, reason := range map[diagnosis.Cause]string{
		diagnosis.PullDenied:       "CannotPullContainerError: pull access denied",
		diagnosis.SecretDenied:     unset + "unable to retrieve secret from asm: AccessDeniedException",
		diagnosis.LogsDenied:       unset + "failed to create log stream: AccessDeniedException",
		diagnosis.RoleNotAssumable: "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web'",
	} {
		soon := []diagnosis.Task{from(0, unstarted(reason)), from(11, unstarted(reason))}
		if got, hopeless := diagnosis.Hopeless(soon, nil, true, false); hopeless {
			t.Errorf("%s after a moment: %s", cause, got.Cause)
		}
		if got, _ := diagnosis.Hopeless(inTurn(unstarted(reason), unstarted(reason)), nil, true, false); got.Cause != cause {
			t.Errorf("%s after a minute: %q", cause, got.Cause)
		}
	}
}
