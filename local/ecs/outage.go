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
)

// Strike lets an outage meet the next tasks that are to be started, that many of them; 0 ends it.
func (s *Service) Strike(what Outage, tasks int) error {
	if !slices.Contains([]Outage{NoCapacity, AtQuota, NoNetwork, NoRegistry}, what) {
		return fmt.Errorf("an outage is one of capacity, quota, network, registry, not %q", what)
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
