package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/outcome"
)

// end is how an execution ended.
type end struct {
	Execution   string // ARN
	Outcome     string // Deployed, Skipped, …; Failed if it failed in a state
	Cause       string
	Took        time.Duration
	Transitions int // states entered, and retries: what AWS bills
}

// follower prints an execution as it happens.
type follower struct {
	client *sfn.Client
	out    io.Writer
	since  time.Time // what the printed times count from
	seen   int64     // the last history event that was looked at
	last   string    // the state that was entered last
	ends   end
}

// startedBy waits for the execution of the state machine whose input names the digest or tag.
func startedBy(ctx context.Context, client *sfn.Client, machine, mark string, within time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		listed, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &machine, MaxResults: 20})
		if err != nil {
			return "", fmt.Errorf("list the executions: %w", err)
		}
		for _, execution := range listed.Executions {
			described, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: execution.ExecutionArn})
			if err == nil && strings.Contains(aws.ToString(described.Input), mark) {
				return *execution.ExecutionArn, nil
			}
		}
		if err := pause(ctx); err != nil {
			return "", fmt.Errorf("no execution was started within %v: does a rule's pattern match the tag, and what is in the dead-letter queue?", within)
		}
	}
}

// pause waits a moment before the next look.
func pause(ctx context.Context) error {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// follow prints a line per step until the execution ends.
func (f *follower) follow(ctx context.Context, execution string) (end, error) {
	f.ends.Execution = execution
	for {
		done, err := f.look(ctx)
		if err != nil || done {
			return f.ends, err
		}
		if err := pause(ctx); err != nil {
			return f.ends, err
		}
	}
}

// look prints what is new in the history, and tells whether the execution has ended.
func (f *follower) look(ctx context.Context) (bool, error) {
	pages := sfn.NewGetExecutionHistoryPaginator(f.client, &sfn.GetExecutionHistoryInput{ExecutionArn: &f.ends.Execution, IncludeExecutionData: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, fmt.Errorf("read the history: %w", err)
		}
		for _, event := range page.Events {
			if event.Id <= f.seen {
				continue
			}
			f.seen = event.Id
			if done := f.event(event); done {
				return true, nil
			}
		}
	}
	return false, nil
}

// event prints one event of the history, if it is worth a line.
func (f *follower) event(e types.HistoryEvent) (done bool) {
	switch {
	case e.StateEnteredEventDetails != nil:
		f.ends.Transitions++
		f.last = aws.ToString(e.StateEnteredEventDetails.Name)
	case e.StateExitedEventDetails != nil && e.Type == types.HistoryEventTypeTaskStateExited:
		f.step(e)
	case e.Type == types.HistoryEventTypeTaskFailed:
		f.line(e, "failed: "+aws.ToString(e.TaskFailedEventDetails.Error)+": "+brief(firstLine(readable(e.TaskFailedEventDetails.Cause))))
	case e.ExecutionStartedEventDetails != nil:
		f.since = aws.ToTime(e.Timestamp)
	case e.ExecutionRedrivenEventDetails != nil:
		f.since = aws.ToTime(e.Timestamp)
	case e.ExecutionSucceededEventDetails != nil:
		return f.end(e, aws.ToString(e.ExecutionSucceededEventDetails.Output))
	case e.ExecutionFailedEventDetails != nil:
		f.ends.Outcome, f.ends.Cause = failed(f.last, *e.ExecutionFailedEventDetails)
		f.ends.Took = e.Timestamp.Sub(f.since)
		return true
	case e.ExecutionAbortedEventDetails != nil, e.ExecutionTimedOutEventDetails != nil:
		f.ends.Outcome, f.ends.Took = string(e.Type), e.Timestamp.Sub(f.since)
		return true
	}
	return false
}

func (f *follower) line(e types.HistoryEvent, text string) {
	_, _ = fmt.Fprintf(f.out, "  %6.1f s  %s\n", e.Timestamp.Sub(f.since).Seconds(), text)
}

// step prints what a step has added to the document.
func (f *follower) step(e types.HistoryEvent) {
	var document map[string]json.RawMessage
	_ = json.Unmarshal([]byte(aws.ToString(e.StateExitedEventDetails.Output)), &document)
	name := aws.ToString(e.StateExitedEventDetails.Name)
	f.line(e, fmt.Sprintf("%-16s %s", name, said(name, document)))
}

// said is the sentence of a step about what it decided.
func said(state string, document map[string]json.RawMessage) string {
	if strings.HasPrefix(state, "Await") {
		return "the wait is over: an event, or the heartbeat"
	}
	key := map[string]string{"CheckImage": "image", "CheckSignature": "signature", "ClaimService": "claim", "RegisterRevision": "revision",
		"UpdateService": "update", "JudgeRollout": "rollout", "DiagnoseFailure": "diagnosis", "RollBack": "rollback",
		"JudgeRollback": "restoration", "JudgeScan": "scan", "RecordOutcome": "outcome"}[state]
	var value struct{ Decision, Verdict, Reason, Name, TaskDefinition, Cause, What string }
	if json.Unmarshal(document[key], &value) != nil {
		return ""
	}
	words := []string{value.Decision, value.Verdict, value.Name, after(value.TaskDefinition, "/"), firstLine(value.Reason)}
	if value.What != "" {
		words = []string{value.Cause, value.What}
	}
	return brief(strings.Join(strings.Fields(strings.Join(words, " ")), " "))
}

var longName = regexp.MustCompile(`arn:aws:ecs:[^/ ]*/|(sha256:[0-9a-f]{12})[0-9a-f]{52}|([0-9a-f]{12})[0-9a-f]{28}`)

// brief leaves of digests and commits their beginnings, and of ECS's ARNs their names.
func brief(text string) string { return longName.ReplaceAllString(text, "$1$2") }

func short(digest string) string {
	if len(digest) > 19 {
		return digest[:19]
	}
	return digest
}

func after(s, separator string) string { return s[strings.LastIndex(s, separator)+1:] }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (f *follower) end(e types.HistoryEvent, output string) bool {
	var document struct {
		Outcome struct{ Name, Cause string }
	}
	_ = json.Unmarshal([]byte(output), &document)
	f.ends.Outcome, f.ends.Cause, f.ends.Took = document.Outcome.Name, document.Outcome.Cause, e.Timestamp.Sub(f.since)
	return true
}

// failed tells a named end of the workflow from a failure in a state.
func failed(state string, details types.ExecutionFailedEventDetails) (outcome, cause string) {
	switch cause = readable(details.Cause); state {
	case "Rejected", "RolledBack", "Stuck":
		return state, cause
	default:
		return "Failed", "in " + state + ": " + aws.ToString(details.Error) + ": " + cause
	}
}

// readable is a cause without the JSON that Lambda wraps a function's error in.
func readable(cause *string) string { return outcome.Fault{Cause: aws.ToString(cause)}.Text() }

var errUnexpected = errors.New("the demonstration did not go as it should")
