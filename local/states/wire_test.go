package states_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/local/wire"
	"fairlead/local/world"
)

// serve serves the bench's world over HTTP.
func (b *bench) serve() *sfn.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := wire.ReadBody(r)
		if err != nil {
			b.Error(err)
		}
		in, err := wire.Parse(r, body)
		if err != nil {
			b.Error(err)
		}
		out, err := b.w.Call(world.Request{Service: in.Service, Operation: in.Operation, Body: in.Input})
		if err != nil {
			e := world.AsError(err)
			in.Protocol.WriteError(w, "id", wire.Failure{Code: e.Code, Message: e.Message, Status: e.Status, Fields: e.Fields})
			return
		}
		in.Protocol.WriteOutput(w, in.Operation, "id", out)
	}))
	b.Cleanup(server.Close)
	return sfn.New(sfn.Options{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("a", "b", "c")})
}

func TestTheSDKUnderstandsTheWire(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	client := b.serve()
	made, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("deployer"), Definition: aws.String(tokenTask), RoleArn: aws.String(role)})
	if err != nil {
		t.Fatal(err)
	}
	started, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: made.StateMachineArn, Name: aws.String("run"), Input: aws.String(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	if !started.StartDate.Equal(b.start) {
		t.Errorf("it started at %s", started.StartDate)
	}
	b.pass(1500 * time.Millisecond)
	b.answer(`0`, "")
	if _, err := client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: aws.String(b.token()), Error: aws.String("E"), Cause: aws.String("C")}); err != nil {
		t.Fatal(err)
	}
	var late *types.TaskTimedOut
	if _, err := client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String(b.token()), Output: aws.String(`{}`)}); !errors.As(err, &late) {
		t.Errorf("a late token gave %v", err)
	}
	history, err := client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn})
	if err != nil {
		t.Fatal(err)
	}
	e := history.Events[5]
	if e.Type != types.HistoryEventTypeTaskFailed || e.Id != 6 || e.PreviousEventId != 5 || aws.ToString(e.TaskFailedEventDetails.Error) != "E" || !e.Timestamp.Equal(b.start.Add(1500*time.Millisecond)) {
		t.Errorf("event 6 is %+v", e)
	}
	d, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
	if err != nil {
		t.Fatal(err)
	}
	if d.Status != types.ExecutionStatusFailed || d.RedriveStatus != types.ExecutionRedriveStatusRedrivable || aws.ToString(d.Cause) != "C" || d.StopDate.Sub(*d.StartDate) != 1500*time.Millisecond {
		t.Errorf("the execution is %+v", d)
	}
	if _, err := client.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn}); err != nil {
		t.Fatal(err)
	}
	list, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: made.StateMachineArn, StatusFilter: types.ExecutionStatusRunning})
	if err != nil || len(list.Executions) != 1 || aws.ToInt32(list.Executions[0].RedriveCount) != 1 {
		t.Errorf("the running executions are %+v, %v", list, err)
	}
}
