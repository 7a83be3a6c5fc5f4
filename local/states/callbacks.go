package states

import (
	"encoding/base64"
	"encoding/json"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

// maxTaskToken is how long a task token is at most.
const maxTaskToken = 2048

// taskToken is what a task token says.
type taskToken struct {
	Execution string `json:"execution"`
	Secret    string `json:"secret"` // of one attempt
}

// token is the task token of the execution's present attempt.
func token(x *Execution) string {
	raw, err := json.Marshal(taskToken{x.ARN, x.Activity.Secret}) //nolint:gosec // a task token is meant to be handed out
	if err != nil {
		panic("states: a task token cannot be written: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// awaiting returns the execution that waits for a task token.
//
// A text that is no token is an InvalidToken; the token of an execution that does not exist TaskDoesNotExist; that of a
// task that has ended, one way or another, TaskTimedOut. A token counts from the moment its function was started, so
// that a function may use its own.
func (s *Service) awaiting(c *world.Call, action, text string) (*Execution, error) {
	if err := c.Authorize(action, "*", nil); err != nil {
		return nil, err
	}
	t, err := readToken(text)
	if err != nil {
		return nil, err
	}
	x := s.state.Executions[t.Execution]
	if x == nil {
		return nil, world.Errorf("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'")
	}
	if !x.awaits(t) {
		return nil, world.Errorf("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	}
	return x, nil
}

func readToken(text string) (taskToken, error) {
	var t taskToken
	if text == "" {
		return t, tooShort("taskToken")
	}
	if len(text) > maxTaskToken {
		return t, tooLong(text, "taskToken", maxTaskToken)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &t) != nil || t.Execution == "" {
		return t, world.Errorf("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	return t, nil
}

// awaits says whether the token is that of the present attempt.
func (x *Execution) awaits(t taskToken) bool {
	a := x.Activity
	return x.running() && a != nil && a.Secret != "" && a.Secret == t.Secret
}

type taskSuccessInput struct {
	TaskToken string  `json:"taskToken"`
	Output    *string `json:"output"`
}

func (s *Service) sendTaskSuccess(c *world.Call, in taskSuccessInput) (*struct{}, error) {
	x, err := s.awaiting(c, "states:SendTaskSuccess", in.TaskToken)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Output == nil:
		return nil, validation("Value null at 'output' failed to satisfy constraint: Member must not be null")
	case len(*in.Output) > asl.MaxPayload:
		return nil, tooLongSecret("output", asl.MaxPayload)
	case !validJSON(*in.Output):
		return nil, world.Errorf("InvalidOutput", "Invalid Output: 'Invalid output'")
	}
	s.run(x, s.taskSucceeded(x, s.current(x), decoded(*in.Output), *in.Output))
	return &struct{}{}, nil
}

type taskFailureInput struct {
	TaskToken string  `json:"taskToken"`
	Error     *string `json:"error"`
	Cause     *string `json:"cause"`
}

func (s *Service) sendTaskFailure(c *world.Call, in taskFailureInput) (*struct{}, error) {
	x, err := s.awaiting(c, "states:SendTaskFailure", in.TaskToken)
	if err != nil {
		return nil, err
	}
	if err := checkFailure(in.Error, in.Cause); err != nil {
		return nil, err
	}
	s.run(x, s.taskFailed(x, s.current(x), failure(in.Error, in.Cause)))
	return &struct{}{}, nil
}

type taskHeartbeatInput struct {
	TaskToken string `json:"taskToken"`
}

// sendTaskHeartbeat starts the heartbeat's clock anew; it leaves no event in the history.
func (s *Service) sendTaskHeartbeat(c *world.Call, in taskHeartbeatInput) (*struct{}, error) {
	x, err := s.awaiting(c, "states:SendTaskHeartbeat", in.TaskToken)
	if err != nil {
		return nil, err
	}
	if x.Activity.Phase == phaseSubmitted {
		s.awaitHeartbeat(x, s.current(x))
	}
	return &struct{}{}, nil
}
