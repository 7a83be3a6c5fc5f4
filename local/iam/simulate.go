package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

type simulateInput struct {
	PolicySourceArn string
	PolicyInputList []string
	ActionNames     []string
	ResourceArns    []string
	ContextEntries  []contextEntry
	paging

	PermissionsBoundaryPolicyInputList, ResourcePolicy, ResourceOwner, CallerArn, ResourceHandlingOption json.RawMessage // not served
}

type contextEntry struct {
	ContextKeyName   string
	ContextKeyType   string
	ContextKeyValues []string
}

type simulateOutput struct {
	EvaluationResults members[evaluation]
	IsTruncated       bool
	Marker            string `xml:",omitempty"`
}

type evaluation struct {
	EvalActionName                    string
	EvalResourceName                  string
	EvalDecision                      string
	MatchedStatements                 members[matched]
	MissingContextValues              members[string]
	PermissionsBoundaryDecisionDetail *boundaryDecision          `xml:",omitempty"`
	ResourceSpecificResults           *members[resourceDecision] `xml:",omitempty"`
}

type matched struct {
	SourcePolicyID   string `xml:"SourcePolicyId"`
	SourcePolicyType string
}

type boundaryDecision struct{ AllowedByPermissionsBoundary bool }

type resourceDecision struct {
	EvalResourceName     string
	EvalResourceDecision string
	MatchedStatements    members[matched]
	MissingContextValues members[string]
}

// simulatePrincipalPolicy decides actions on resources by a role's identity policies and its boundary, without a real
// request: only the context entries that come with the call, and the time, are its condition keys. It knows nothing of
// session, resource and trust policies, as AWS's does not.
func (s *Service) simulatePrincipalPolicy(c *world.Call, in simulateInput) (simulateOutput, error) {
	if err := in.check(); err != nil {
		return simulateOutput{}, err
	}
	if err := c.Authorize("iam:SimulatePrincipalPolicy", in.PolicySourceArn, nil); err != nil {
		return simulateOutput{}, err
	}
	sim, err := s.simulation(in)
	if err != nil {
		return simulateOutput{}, err
	}
	if len(in.ResourceArns) == 0 {
		in.ResourceArns = []string{"*"}
	}
	numbers := make([]string, len(in.ActionNames)*len(in.ResourceArns)) // of the results: they are what is paged
	for i := range numbers {
		numbers[i] = fmt.Sprintf("%06d", i)
	}
	if in.Marker != "" && !slices.Contains(numbers, in.Marker) {
		return simulateOutput{}, world.Errorf("InvalidInput", "Invalid Marker: %s", in.Marker)
	}
	var out simulateOutput
	numbers, out.Marker, err = in.page(numbers)
	out.IsTruncated = out.Marker != ""
	for _, number := range numbers {
		i, _ := strconv.Atoi(number)
		action, resource := in.ActionNames[i/len(in.ResourceArns)], in.ResourceArns[i%len(in.ResourceArns)]
		out.EvaluationResults.Members = append(out.EvaluationResults.Members, sim.evaluate(action, resource))
	}
	return out, err
}

// simulation is what all decisions of one call have in common.
type simulation struct {
	policies policy.Policies
	names    []string // of the identity policies, in their order
	keys     policy.Keys
	missing  []string
}

func (s *Service) simulation(in simulateInput) (simulation, error) {
	r, err := s.simulated(in.PolicySourceArn)
	if err != nil {
		return simulation{}, err
	}
	p, err := s.rolePolicies(r)
	if err != nil {
		return simulation{}, err
	}
	sim := simulation{policies: p, names: append(slices.Sorted(maps.Keys(r.Inline)), s.managedOf(r)...)}
	further, err := s.documents(in.PolicyInputList)
	if err != nil {
		return simulation{}, err
	}
	for i := range further {
		sim.names = append(sim.names, "PolicyInputList."+strconv.Itoa(i+1))
	}
	sim.policies.Identity = append(slices.Clone(p.Identity), further...)
	given := map[string][]string{"aws:CurrentTime": {s.w.Now().Format(time.RFC3339)}, "aws:EpochTime": {strconv.FormatInt(s.w.Now().Unix(), 10)}}
	for _, e := range in.ContextEntries {
		given[e.ContextKeyName] = e.ContextKeyValues
	}
	sim.keys = policy.NewKeys(given)
	sim.missing = sim.missingKeys()
	return sim, nil
}

// missingKeys are those that the policies ask for and the call did not give.
func (sim simulation) missingKeys() []string {
	asked := map[string]bool{}
	for _, d := range sim.policies.Identity {
		for _, key := range d.ContextKeys() {
			asked[key] = sim.keys[strings.ToLower(key)] == nil
		}
	}
	maps.DeleteFunc(asked, func(_ string, missing bool) bool { return !missing })
	return slices.Sorted(maps.Keys(asked))
}

func (sim simulation) evaluate(action, resource string) evaluation {
	r := policy.Request{Action: action, Resource: resource, Keys: sim.keys}
	decision := policy.Decide(r, sim.policies)
	e := evaluation{EvalActionName: action, EvalResourceName: resource, EvalDecision: decision.Name(),
		MatchedStatements: members[matched]{sim.matched(r)}, MissingContextValues: members[string]{sim.missing}}
	if b := sim.policies.Boundary; b != nil {
		e.PermissionsBoundaryDecisionDetail = &boundaryDecision{policy.Decide(r, policy.Policies{Identity: []policy.Document{*b}}).Allowed}
	}
	if resource != "*" {
		e.ResourceSpecificResults = &members[resourceDecision]{[]resourceDecision{{resource, e.EvalDecision, e.MatchedStatements, e.MissingContextValues}}}
	}
	return e
}

// matched are the identity policies with a statement about the request.
func (sim simulation) matched(r policy.Request) []matched {
	var list []matched
	for i, d := range sim.policies.Identity {
		alone := policy.Decide(r, policy.Policies{Identity: []policy.Document{d}})
		if alone.Allowed || alone.Explicit {
			list = append(list, matched{sim.names[i], "role"})
		}
	}
	return list
}
