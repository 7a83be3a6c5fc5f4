package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/config"
)

// alarmFaults says what is wrong with an alarm: it goes off at the first of what it counts, and where it counts what should be
// there, when nothing comes.
func alarmFaults(alarm resource) []string {
	if alarm.Properties["MetricName"] == "Invocations" {
		return wants(map[string]string{"TreatMissingData": "breaching", "Threshold": "1", "ComparisonOperator": "LessThanThreshold",
			"Period": "900", "EvaluationPeriods": "3", "Statistic": "Sum"})(alarm)
	}
	faults := wants(map[string]string{"TreatMissingData": "notBreaching", "Threshold": "0", "ComparisonOperator": "GreaterThanThreshold"})(alarm)
	if n := len(lostEventsOf(alarm)); n > 10 {
		faults = append(faults, fmt.Sprint("it adds up ", n, " metrics, and CloudWatch takes 10"))
	}
	return faults
}

// lostEventsOf are the rules whose lost events an alarm counts.
func lostEventsOf(alarm resource) []string {
	var rules []string
	for _, query := range anyList(alarm.Properties["Metrics"]) {
		stat, _ := query["MetricStat"].(map[string]any)
		metric, _ := stat["Metric"].(map[string]any)
		for _, dimension := range anyList(metric["Dimensions"]) {
			if metric["MetricName"] == "InvocationsFailedToBeSentToDlq" && dimension["Name"] == "RuleName" {
				rules = append(rules, list(dimension["Value"])...)
			}
		}
	}
	return rules
}

// silenceFaults says what could be dead without an alarm: the sweep, and rules whose events are lost.
func silenceFaults(deployer template) []string {
	var watched, lost, faults []string
	for _, id := range slices.Sorted(maps.Keys(deployer.Resources)) {
		alarm := deployer.Resources[id]
		if alarm.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		lost = append(lost, lostEventsOf(alarm)...)
		for _, dimension := range anyList(alarm.Properties["Dimensions"]) {
			if alarm.Properties["MetricName"] == "Invocations" {
				watched = append(watched, list(dimension["Value"])...)
			}
		}
	}
	if !slices.Contains(watched, "${SweepFunction}") {
		faults = append(faults, "no alarm goes off when the sweep does not run")
	}
	for _, id := range slices.Sorted(maps.Keys(deployer.Resources)) {
		if deployer.Resources[id].Type == "AWS::Events::Rule" && !slices.Contains(lost, "${"+id+"}") {
			faults = append(faults, "no alarm goes off when events of the rule "+id+" are lost")
		}
	}
	return faults
}

// toldFaults says which alarms do not tell the topic, or tell it of an end that says nothing: "" for no topic.
func toldFaults(deployer template, topic string) []string {
	var faults []string
	for _, id := range slices.Sorted(maps.Keys(deployer.Resources)) {
		alarm := deployer.Resources[id].Properties
		if deployer.Resources[id].Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		begun, over := fmt.Sprint(list(alarm["AlarmActions"])), fmt.Sprint(list(alarm["OKActions"]))
		lasting := strings.HasPrefix(id, "DeadLetters") || id == "SweepSilentAlarm"
		if begun != "["+topic+"]" || (over == "["+topic+"]") != (lasting || topic == "") || alarm["ActionsEnabled"] == false {
			faults = append(faults, fmt.Sprintf("%s tells %s when it goes off, and %s when it is over", id, begun, over))
		}
	}
	return faults
}

func TestWithoutATopicTheAlarmsTellNobody(t *testing.T) {
	for _, fault := range toldFaults(templates(t)[deployerStack], "") {
		t.Error(fault)
	}
}

func TestATopicIsInTheRegionOfTheStack(t *testing.T) {
	for name, c := range map[string]struct{ topic, region, want string }{
		"the same":                     {"arn:aws:sns:eu-west-1:123456789012:oncall", "eu-west-1", ""},
		"the same of China":            {"arn:aws-cn:sns:cn-north-1:123456789012:oncall", "cn-north-1", ""},
		"no topic":                     {"", "eu-west-1", ""},
		"a region that nobody has set": {"arn:aws:sns:eu-west-1:123456789012:oncall", "", ""},
		"another": {"arn:aws:sns:us-east-1:123456789012:oncall", "eu-west-1",
			"context.fairlead.alarms.topicArn: the stack is deployed to eu-west-1, and its alarms tell topics of that region alone: name one that begins with arn:aws:sns:eu-west-1:"},
		"one whose name goes on": {"arn:aws:sns:eu-west-12:123456789012:oncall", "eu-west-1", "context.fairlead.alarms.topicArn: "},
		"another partition's":    {"arn:aws:sns:us-gov-west-1:123456789012:oncall", "us-gov-west-1", "begins with arn:aws-us-gov:sns:us-gov-west-1:"},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkTopic(config.Config{Alarms: config.Alarms{TopicARN: c.topic}}, c.region)
			if (c.want == "") != (err == nil) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Eleven rules take two alarms.
func TestTheRulesOfManyServicesAreAllWatchedAndTellTheTopic(t *testing.T) {
	const topic = "arn:aws:sns:eu-west-1:123456789012:oncall"
	all := configured(t, `{"alarms":{"topicArn":"`+topic+`"},"defaults":{"cluster":"c","tagPolicy":{"newest":true}},"services":{"a":{"repository":"a1"},"b":{"repository":"b1"},"c":{"repository":"c1"},
		"d":{"repository":"d1"},"e":{"repository":"e1"},"f":{"repository":"f1"},"g":{"repository":"g1"},"h":{"repository":"h1"}}}`)
	deployer := all[deployerStack]
	if n := deployer.count("AWS::Events::Rule"); n < 11 {
		t.Fatalf("%d rules", n)
	}
	for _, fault := range slices.Concat(silenceFaults(deployer), toldFaults(deployer, topic)) {
		t.Error(fault)
	}
	for id, r := range deployer.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && len(alarmFaults(r)) > 0 {
			t.Errorf("%s: %q", id, alarmFaults(r))
		}
	}
}
