package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
)

// LogsAPI is what is read from CloudWatch Logs, with the SDK's signature.
type LogsAPI interface {
	GetLogEvents(context.Context, *logs.GetLogEventsInput, ...func(*logs.Options)) (*logs.GetLogEventsOutput, error)
}

// tail is how many events at the end of a log are read: a line each, of which the last ten are shown.
const tail = 30

// emptyPages is how many pages are asked for until one has events.
const emptyPages = 5

// log reads the end of the log of the container that failed last.
func (r *reader) log(ctx context.Context) {
	task, container, ok := r.failed()
	if !ok {
		return
	}
	group, stream, problem := r.stream(task, container.Name)
	if problem != "" {
		r.found.Unread = append(r.found.Unread, "the log of container "+container.Name+" was not read: "+problem)
		return
	}
	events, err := r.tail(ctx, group, stream)
	if none := new(logstypes.ResourceNotFoundException); errors.As(err, &none) {
		r.found.Unread = append(r.found.Unread, fmt.Sprintf("container %s wrote no log: there is no stream %s in log group %s", container.Name, stream, group))
		return
	}
	if err != nil {
		r.unread("the log of container "+container.Name, fault.FromAWS("read stream "+stream+" of log group "+group, err))
		return
	}
	if len(events) == 0 {
		r.found.Unread = append(r.found.Unread, fmt.Sprintf("CloudWatch Logs shows no line of container %s in stream %s of log group %s", container.Name, stream, group))
		return
	}
	r.found.LogOf = container.Name
	for _, event := range events {
		for line := range strings.Lines(aws.ToString(event.Message)) {
			if line = strings.TrimSpace(line); line != "" {
				r.found.Log = append(r.found.Log, line)
			}
		}
	}
}

// tail reads the last events of a stream. A page may be empty though there are more: the first one of them has the token that
// it was asked with. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
func (r *reader) tail(ctx context.Context, group, stream string) ([]logstypes.OutputLogEvent, error) {
	in := &logs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, Limit: aws.Int32(tail), StartFromHead: aws.Bool(false)}
	for range emptyPages {
		out, err := r.Logs.GetLogEvents(ctx, in)
		if err != nil {
			return nil, err
		}
		if len(out.Events) > 0 {
			return out.Events, nil
		}
		before := aws.ToString(in.NextToken)
		if in.NextToken = out.NextBackwardToken; aws.ToString(in.NextToken) == before {
			break
		}
	}
	return nil, nil
}

// failed is the newest task whose end a container explains, and that container.
func (r *reader) failed() (diagnosis.Task, diagnosis.Container, bool) {
	for _, task := range slices.Backward(r.found.Tasks) {
		if c, ok := task.Failing(); ok {
			return task, c, true
		}
	}
	return diagnosis.Task{}, diagnosis.Container{}, false
}

// stream is where a container of a task writes its log, or why that is not known. With a prefix the stream's name is
// prefix/container/task; without one it is the container's id on its instance.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
func (r *reader) stream(task diagnosis.Task, container string) (group, stream, problem string) {
	driver, ok := r.drivers[container]
	options := driver.Options
	switch {
	case !ok:
		return "", "", "its task definition names no log driver"
	case driver.LogDriver != types.LogDriverAwslogs:
		return "", "", "it goes to " + string(driver.LogDriver)
	case options["awslogs-region"] != "" && options["awslogs-region"] != r.Region:
		return "", "", "it is in " + options["awslogs-region"]
	case options["awslogs-group"] == "" || options["awslogs-stream-prefix"] == "":
		return "", "", "awslogs-group or awslogs-stream-prefix is not set, so that the name of its stream is not known"
	}
	id := task.ARN[strings.LastIndexByte(task.ARN, '/')+1:]
	return options["awslogs-group"], options["awslogs-stream-prefix"] + "/" + container + "/" + id, ""
}
