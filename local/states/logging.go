package states

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// logging is a state machine's LoggingConfiguration.
type logging struct {
	Level                string        `json:"level,omitempty"`
	IncludeExecutionData bool          `json:"includeExecutionData"`
	Destinations         []destination `json:"destinations,omitempty"`
}

type destination struct {
	LogGroup struct {
		ARN string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

func loggingOff() logging { return logging{Level: "OFF"} }

func (l logging) withDefaults() logging {
	if l.Level == "" {
		l.Level = "OFF"
	}
	return l
}

// check refuses what Step Functions refuses, before it asks whether the log group is there.
func (l logging) check() error {
	if !slices.Contains([]string{"ALL", "ERROR", "FATAL", "OFF"}, l.Level) {
		return validation("Value '%s' at 'loggingConfiguration.level' failed to satisfy constraint: Member must satisfy enum value set: [OFF, ALL, ERROR, FATAL]", l.Level)
	}
	switch {
	case l.Level == "OFF" && len(l.Destinations) == 0:
		return nil
	case len(l.Destinations) != 1:
		return world.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
	case l.group() == "":
		return world.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination ARN is invalid, it must be the ARN of a log group that ends in ':*'.")
	}
	return nil
}

// group is the name of the log group; empty if there is none, or its ARN does not end in :*.
func (l logging) group() string {
	if len(l.Destinations) != 1 {
		return ""
	}
	_, name, ok := strings.Cut(l.Destinations[0].LogGroup.ARN, ":log-group:")
	name, all := strings.CutSuffix(name, ":*")
	if !ok || !all {
		return ""
	}
	return name
}

// deliveryActions are what a state machine's role must be allowed on * for logging. AWS's page names CreateLogStream and
// PutLogEvents as well; the roles that the CDK makes have these eight, and log.
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
func deliveryActions() []string {
	return []string{"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
		"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"}
}

// checkLogging refuses a role that may not deliver logs, and a log group that does not exist.
func (s *Service) checkLogging(session world.Principal, l logging) error {
	if l.Level == "OFF" {
		return nil
	}
	for _, action := range deliveryActions() {
		if err := s.ports.Authority.Authorize(session, action, "*", nil); err != nil {
			return world.Errorf("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination")
		}
	}
	if err := s.ports.Logs.Write(l.group(), "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"); err != nil {
		return world.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found.")
	}
	return nil
}

// logLine is a line of a state machine's log: all values are strings, the details an object.
type logLine struct {
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Details      Details `json:"details"`
	Previous     string  `json:"previous_event_id"`
	At           string  `json:"event_timestamp"`
	ExecutionARN string  `json:"execution_arn"`
	RedriveCount string  `json:"redrive_count"`
}

// log writes an event to the state machine's log group, if its level asks for it. Delivery is best effort: a log group
// that is gone is no error.
func (s *Service) log(x *Execution, e Event) {
	m := s.state.Machines[x.MachineARN]
	if m == nil || !logged(m.Logging.Level, e.Type) {
		return
	}
	details := e.Details
	if !m.Logging.IncludeExecutionData {
		details = details.withoutData()
	}
	line, err := json.Marshal(logLine{ID: strconv.FormatInt(e.ID, 10), Type: e.Type, Details: details, Previous: strconv.FormatInt(e.Previous, 10),
		At: strconv.FormatInt(e.At.UnixMilli(), 10), ExecutionARN: x.ARN, RedriveCount: strconv.Itoa(x.RedriveCount)})
	if err == nil {
		stream := "states/" + m.Name + "/" + x.Start.Format("2006-01-02-15-04") + "/" + strconv.FormatInt(x.Order, 16)
		_ = s.ports.Logs.Write(m.Logging.group(), stream, string(line))
	}
}

// logged says whether an event is logged at a level.
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level
func logged(level, kind string) bool {
	fatal := []string{"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"}
	faults := []string{"FailStateEntered", "TaskFailed", "TaskTimedOut", "LambdaFunctionFailed", "LambdaFunctionTimedOut"}
	switch level {
	case "ALL":
		return true
	case "ERROR":
		return slices.Contains(fatal, kind) || slices.Contains(faults, kind)
	case "FATAL":
		return slices.Contains(fatal, kind)
	}
	return false
}
