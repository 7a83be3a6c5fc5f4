package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
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

// Eleven rules take two alarms.
func TestTheRulesOfManyServicesAreAllWatched(t *testing.T) {
	all := configured(t, `{"defaults":{"cluster":"c","tagPolicy":{"newest":true}},"services":{"a":{"repository":"a1"},"b":{"repository":"b1"},"c":{"repository":"c1"},
		"d":{"repository":"d1"},"e":{"repository":"e1"},"f":{"repository":"f1"},"g":{"repository":"g1"},"h":{"repository":"h1"}}}`)
	deployer := all[deployerStack]
	if n := deployer.count("AWS::Events::Rule"); n < 11 {
		t.Fatalf("%d rules", n)
	}
	for _, fault := range silenceFaults(deployer) {
		t.Error(fault)
	}
	for id, r := range deployer.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && len(alarmFaults(r)) > 0 {
			t.Errorf("%s: %q", id, alarmFaults(r))
		}
	}
}
