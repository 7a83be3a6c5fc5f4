package ecs

import (
	"fmt"
	"slices"
	"time"

	"fairlead/local/elb"
)

// targets is the name under which a change of a target's health is on the agenda.
const targets = "\x00targets"

// checkBalancers refuses target groups that tasks cannot be registered in. The texts about the container are AWS's.
func (s *Service) checkBalancers(a shape, d definition) error {
	for _, b := range a.balancers() {
		if b.Classic != "" {
			return notImplemented("A service behind a classic load balancer")
		}
		i := slices.IndexFunc(d.Containers, func(c container) bool { return c.Name == b.Container })
		if i < 0 {
			return invalid("The container %s does not exist in the task definition.", b.Container)
		}
		if !slices.ContainsFunc(d.Containers[i].PortMappings, func(p portMapping) bool { return p.ContainerPort == b.Port }) {
			return invalid("The container %s did not have a container port %d defined.", b.Container, b.Port)
		}
		if problem := s.ports.Targets.Problem(b.Group); problem != "" {
			return invalid("%s", problem)
		}
	}
	return nil
}

// balancersOf are where a task is registered.
func (s *Service) balancersOf(t *task) []balancing {
	_, d, ok := s.owner(t)
	if !ok {
		return nil
	}
	return d.Shape.balancers()
}

func (t *task) target(b balancing) elb.Target {
	return elb.Target{Address: t.Address, Port: b.Port, Zone: t.Zone}
}

// answers is how a container answers the health checks of a load balancer: as its labels say.
func (b behaviour) answers() elb.Answers {
	return elb.Answers{From: b.Start, Until: b.Sickens, Badly: elb.Badly(b.ELB), Always: b.Unhealthy || b.ELB != "" && b.Sickens == 0}
}

// enterTargets registers a task that has started behind its service's load balancers, and looks at it a little after its
// health has changed and when the grace period is over. False means that there are none.
func (s *Service) enterTargets(t *task) bool {
	balancers := s.balancersOf(t)
	if len(balancers) == 0 {
		return false
	}
	look := due{Do: doHealth, Task: t.ID, Name: targets}
	for _, b := range balancers {
		for _, at := range s.ports.Targets.Register(b.Group, t.target(b), t.container(b.Container).Behaves.answers()) {
			s.w.After(at.Sub(s.w.Now())+s.paced(noticing), s.Name(), look)
		}
	}
	if grace := s.grace(t); grace > 0 {
		s.after(grace, look)
	}
	s.sayTargets(t, "registered 1 targets in (target-group %s)")
	return true
}

// leaveTargets takes a task that has started out of its target groups, and returns how long ECS waits until it stops it.
// https://docs.aws.amazon.com/AmazonECS/latest/bestpracticesguide/load-balancer-connection-draining.html
func (s *Service) leaveTargets(t *task) time.Duration {
	longest := deactivating
	for _, b := range s.balancersOf(t) {
		longest = max(longest, s.ports.Targets.Deregister(b.Group, t.target(b)))
	}
	s.sayTargets(t, "deregistered 1 targets in (target-group %s)")
	return longest
}

// sayTargets says in the service's events what became of a task's targets.
func (s *Service) sayTargets(t *task, format string) {
	v, d, ok := s.owner(t)
	if !ok {
		return
	}
	for _, b := range d.Shape.balancers() {
		s.say(v, format, b.Group)
	}
}

// targetChecked looks at what the load balancers say of a task. One that is unhealthy is replaced, but not before the
// grace period is over.
func (s *Service) targetChecked(t *task, v *service, d *deployment) {
	graced, all := s.w.Now().Before(t.StartedAt.Add(s.paced(s.grace(t)))), true
	for _, b := range d.Shape.balancers() {
		health := s.ports.Targets.Health(b.Group, t.target(b))
		if health.State == elb.Unhealthy && !graced {
			s.failHealth(t, v, "Task failed ELB health checks in (target-group "+b.Group+")",
				fmt.Sprintf("(port %d) is unhealthy in (target-group %s) due to (reason %s).", b.Port, b.Group, health.Description))
			return
		}
		all = all && health.State == elb.Healthy
	}
	if t.Targeted = all; all {
		s.noteChecked(t, v, d)
	}
}
