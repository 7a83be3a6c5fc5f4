package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// inspection is the input that looks at all services: events/input-doctor.json.
const inspection = `{"service":"*","dryRun":true}`

// doctor looks at all configured services on the running embedded AWS, as an execution with that input does on AWS, and prints
// what it found. It is an error if a push would fail somewhere.
func doctor(ctx context.Context, out io.Writer) error {
	c, client, err := running(ctx, out)
	if err != nil {
		return err
	}
	started, err := client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(c.outputs["Fairlead"]["StateMachineArn"]), Input: aws.String(inspection)})
	if err != nil {
		return fmt.Errorf("start the look at all services: %w", err)
	}
	document, err := finished(ctx, client, aws.ToString(started.ExecutionArn))
	if err != nil {
		return err
	}
	return printFindings(out, document)
}

// finished waits for an execution and returns its document.
func finished(ctx context.Context, client *sfn.Client, execution string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		described, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		switch {
		case err != nil:
			return "", fmt.Errorf("read execution %s: %w", execution, err)
		case described.Status == types.ExecutionStatusSucceeded:
			return aws.ToString(described.Output), nil
		case described.Status != types.ExecutionStatusRunning:
			return "", fmt.Errorf("execution %s: %s: %s", execution, aws.ToString(described.Error), aws.ToString(described.Cause))
		}
		if err := pause(ctx); err != nil {
			return "", fmt.Errorf("execution %s does not end", execution)
		}
	}
}

var errUnfit = errors.New("a push would fail: see above")

// printFindings prints the lines of an inspection as a table: service, what was found, what it is about.
func printFindings(out io.Writer, document string) error {
	var read struct {
		Image struct {
			Reason   string
			Warnings []string
		}
	}
	if err := json.Unmarshal([]byte(document), &read); err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	unfit := false
	for _, line := range read.Image.Warnings {
		service, found, _ := strings.Cut(line, ": ")
		verdict, about, _ := strings.Cut(found, ": ")
		for _, next := range []string{"; then redrive the execution", ", then redrive the execution"} { // none has failed: one only looked
			about = strings.TrimSuffix(about, next)
		}
		unfit = unfit || verdict == "FAILS"
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", service, verdict, about)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	reason, _, _ := strings.Cut(read.Image.Reason, "; image.warnings") // the lines are above
	_, _ = fmt.Fprintln(out, reason)
	if unfit {
		return errUnfit
	}
	return nil
}
