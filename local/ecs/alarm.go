package ecs

import (
	"errors"
	"maps"
	"slices"
)

// Sound lets a CloudWatch alarm go into ALARM: there is no CloudWatch here, so that it is made to happen. Every service
// deployment that is under way and watches the alarm fails; one that begins later ignores it, as one that is in ALARM
// already. What runs, and what goes back already, is not touched.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
func (s *Service) Sound(name string) error {
	if name == "" {
		return errors.New("an alarm has a name: that of deploymentConfiguration.alarms.alarmNames")
	}
	for _, key := range slices.Sorted(maps.Keys(s.state.Services)) {
		v := s.state.Services[key]
		if r := v.current(); r != nil && r.Status == inProgress {
			s.sounded(v, r, name)
		}
	}
	return nil
}

// sounded ends a service deployment, if it watches the alarm.
func (s *Service) sounded(v *service, r *rollout, name string) {
	c, d := v.config(), v.deployment(r.Target)
	if d == nil || d.State != inProgress || !c.Alarms.Enable || !slices.Contains(c.Alarms.Names, name) {
		return
	}
	r.Alarmed = append(r.Alarmed, name)
	if c.Alarms.Rollback {
		s.goBack(v, r, byAlarm())
		return
	}
	r.Failures, r.Threshold = s.breakerCount(v, r)
	s.fail(v, d, byAlarm())
	s.requestStop(v, r, reasonAlarmStop)
}

// byAlarm is the cause where an alarm ended it. The first text was seen in the field, the others are assumed.
func byAlarm() cause {
	return cause{rollout: reasonAlarm, failed: "ECS deployment failed: alarm detected.",
		back: "ECS deployment failed: alarm detected, rolling back to deploymentId ", said: "deployment failed: alarm detected."}
}
