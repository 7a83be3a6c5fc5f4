package ecs

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// watching is a deploymentConfiguration whose deployments watch an alarm.
func watching(name string, rollback bool) object {
	return object{"deploymentConfiguration": object{"alarms": object{"alarmNames": []string{name}, "enable": true, "rollback": rollback}}}
}

func TestAnAlarmEndsTheDeploymentThatWatchesIt(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		sound  string
		want   string // the status of the service deployment
		reason string
		alarms alarmsOutput
	}{
		"and rolls it back": {watching("5xx", true), "5xx", rollbackSuccessful, reasonAlarm,
			alarmsOutput{"TRIGGERED", []string{"5xx"}, []string{"5xx"}}},
		"and stops it, where it shall not be rolled back": {watching("5xx", false), "5xx", stopped, reasonAlarmStop,
			alarmsOutput{"TRIGGERED", []string{"5xx"}, []string{"5xx"}}},
		"but no other alarm does": {watching("5xx", true), "latency", successful, "", alarmsOutput{"MONITORING_COMPLETE", []string{"5xx"}, nil}},
		"unless it watches none":  {object{"deploymentConfiguration": breakerOn(true)}, "5xx", successful, "", alarmsOutput{"DISABLED", []string{}, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.create(1, test.config)
			l.until("steady", l.steady)
			if err := l.ecs.Sound(test.sound); err != nil || l.rollout(0) != successful { // it is over: what runs is not touched
				t.Fatal(err, l.rollout(0))
			}
			l.update(l.push())
			l.until("under way", func() bool { return l.rollout(1) == inProgress })
			if err := l.ecs.Sound(test.sound); err != nil {
				t.Fatal(err)
			}
			l.until("over", func() bool { r := l.web().rollout(l.web().Rollouts[1].ID); return r.over() })
			got := l.ecs.rolloutOutput(l.web(), l.web().Rollouts[1])
			if diff := cmp.Diff([]any{test.want, test.reason, test.alarms}, []any{got.Status, got.Reason, got.Alarms}); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

func TestAnAlarmHasAName(t *testing.T) {
	if newLand(t, 1).ecs.Sound("") == nil {
		t.Error("an alarm without a name was heard")
	}
}
