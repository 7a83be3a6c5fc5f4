package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// alarm is a metric that should stay at nothing.
type alarm struct {
	id, name, what    string
	namespace, metric string
	dimension, value  string
	statistic         string
}

// addAlarms adds the alarms: executions that ended badly, events that could not be delivered, and functions outside the
// workflow that failed.
func (d *deployer) addAlarms() {
	for _, ended := range []string{"Failed", "TimedOut", "Aborted"} {
		d.addAlarm(alarm{
			id: "Executions" + ended + "Alarm", name: "executions-" + kebab(ended),
			what:      "An execution ended as " + ended + ": its outcome says what to do.",
			namespace: "AWS/States", metric: "Executions" + ended, statistic: "Sum",
			dimension: "StateMachineArn", value: d.workflowARN(),
		})
	}
	for i := 0; i < len(d.rules); i += rulesPerQueue {
		queue := queueID(i)
		d.addAlarm(alarm{
			id: queue + "Alarm", name: kebab(queue), what: "Events could not be delivered: they wait in the dead-letter queue.",
			namespace: "AWS/SQS", metric: "ApproximateNumberOfMessagesVisible", statistic: "Maximum",
			dimension: "QueueName", value: attribute(queue, "QueueName"),
		})
	}
	for _, f := range functions() {
		if !f.state {
			d.addAlarm(alarm{
				id: f.Title() + "ErrorsAlarm", name: kebab(f.Title()) + "-errors", what: f.Name(d.config.Prefix) + " failed: its log says why.",
				namespace: "AWS/Lambda", metric: "Errors", statistic: "Sum",
				dimension: "FunctionName", value: "${" + f.functionID() + "}",
			})
		}
	}
}

// addAlarm adds an alarm that goes off when the metric is not nothing over five minutes. No data is no news.
func (d *deployer) addAlarm(a alarm) {
	awscloudwatch.NewCfnAlarm(d.stack, jsii.String(a.id), &awscloudwatch.CfnAlarmProps{
		AlarmName: jsii.String(d.config.Prefix + "-" + a.name), AlarmDescription: jsii.String(a.what),
		Namespace: jsii.String(a.namespace), MetricName: jsii.String(a.metric), Statistic: jsii.String(a.statistic),
		Dimensions: []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(a.dimension), Value: text(a.value)}},
		Period:     jsii.Number(300), EvaluationPeriods: jsii.Number(1),
		ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(0),
		TreatMissingData: jsii.String("notBreaching"),
	})
}
