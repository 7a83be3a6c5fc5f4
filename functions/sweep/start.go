package sweep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/fault"
	"fairlead/shared/sweep"
)

// input is the sweep's form of an execution's input: see shared/push.
type input struct {
	Service string `json:"service"`
	Tag     string `json:"tag,omitempty"`
	Sweep   struct {
		Digest   string `json:"digest,omitempty"`
		PushedAt string `json:"pushedAt,omitempty"`
		Held     bool   `json:"held,omitempty"`
		Follow   string `json:"follow,omitempty"`
	} `json:"sweep"`
}

// lost is the input for a push that was lost or kept back.
func lost(service string, n sweep.New) input {
	in := input{Service: service, Tag: n.Tag}
	in.Sweep.Held = n.Owed != nil
	in.Sweep.Digest, in.Sweep.PushedAt = n.Digest, n.Since.UTC().Format(time.RFC3339)
	return in
}

// name names an execution by what it is for, so that two sweeps that find the same start one: sweep-<service>-<16 hex>.
func name(service string, of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\n")))
	return "sweep-" + service + "-" + hex.EncodeToString(sum[:8])
}

// nameOf names the execution for a push; one that a hold has kept back again is another.
func nameOf(service string, n sweep.New) string {
	of := []string{n.Tag, n.Digest, n.Since.UTC().Format(time.RFC3339)}
	if n.Owed != nil {
		of = append(of, "held", strconv.Itoa(len(n.Owed.Executions)))
	}
	return name(service, of...)
}

// start starts an execution, and says whether it did. One of that name that is there already was started by another sweep,
// for the same.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func (l look) start(ctx context.Context, name string, in input) (started bool, err error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("encode the input of execution %s: %w", name, err)
	}
	_, err = l.Workflow.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(l.StateMachine), Name: aws.String(name), Input: aws.String(string(raw))})
	if there := new(types.ExecutionAlreadyExists); errors.As(err, &there) {
		return false, nil
	}
	return err == nil, fault.FromAWS("start execution "+name, err)
}

// executionPrefix is the ARN of an execution up to its name.
func (l look) executionPrefix() string {
	return strings.Replace(l.StateMachine, ":stateMachine:", ":execution:", 1) + ":"
}

// execution reads an execution by its ARN. One that is not there, or whose ARN is none of ours, is the zero Run.
func (l look) execution(ctx context.Context, arn string) (sweep.Run, error) {
	if !strings.HasPrefix(arn, l.executionPrefix()) {
		return sweep.Run{}, nil
	}
	out, err := l.Workflow.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
	if gone := new(types.ExecutionDoesNotExist); errors.As(err, &gone) {
		return sweep.Run{Execution: arn}, nil
	}
	if err != nil {
		return sweep.Run{}, fault.FromAWS("read execution "+arn, err)
	}
	return runOf(arn, out), nil
}

// runOf reads of an execution what the sweep is about. What an input does not tell is left empty: a person may have written it.
func runOf(arn string, out *sfn.DescribeExecutionOutput) sweep.Run {
	var in input
	_ = json.Unmarshal([]byte(aws.ToString(out.Input)), &in)
	return sweep.Run{Execution: arn, Status: string(out.Status), Error: aws.ToString(out.Error), StoppedAt: aws.ToTime(out.StopDate),
		Redrives: int(aws.ToInt32(out.RedriveCount)), Follows: in.Sweep.Follow}
}
