package states

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"fairlead/local/world"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// page is what a nextToken says: which list it belongs to, and where it goes on.
type page struct {
	List string `json:"list"`
	From int    `json:"from"`
}

// paginate returns the part of a list that a call asks for, and the token of the next part; list names the list and its
// arguments, which must be the same on each call.
func paginate[T any](items []T, list string, maxResults int, token string, maxToken int) ([]T, string, error) {
	if err := checkPage(maxResults, token, maxToken); err != nil {
		return nil, "", err
	}
	at := page{List: list}
	if token != "" {
		raw, err := base64.StdEncoding.DecodeString(token)
		if err != nil || json.Unmarshal(raw, &at) != nil || at.List != list || at.From < 0 || at.From > len(items) {
			return nil, "", world.Errorf("InvalidToken", "Invalid Token: 'Invalid token'")
		}
	}
	end := min(at.From+cmp.Or(maxResults, defaultPage), len(items))
	if end == len(items) {
		return items[at.From:], "", nil
	}
	raw, err := json.Marshal(page{list, end})
	return items[at.From:end], base64.StdEncoding.EncodeToString(raw), err
}

func checkPage(maxResults int, token string, maxToken int) error {
	switch {
	case maxResults < 0:
		return validation("Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0", maxResults)
	case maxResults > maxPage:
		return validation("Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to %d", maxResults, maxPage)
	case len(token) > maxToken:
		return tooLong(token, "nextToken", maxToken)
	}
	return nil
}

type listMachinesInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type machineItem struct {
	StateMachineARN string       `json:"stateMachineArn"`
	Name            string       `json:"name"`
	Type            string       `json:"type"`
	CreationDate    *world.Epoch `json:"creationDate"`
}

type listMachinesOutput struct {
	StateMachines []machineItem `json:"stateMachines"`
	NextToken     string        `json:"nextToken,omitempty"`
}

func (s *Service) listStateMachines(c *world.Call, in listMachinesInput) (*listMachinesOutput, error) {
	if err := c.Authorize("states:ListStateMachines", "*", nil); err != nil {
		return nil, err
	}
	items := []machineItem{}
	for _, m := range s.machinesByName() {
		items = append(items, machineItem{m.ARN, m.Name, "STANDARD", world.EpochOf(m.Created)})
	}
	const maxToken = 1024
	items, token, err := paginate(items, "machines", in.MaxResults, in.NextToken, maxToken)
	return &listMachinesOutput{items, token}, err
}

type listExecutionsInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	StatusFilter    string `json:"statusFilter"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
	MapRunARN       string `json:"mapRunArn"`
	RedriveFilter   string `json:"redriveFilter"`
}

type executionItem struct {
	ExecutionARN string       `json:"executionArn"`
	MachineARN   string       `json:"stateMachineArn"`
	Name         string       `json:"name"`
	Status       string       `json:"status"`
	Start        *world.Epoch `json:"startDate"`
	Stop         *world.Epoch `json:"stopDate,omitempty"`
	RedriveCount int          `json:"redriveCount"`
	RedriveDate  *world.Epoch `json:"redriveDate,omitempty"`
}

type listExecutionsOutput struct {
	Executions []executionItem `json:"executions"`
	NextToken  string          `json:"nextToken,omitempty"`
}

// listExecutions lists a state machine's executions, those that started last first.
func (s *Service) listExecutions(c *world.Call, in listExecutionsInput) (*listExecutionsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:ListExecutions", in.StateMachineARN, nil); err != nil {
		return nil, err
	}
	if s.state.Machines[in.StateMachineARN] == nil {
		return nil, world.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", in.StateMachineARN)
	}
	items := []executionItem{}
	for _, x := range slices.SortedFunc(maps.Values(s.state.Executions), func(a, b *Execution) int { return cmp.Compare(b.Order, a.Order) }) {
		if in.selects(x) {
			items = append(items, executionItem{x.ARN, x.MachineARN, x.Name, x.Status, world.EpochOf(x.Start), world.EpochOf(x.Stop), x.RedriveCount, world.EpochOf(x.Redriven)})
		}
	}
	const maxToken = 3096
	list := strings.Join([]string{"executions", in.StateMachineARN, in.StatusFilter, in.RedriveFilter}, " ")
	items, token, err := paginate(items, list, in.MaxResults, in.NextToken, maxToken)
	return &listExecutionsOutput{items, token}, err
}

func (in listExecutionsInput) check() error {
	switch {
	case in.MapRunARN != "":
		return notImplemented("mapRunArn")
	case in.StatusFilter == "PENDING_REDRIVE":
		return validation("The PENDING_REDRIVE statusFilter needs a mapRunArn")
	case !slices.Contains([]string{"", running, succeeded, failed, timedOut, aborted}, in.StatusFilter):
		return validation("Value '%s' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]", in.StatusFilter)
	case !slices.Contains([]string{"", "REDRIVEN", "NOT_REDRIVEN"}, in.RedriveFilter):
		return validation("Value '%s' at 'redriveFilter' failed to satisfy constraint: Member must satisfy enum value set: [REDRIVEN, NOT_REDRIVEN]", in.RedriveFilter)
	}
	return checkARN(in.StateMachineARN, "stateMachine")
}

func (in listExecutionsInput) selects(x *Execution) bool {
	redriven := in.RedriveFilter == "" || (in.RedriveFilter == "REDRIVEN") == (x.RedriveCount > 0)
	return x.MachineARN == in.StateMachineARN && redriven && (in.StatusFilter == "" || in.StatusFilter == x.Status)
}

type historyInput struct {
	ExecutionARN         string `json:"executionArn"`
	MaxResults           int    `json:"maxResults"`
	ReverseOrder         bool   `json:"reverseOrder"`
	NextToken            string `json:"nextToken"`
	IncludeExecutionData *bool  `json:"includeExecutionData"`
}

type historyOutput struct {
	Events    []map[string]any `json:"events"`
	NextToken string           `json:"nextToken,omitempty"`
}

func (s *Service) getExecutionHistory(c *world.Call, in historyInput) (*historyOutput, error) {
	x, err := s.authorized(c, "states:GetExecutionHistory", in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	events, list := slices.Clone(x.History), "history "+x.ARN
	if in.ReverseOrder {
		slices.Reverse(events)
		list += " reversed"
	}
	const maxToken = 1024
	events, token, err := paginate(events, list, in.MaxResults, in.NextToken, maxToken)
	if err != nil {
		return nil, err
	}
	out := &historyOutput{Events: []map[string]any{}, NextToken: token}
	for _, e := range events {
		out.Events = append(out.Events, e.wire(in.IncludeExecutionData == nil || *in.IncludeExecutionData))
	}
	return out, nil
}
