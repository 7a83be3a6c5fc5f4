package states_test

import (
	"testing"
	"time"
)

const deploy = `{
	"StartAt": "CheckImage",
	"States": {
		"CheckImage": {
			"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
			"Parameters": {"FunctionName": "` + functionARN + `", "Payload": {"document.$": "$", "state": {"name.$": "$$.State.Name", "retryCount.$": "$$.State.RetryCount"}}},
			"ResultSelector": {"decision.$": "$.Payload.decision"}, "ResultPath": "$.image",
			"TimeoutSeconds": 60,
			"Retry": [{"ErrorEquals": ["Aws.Throttled"], "IntervalSeconds": 2, "MaxAttempts": 2}],
			"Catch": [{"ErrorEquals": ["Image.Unfit"], "ResultPath": "$.fault", "Next": "Rejected"}],
			"Next": "ImageFit"
		},
		"ImageFit": {"Type": "Choice", "Choices": [{"Variable": "$.image.decision", "StringEquals": "deploy", "Next": "Pause"}], "Default": "Skipped"},
		"Pause": {"Type": "Wait", "Seconds": 30, "Next": "Deployed"},
		"Deployed": {"Type": "Succeed"},
		"Skipped": {"Type": "Pass", "Result": "skipped", "ResultPath": "$.end", "End": true},
		"Rejected": {"Type": "Fail", "ErrorPath": "$.fault.Error", "CausePath": "States.Format('image {}: {}', $.tag, $.fault.Cause)"}
	}
}`

func TestHistories(t *testing.T) {
	t.Run("a task, a choice, a wait and a success", func(t *testing.T) {
		b := newBench(t)
		b.run(deploy, `{"tag":"v1"}`)
		b.pass(1500 * time.Millisecond)
		b.answer(`{"decision":"deploy"}`, "")
		b.pass(time.Minute)
		b.wantStatus("SUCCEEDED")
		b.golden("success.history", b.history())
	})
	t.Run("retries, then a failure that is caught", func(t *testing.T) {
		b := newBench(t)
		b.run(deploy, `{"tag":"v1"}`)
		b.fails("Aws.Throttled")
		b.pass(2 * time.Second)
		b.fails("Aws.Throttled")
		b.pass(4 * time.Second)
		b.fails("Image.Unfit")
		b.wantError("Image.Unfit", `image v1: {"errorMessage":"m","errorType":"Image.Unfit"}`)
		b.golden("caught.history", b.history())
	})
	t.Run("a task times out and its late reply is ignored", func(t *testing.T) {
		b := newBench(t)
		b.run(deploy, `{}`)
		b.pass(time.Minute)
		b.answer(`{"decision":"deploy"}`, "")
		b.wantStatus("FAILED")
		b.golden("timeout.history", b.history())
	})
}
