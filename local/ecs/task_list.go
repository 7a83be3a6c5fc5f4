package ecs

import (
	"maps"
	"slices"
	"strings"

	"fairlead/local/world"
)

type listTasksInput struct {
	Cluster    string `json:"cluster"`
	Instance   string `json:"containerInstance"`
	Family     string `json:"family"`
	StartedBy  string `json:"startedBy"`
	Service    string `json:"serviceName"`
	Desired    string `json:"desiredStatus"`
	LaunchType string `json:"launchType"`
	page
}

type listTasksOutput struct {
	ARNs      []string `json:"taskArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

// listTasks lists the tasks that are to run, or with desiredStatus STOPPED those that are not.
func (s *Service) listTasks(c *world.Call, in listTasksInput) (out listTasksOutput, err error) {
	cluster := clusterName(in.Cluster)
	keys := world.Keys{"ecs:cluster": {s.arn("cluster", cluster)}}
	if err := c.Authorize("ecs:ListTasks", s.arn("container-instance", cluster, "*"), keys); err != nil {
		return out, err
	}
	if _, err := s.cluster(in.Cluster); err != nil {
		return out, err
	}
	if err := s.checkListTasks(&in); err != nil {
		return out, err
	}
	all := []string{}
	for _, t := range slices.SortedFunc(maps.Values(s.state.Tasks), byAge) {
		if t.Cluster == cluster && in.wants(t) {
			all = append(all, s.taskARN(t))
		}
	}
	out.ARNs, out.NextToken, err = in.of(all, 100)
	return out, err
}

func byAge(a, b *task) int {
	if n := a.CreatedAt.Compare(b.CreatedAt); n != 0 {
		return n
	}
	return strings.Compare(a.ID, b.ID)
}

// checkListTasks refuses filters that ECS refuses, and makes the service's name a key.
func (s *Service) checkListTasks(in *listTasksInput) error {
	if in.Instance != "" {
		return invalid("Container instance not found: %s", in.Instance)
	}
	if err := oneOf("desiredStatus", in.Desired, taskRunning, taskPending, taskStopped); err != nil {
		return err
	}
	if in.StartedBy != "" && (in.Service != "" || in.Family != "" || in.Desired != "" || in.LaunchType != "") {
		return invalid("Cannot specify any other filter with startedBy.")
	}
	if in.Service == "" {
		return nil
	}
	v, err := s.service(in.Cluster, in.Service)
	if err != nil {
		return err
	}
	in.Service = v.key()
	return nil
}

func (in listTasksInput) wants(t *task) bool {
	family, _, _ := strings.Cut(lastPart(t.Definition), ":")
	return t.Desired == or(in.Desired, taskRunning) &&
		(in.Service == "" || t.Service == in.Service) && (in.Family == "" || family == in.Family) &&
		(in.StartedBy == "" || t.StartedBy == in.StartedBy) && (in.LaunchType == "" || in.LaunchType == fargate)
}

type stopTaskInput struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	Reason  string `json:"reason"`
}

type stopTaskOutput struct {
	Task taskOutput[world.Epoch] `json:"task"`
}

func (s *Service) stopTask(c *world.Call, in stopTaskInput) (out stopTaskOutput, err error) {
	if err := s.authorizeTask(c, "ecs:StopTask", in.Cluster, in.Task); err != nil {
		return out, err
	}
	k, err := s.cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	t, ok := s.state.Tasks[lastPart(in.Task)]
	if !ok || t.Cluster != k.Name {
		return out, invalid("The referenced task was not found.")
	}
	s.stop(t, userInitiated, or(in.Reason, "Task stopped by user"))
	if v, ok := s.state.Services[t.Service]; ok {
		s.wake(v, schedulerDelay)
	}
	return stopTaskOutput{taskOutputOf(s, t, world.EpochOf)}, nil
}
