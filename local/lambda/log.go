package lambda

import (
	"maps"
	"slices"

	"fairlead/local/world"
)

// Log writes lines that a function printed, as Lambda does under the function's role: without logs:PutLogEvents they are
// lost.
func (s *Service) Log(function, stream string, lines ...string) {
	f := s.state.Functions[function]
	if f == nil || len(lines) == 0 {
		return
	}
	who, err := s.roles.ServiceSession(f.Role, "lambda.amazonaws.com", f.ARN, f.Name)
	if err != nil {
		return
	}
	target := s.w.ARN("logs", "log-group:"+f.LogGroup+":log-stream:"+stream)
	if s.w.Authorize(who, "logs:PutLogEvents", target, nil) != nil {
		return
	}
	_ = s.logs.Write(f.LogGroup, stream, lines...) // a missing group loses the lines on AWS too
}

func sortedKeys(m map[string]Invocation) []string { return slices.Sorted(maps.Keys(m)) }

var _ world.Invoker = (*Service)(nil)
