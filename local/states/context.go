package states

import (
	"encoding/json"
	"strconv"
	"time"

	"fairlead/local/states/asl"
)

// timeFormat is how the context object writes times.
const timeFormat = "2006-01-02T15:04:05.000Z"

// scope is what the fields of the present state are evaluated against, with the state's raw input as $.
func (s *Service) scope(x *Execution, state *asl.State) asl.Scope {
	return asl.Scope{Input: decoded(x.Activity.Input), Context: s.contextObject(x, state), Random: s.w.Random, UUID: s.w.UUID}
}

// decoded reads JSON that was checked when it came in.
func decoded(raw string) any {
	v, err := asl.Decode([]byte(raw))
	if err != nil {
		panic("states: data that was accepted cannot be read: " + err.Error())
	}
	return v
}

// contextObject is what $$ means.
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func (s *Service) contextObject(x *Execution, state *asl.State) any {
	execution := map[string]any{"Id": x.ARN, "Input": decoded(x.Input), "Name": x.Name, "RoleArn": x.RoleARN,
		"StartTime": instant(x.Start), "RedriveCount": number(x.RedriveCount)}
	if x.RedriveCount > 0 {
		execution["RedriveTime"] = instant(x.Redriven)
	}
	present := map[string]any{"Name": state.Name, "EnteredTime": instant(x.Activity.Entered)}
	object := map[string]any{"Execution": execution, "State": present,
		"StateMachine": map[string]any{"Id": x.MachineARN, "Name": x.MachineName}}
	if state.Type == "Task" {
		present["RetryCount"] = number(x.Activity.RetryCount)
	}
	if x.Activity.Secret != "" {
		object["Task"] = map[string]any{"Token": token(x)}
	}
	return object
}

func instant(t time.Time) string { return t.UTC().Format(timeFormat) }

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }
