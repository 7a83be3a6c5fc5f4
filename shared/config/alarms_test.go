package config_test

import (
	"strings"
	"testing"

	"fairlead/shared/config"
)

func TestAlarmsTellATopic(t *testing.T) {
	const topic = "arn:aws:sns:eu-west-1:123456789012:oncall"
	for name, c := range map[string]struct{ alarms, want, problem string }{
		"a topic":                  {alarms: `{"topicArn":"` + topic + `"}`, want: topic},
		"one of China":             {alarms: `{"topicArn":"arn:aws-cn:sns:cn-north-1:123456789012:oncall"}`, want: "arn:aws-cn:sns:cn-north-1:123456789012:oncall"},
		"one of GovCloud":          {alarms: `{"topicArn":"arn:aws-us-gov:sns:us-gov-west-1:123456789012:oncall"}`, want: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:oncall"},
		"nobody":                   {alarms: `{}`},
		"none, in so many words":   {alarms: `null`},
		"no object":                {alarms: `"` + topic + `"`, problem: "context.fairlead.alarms: want a JSON object"},
		"another field":            {alarms: `{"topic":"` + topic + `"}`, problem: "context.fairlead.alarms.topic: unknown field; the fields are topicArn"},
		"a name":                   {alarms: `{"topicArn":"oncall"}`, problem: "context.fairlead.alarms.topicArn: want the ARN of an SNS topic"},
		"a queue":                  {alarms: `{"topicArn":"arn:aws:sqs:eu-west-1:123456789012:oncall"}`, problem: "context.fairlead.alarms.topicArn: want"},
		"a subscription":           {alarms: `{"topicArn":"` + topic + `:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"}`, problem: "context.fairlead.alarms.topicArn: want"},
		"a topic of a FIFO kind":   {alarms: `{"topicArn":"` + topic + `.fifo"}`, problem: "context.fairlead.alarms.topicArn: want"},
		"a topic without a region": {alarms: `{"topicArn":"arn:aws:sns::123456789012:oncall"}`, problem: "context.fairlead.alarms.topicArn: want"},
		"something to fill in":     {alarms: `{"topicArn":"arn:aws:sns:eu-west-1:${AWS::AccountId}:oncall"}`, problem: "context.fairlead.alarms.topicArn: want"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.Parse([]byte(`{"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}},"alarms":` + c.alarms + `}`))
			if c.problem == "" && (err != nil || got.Alarms.TopicARN != c.want) {
				t.Errorf("got %q, %v", got.Alarms.TopicARN, err)
			}
			if c.problem != "" && (err == nil || !strings.HasPrefix(err.Error(), c.problem)) {
				t.Errorf("got %v, want %q", err, c.problem)
			}
		})
	}
}
