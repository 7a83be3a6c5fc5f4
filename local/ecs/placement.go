package ecs

// unplaced is why no task can be started: what the service's events say, and the ECS Service Action.
type unplaced struct {
	said   string
	action string // its eventName
	reason string // its reason; empty if it has none
}

// unplaceable says why no task can be started at all; false if one can.
func (s *Service) unplaceable(v *service, p *deployment) (unplaced, bool) {
	if !p.Shape.onFargate() {
		return unplaced{"was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
			placementFailure, "RESOURCE:CPU"}, true
	}
	d, err := s.definition(p.Shape.TaskDefinition)
	if err != nil {
		return unplaced{said: "was unable to place a task. Reason: the task definition does not exist.", action: configurationFailure}, true
	}
	if role := s.untrusted(v, d.read()); role != "" {
		return unplaced{said: "failed to launch a task with (error " + unassumable(role) + ").", action: configurationFailure}, true
	}
	return s.withoutRoom()
}

// withoutRoom says whether Fargate takes no task now.
func (s *Service) withoutRoom() (unplaced, bool) {
	const placing, more = "was unable to place a task. Reason: ", " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
	switch {
	case len(s.state.Outages) == 0:
		return unplaced{}, false
	case s.struck(NoCapacity):
		return unplaced{placing + "Capacity is unavailable at this time. Please try again later or in a different availability zone." + more, placementFailure, "RESOURCE:FARGATE"}, true
	case s.struck(AtQuota): // which eventName it has is assumed
		return unplaced{placing + "You've reached the limit on the number of tasks you can run concurrently." + more, placementFailure, "RESOURCE:FARGATE"}, true
	default:
		return unplaced{}, false
	}
}

// untrusted is a role of the tasks that ECS cannot assume for them; empty if there is none.
func (s *Service) untrusted(v *service, d definition) string {
	for _, role := range []string{d.TaskRoleARN, d.ExecutionRoleARN} {
		if role == "" {
			continue
		}
		if _, err := s.ports.Roles.ServiceSession(s.roleARN(role), tasksPrincipal, s.serviceARN(v), "placement"); err != nil {
			return s.roleARN(role)
		}
	}
	return ""
}
