package asl

import (
	"fmt"
	"strings"
)

// The codes of problems, as ValidateStateMachineDefinition has them.
const (
	InvalidJSON       = "INVALID_JSON_DESCRIPTION"
	SchemaValidation  = "SCHEMA_VALIDATION_FAILED"
	MissingTransition = "MISSING_TRANSITION_TARGET"
	MissingEnd        = "MISSING_END_STATE"
	NotImplemented    = "NOT_IMPLEMENTED" // not AWS's: what AWS accepts and this package does not implement
)

// Problem is one reason why a definition is refused.
type Problem struct {
	Code     string
	Message  string
	Location string // "/States/CheckImage/Retry[0]/ErrorEquals"
	// NotImplemented says that AWS accepts this and the embedded AWS does not implement it.
	NotImplemented bool
}

// String is the problem as CreateStateMachine words it.
func (p Problem) String() string {
	if p.Location == "" {
		return p.Code + ": " + p.Message
	}
	return p.Code + ": " + p.Message + " at " + p.Location
}

// Problems are all the reasons why a definition is refused.
type Problems []Problem

// Error lists the problems in one line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, ", ")
}

// NotImplemented says whether all that is wrong is that the embedded AWS does not implement it.
func (ps Problems) NotImplemented() bool {
	for _, p := range ps {
		if !p.NotImplemented {
			return false
		}
	}
	return len(ps) > 0
}

func schema(at, format string, args ...any) Problem {
	return Problem{Code: SchemaValidation, Message: fmt.Sprintf(format, args...), Location: at}
}

func notImplemented(at, what string) Problem {
	return Problem{Code: NotImplemented, Message: what + " is not implemented by Fairlead's embedded AWS", Location: at, NotImplemented: true}
}
