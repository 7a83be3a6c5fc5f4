package ecs

import (
	"fmt"
	"strings"

	"fairlead/local/world"
)

// stream is where a container writes its log; false if it does not write to CloudWatch Logs of this region.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
func (s *Service) stream(t *task, c container) (group, stream string, ok bool) {
	if !c.awslogs() || c.Logs.Options["awslogs-region"] != s.w.Region {
		return "", "", false
	}
	return c.Logs.Options["awslogs-group"], c.Logs.Options["awslogs-stream-prefix"] + "/" + c.Name + "/" + t.ID, true
}

// logsDenied makes a container's log stream as the execution role. It says why that cannot be; empty if it can.
func (s *Service) logsDenied(t *task, c container, who world.Principal) string {
	group, stream, ok := s.stream(t, c)
	if !ok {
		return ""
	}
	const failed = "failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: %s : exit status 1"
	if s.struck(NoLogs) {
		return fmt.Sprintf(failed, s.unlogged())
	}
	arn := s.w.ARN("logs", "log-group:"+group+":log-stream:"+stream)
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		if err := s.ports.Authority.Authorize(who, action, arn, nil); err != nil {
			return fmt.Sprintf(failed, "AccessDeniedException: "+err.Error())
		}
	}
	if err := s.ports.Logs.Write(group, stream); err != nil {
		if strings.EqualFold(c.Logs.Options["awslogs-create-group"], "true") {
			return "awslogs-create-group is not implemented by Fairlead's embedded ECS: create the log group " + group
		}
		return fmt.Sprintf(failed, "ResourceNotFoundException: The specified log group does not exist.")
	}
	return ""
}

// writeLog writes the line that a container has to say. A log group that was deleted since loses it, as on AWS.
func (s *Service) writeLog(t *task, own *taskContainer) {
	if len(own.Behaves.Log) == 0 {
		return
	}
	for _, c := range s.definitionOf(t).Containers {
		if group, stream, ok := s.stream(t, c); ok && c.Name == own.Name {
			_ = s.ports.Logs.Write(group, stream, own.Behaves.Log...)
		}
	}
}
