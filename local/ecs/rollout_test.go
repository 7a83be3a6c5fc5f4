package ecs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAnUpdateRollsOutAndCompletes(t *testing.T) {
	l := newLand(t, 1)
	l.create(2, nil)
	l.until("the first deployment is complete", l.steady)
	first := l.described().Deployments[0].ID
	began := l.w.Now()
	arn := l.update(l.push())
	d := l.described().Deployments
	if d[0].Status != "PRIMARY" || d[0].Desired != 0 || d[0].Running != 0 || d[0].State != "IN_PROGRESS" || d[1].ID != first || d[1].Status != "ACTIVE" {
		t.Errorf("just after UpdateService the deployments are %+v", d)
	}
	l.until("the second deployment is complete", l.steady)
	out := l.described()
	if len(out.Deployments) != 1 || out.Deployments[0].State != "COMPLETED" || out.TaskDefinition != arn || out.Running != 2 {
		t.Errorf("in the end the service is %+v", out)
	}
	if took := l.w.Now().Sub(began); took < time.Minute || took > 4*time.Minute {
		t.Errorf("the rollout took %v", took)
	}
	if diff := cmp.Diff([]string{"SUCCESSFUL", "SUCCESSFUL"}, l.rollouts()); diff != "" {
		t.Error(diff)
	}
	want := []string{"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED"}
	if diff := cmp.Diff(want, l.published("ECS Deployment State Change")); diff != "" {
		t.Error(diff)
	}
}
