package reportoutcome

import (
	"strings"

	"fairlead/shared/edge/announce"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy {
	return permission.Policy{Own: func(place permission.Place) []permission.Statement {
		return append(announce.Permissions(place), permission.Statement{
			Sid: "ReadExecutions", Actions: []string{"states:DescribeExecution", "states:GetExecutionHistory"},
			Resources: []string{executions(place.StateMachineARN)},
			Why:       "finds the state in which an execution ended, and the document as it was then",
		})
	}}
}

// executions are the executions of a state machine. Whatever tokens the ARN is made of, it says stateMachine in clear.
func executions(stateMachineARN string) string {
	return strings.Replace(stateMachineARN, ":stateMachine:", ":execution:", 1) + ":*"
}
