package ecs

import (
	"encoding/json"
	"fmt"
	"time"

	"fairlead/local/world"
)

// event is one of the service's own events, which DescribeServices lists.
type event struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Message string    `json:"message"`
}

const mostEvents = 100

// say adds to the service's own events: "(service web) has reached a steady state."
func (s *Service) say(v *service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", v.Name) + fmt.Sprintf(format, args...)
	v.Events = append([]event{{ID: s.w.UUID(), At: s.w.Now(), Message: message}}, v.Events...)
	v.Events = v.Events[:min(len(v.Events), mostEvents)]
}

// deploymentEvent is the name of an ECS Deployment State Change.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
type deploymentEvent string

const (
	deploymentInProgress deploymentEvent = "SERVICE_DEPLOYMENT_IN_PROGRESS"
	deploymentCompleted  deploymentEvent = "SERVICE_DEPLOYMENT_COMPLETED"
	deploymentFailed     deploymentEvent = "SERVICE_DEPLOYMENT_FAILED"
)

func (e deploymentEvent) kind() string {
	if e == deploymentFailed {
		return "ERROR"
	}
	return "INFO"
}

// stamp is a time as events have it.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &text
}

func (s *Service) publish(kind, resource string, detail any) {
	raw, err := json.Marshal(detail)
	if err != nil {
		panic("ecs: an event cannot be written down: " + err.Error())
	}
	s.ports.Bus.Publish(world.Event{DetailType: kind, Source: "aws.ecs", Time: s.w.Now(), Resources: []string{resource}, Detail: raw})
}

func (s *Service) publishDeployment(v *service, d *deployment, e deploymentEvent) {
	s.publish("ECS Deployment State Change", s.serviceARN(v), map[string]any{
		"eventType": e.kind(), "eventName": e, "deploymentId": d.id(), "updatedAt": stamp(s.w.Now()), "reason": eventReason(d),
	})
}

// eventReason is the deployment's reason as events have it: they say "task failed" where DescribeServices says "tasks
// failed".
func eventReason(d *deployment) string {
	if d.Reason == byBreaker().failed {
		return "ECS deployment circuit breaker: task failed to start."
	}
	return d.Reason
}

// publishAction publishes an ECS Service Action.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
func (s *Service) publishAction(v *service, kind, name, reason string) {
	detail := map[string]any{
		"eventType": kind, "eventName": name, "clusterArn": s.arn("cluster", v.Cluster), "createdAt": stamp(s.w.Now()),
	}
	if reason != "" {
		detail["reason"] = reason
	}
	s.publish("ECS Service Action", s.serviceARN(v), detail)
}

// The ECS Service Actions of a service for which no task could be started: for want of room, or because of what it is
// told to start.
const (
	placementFailure     = "SERVICE_TASK_PLACEMENT_FAILURE"
	configurationFailure = "SERVICE_TASK_CONFIGURATION_FAILURE"
)

// publishTask publishes an ECS Task State Change and counts the task's version.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
func (s *Service) publishTask(t *task) {
	t.Version++
	out := taskOutputOf(s, t, stamp)
	out.UpdatedAt = stamp(s.w.Now())
	out.HealthStatus, out.Attachments[0].Type = "", "eni"
	for i := range out.Containers {
		out.Containers[i].HealthStatus = ""
	}
	s.publish("ECS Task State Change", s.taskARN(t), out)
}
