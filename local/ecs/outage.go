package ecs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Outage is what goes wrong around tasks and follows from nothing in the account: it is made to happen.
type Outage string

// The outages.
const (
	// NoCapacity: Fargate has no room for a task.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
	NoCapacity Outage = "capacity"
	// AtQuota: the account may run no more tasks at the same time. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
	AtQuota Outage = "quota"
	// NoNetwork: a task reaches no AWS service from its subnet.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
	NoNetwork Outage = "network"
	// NoRegistry: a task reaches AWS, but does not get its image in time.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
	NoRegistry Outage = "registry"
	// NoSecrets: a task reaches ECR, and neither Secrets Manager nor the Parameter Store: a subnet without their endpoints.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
	NoSecrets Outage = "secrets"
	// NoLogs: a task reaches ECR, and not CloudWatch Logs.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
	NoLogs Outage = "logs"
	// Throttling: the store of a task's secrets refuses, for it is asked too often.
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html
	Throttling Outage = "throttling"
)

func outages() []Outage {
	return []Outage{NoCapacity, AtQuota, NoNetwork, NoRegistry, NoSecrets, NoLogs, Throttling}
}

// Strike lets an outage meet the next tasks that are to be started, that many of them; 0 ends it.
func (s *Service) Strike(what Outage, tasks int) error {
	if !slices.Contains(outages(), what) {
		return fmt.Errorf("an outage is one of capacity, quota, network, registry, secrets, logs, throttling, not %q", what)
	}
	if tasks < 0 {
		return fmt.Errorf("an outage cannot meet %d tasks: say 1 or more, or 0 to end it", tasks)
	}
	if s.state.Outages == nil {
		s.state.Outages = map[Outage]int{}
	}
	s.state.Outages[what] = tasks
	return nil
}

// struck says whether a task meets the outage, which then has one less to meet.
func (s *Service) struck(what Outage) bool {
	if s.state.Outages[what] == 0 {
		return false
	}
	s.state.Outages[what]--
	return true
}

// unreachable is what became of a connection that nothing answers.
const unreachable = "dial tcp 203.0.113.10:443: i/o timeout"

// offline is why a task without a network does not start.
func (s *Service) offline() string {
	return fmt.Sprintf("unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. "+
		"Check your task network configuration. RequestError: send request failed caused by: Post %q: %s", "https://api.ecr."+s.w.Region+".amazonaws.com/", unreachable)
}

// withoutSecrets is why no secret comes now, of whichever store; empty if they come. The texts were seen in the field.
func (s *Service) withoutSecrets() string {
	switch {
	case s.struck(NoSecrets):
		return "RequestCanceled: request context canceled caused by: context deadline exceeded"
	case s.struck(Throttling):
		return "ThrottlingException: Rate exceeded"
	default:
		return ""
	}
}

// unlogged is why a log stream cannot be made that nothing answers for.
func (s *Service) unlogged() string {
	return fmt.Sprintf("RequestError: send request failed caused by: Post %q: %s", "https://logs."+s.w.Region+".amazonaws.com/", unreachable)
}

// unpullable is why an image does not come whose registry does not answer.
func unpullable(image string) string {
	host, path, _ := strings.Cut(image, "/")
	name, reference, byDigest := strings.Cut(path, "@")
	if tagged, tag, ok := strings.Cut(name, ":"); ok && !byDigest {
		name, reference = tagged, tag
	}
	where := url.URL{Scheme: "https", Host: host, Path: "/v2/" + name + "/manifests/" + or(reference, "latest")}
	return fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref %s: failed to do request: Head %q: %s",
		image, where.String(), unreachable)
}
