package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"fairlead/functions/sweep"
	"fairlead/shared/config"
)

// alarm is a metric that should stay at nothing.
type alarm struct {
	id, name, what    string
	namespace, metric string
	dimension, value  string
	statistic         string
	// lasting says that what it measures goes on until somebody mends it: then its end is told too.
	lasting bool
}

// addAlarms adds the alarms: executions that ended badly, events that could not be delivered, functions outside the
// workflow that failed, and a sweep that does not run.
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
			dimension: "QueueName", value: attribute(queue, "QueueName"), lasting: true,
		})
	}
	d.addLostEventsAlarms()
	for _, f := range functions() {
		if !f.state {
			d.addAlarm(alarm{
				id: f.Title() + "ErrorsAlarm", name: kebab(f.Title()) + "-errors", what: f.Name(d.config.Prefix) + " failed: its log says why.",
				namespace: "AWS/Lambda", metric: "Errors", statistic: "Sum",
				dimension: "FunctionName", value: "${" + f.functionID() + "}",
			})
		}
		if f.Package() == sweepRule().Function {
			d.addSilenceAlarm(f)
		}
	}
}

// addAlarm adds an alarm that goes off when the metric is not nothing over five minutes. No data is no news.
func (d *deployer) addAlarm(a alarm) {
	d.newAlarm(a, &awscloudwatch.CfnAlarmProps{
		Namespace: jsii.String(a.namespace), MetricName: jsii.String(a.metric), Statistic: jsii.String(a.statistic),
		Dimensions: []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(a.dimension), Value: text(a.value)}},
		Period:     jsii.Number(300), EvaluationPeriods: jsii.Number(1),
		ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(0),
		TreatMissingData: jsii.String("notBreaching"),
	})
}

// silentSweeps is how many sweeps in a row may be missing.
const silentSweeps = 3

// addSilenceAlarm adds the alarm for a sweep that does not run at all, and so has no errors either: its rule is disabled or
// gone, or Lambda throttles it, which counts as no invocation. Here no data is the news.
func (d *deployer) addSilenceAlarm(f function) {
	d.newAlarm(alarm{
		id: f.Title() + "SilentAlarm", name: kebab(f.Title()) + "-silent", lasting: true,
		what: fmt.Sprintf("%s has not run for %.0f minutes: look whether its rule is enabled and whether the function is throttled.",
			f.Name(d.config.Prefix), silentSweeps*sweep.Interval.Minutes()),
	}, &awscloudwatch.CfnAlarmProps{
		Namespace: jsii.String("AWS/Lambda"), MetricName: jsii.String("Invocations"), Statistic: jsii.String("Sum"),
		Dimensions: []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("FunctionName"), Value: text("${" + f.functionID() + "}")}},
		Period:     jsii.Number(sweep.Interval.Seconds()), EvaluationPeriods: jsii.Number(silentSweeps),
		ComparisonOperator: jsii.String("LessThanThreshold"), Threshold: jsii.Number(1),
		TreatMissingData: jsii.String("breaching"),
	})
}

// metricsPerAlarm is how many metrics one alarm adds up, and no account gets more:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
const metricsPerAlarm = 10

// addLostEventsAlarms adds the alarms for events that did not even reach a dead-letter queue. EventBridge counts them for
// each rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func (d *deployer) addLostEventsAlarms() {
	number := ""
	for i, rules := range slices.Collect(slices.Chunk(d.rules, metricsPerAlarm)) {
		if i > 0 {
			number = strconv.Itoa(i + 1)
		}
		metrics := []any{&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("lost"), Expression: jsii.String("SUM(METRICS())"), ReturnData: true,
		}}
		for j, r := range rules {
			metrics = append(metrics, lostEvents("m"+strconv.Itoa(j+1), r))
		}
		d.newAlarm(alarm{
			id: "LostEvents" + number + "Alarm", name: "lost-events" + number,
			what: "Events are lost: they could not be delivered, and the dead-letter queue did not take them.",
		}, &awscloudwatch.CfnAlarmProps{
			Metrics: metrics, EvaluationPeriods: jsii.Number(1),
			ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(0),
			TreatMissingData: jsii.String("notBreaching"),
		})
	}
}

// lostEvents is how many events of a rule were lost in five minutes.
func lostEvents(id string, r rule) any {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String(id), ReturnData: false,
		MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Period: jsii.Number(300), Stat: jsii.String("Sum"),
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{
				Namespace: jsii.String("AWS/Events"), MetricName: jsii.String("InvocationsFailedToBeSentToDlq"),
				Dimensions: []any{&awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String("RuleName"), Value: text("${" + r.ID + "}")}},
			},
		},
	}
}

// checkTopic refuses a topic that is not in the region of the stack, which CloudWatch would refuse when it is deployed. Without
// the CDK CLI nobody knows the region.
func checkTopic(c config.Config, region string) error {
	if c.Alarms.TopicARN == "" || region == "" {
		return nil
	}
	here := "arn:" + partitionOf(region) + ":sns:" + region + ":"
	if !strings.HasPrefix(c.Alarms.TopicARN, here) {
		return fmt.Errorf("cdk.json:\ncontext.%s.alarms.topicArn: the stack is deployed to %s, and its alarms tell topics of that region alone: name one that begins with %s",
			configurationKey, region, here)
	}
	return nil
}

// partitionOf is the partition of a region.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func partitionOf(region string) string {
	for begin, name := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc",
		"us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f",
	} {
		if strings.HasPrefix(region, begin) {
			return name
		}
	}
	return "aws"
}

// newAlarm adds an alarm, which tells the configured topic.
func (d *deployer) newAlarm(a alarm, measures *awscloudwatch.CfnAlarmProps) {
	if topic := d.config.Alarms.TopicARN; topic != "" {
		measures.AlarmActions = &[]any{topic}
		if a.lasting {
			measures.OkActions = &[]any{topic}
		}
	}
	measures.AlarmName, measures.AlarmDescription = jsii.String(d.config.Prefix+"-"+a.name), jsii.String(a.what)
	awscloudwatch.NewCfnAlarm(d.stack, jsii.String(a.id), measures)
}
