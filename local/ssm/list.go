package ssm

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// page is the part of an input that asks for one page of a list.
type page struct {
	MaxResults *int
	NextToken  string
}

// cut says which part of a list of n the page is, and the token of the next; empty if there is none.
func (p page) cut(n, most int) (from, to int, next string, err error) {
	size := most
	if p.MaxResults != nil {
		size = *p.MaxResults
	}
	if size < 1 || size > most {
		return 0, 0, "", invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and %d", size, most)
	}
	if p.NextToken != "" {
		raw, failed := base64.StdEncoding.DecodeString(p.NextToken)
		if from, err = strconv.Atoi(string(raw)); failed != nil || err != nil || from < 0 || from > n {
			return 0, 0, "", world.Errorf("InvalidNextToken", "The specified token isn't valid.")
		}
	}
	if to = min(from+size, n); to < n {
		next = base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(to)))
	}
	return from, to, next, nil
}

type byPathInput struct {
	Path             string
	Recursive        bool
	ParameterFilters []json.RawMessage
	page
}

type byPathOutput struct {
	Parameters []output
	NextToken  string `json:",omitempty"`
}

// getParametersByPath reads what stands below a path: with Recursive at any depth, otherwise at the next level.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func (s *Service) getParametersByPath(c *world.Call, in byPathInput) (byPathOutput, error) {
	if err := c.Authorize("ssm:GetParametersByPath", s.w.ARN("ssm", "parameter/"+strings.Trim(in.Path, "/")), nil); err != nil {
		return byPathOutput{}, err
	}
	switch {
	case !strings.HasPrefix(in.Path, "/") || in.Path != "/" && !nameForm.MatchString(strings.TrimSuffix(in.Path, "/")):
		return byPathOutput{}, invalid("The parameter path %q is not valid: it begins with a slash, and has letters, numbers and the symbols .-_ between slashes.", in.Path)
	case len(in.ParameterFilters) > 0:
		return byPathOutput{}, world.NotImplemented("ParameterFilters of GetParametersByPath")
	}
	found := s.below(in.Path, in.Recursive)
	from, to, next, err := in.cut(len(found), 10)
	if err != nil {
		return byPathOutput{}, err
	}
	out := byPathOutput{NextToken: next, Parameters: []output{}}
	for _, p := range found[from:to] {
		out.Parameters = append(out.Parameters, s.output(p, p.latest(), ""))
	}
	return out, nil
}

// below are the parameters below a path, by name.
func (s *Service) below(path string, recursive bool) (found []*parameter) {
	prefix := strings.TrimSuffix(path, "/") + "/"
	for _, k := range slices.Sorted(maps.Keys(s.state.Parameters)) {
		p := s.state.Parameters[k]
		rest, ok := strings.CutPrefix("/"+k, prefix)
		if ok && (recursive || !strings.Contains(rest, "/")) {
			found = append(found, p)
		}
	}
	return found
}

type filter struct {
	Key, Option string
	Values      []string
}

type describeInput struct {
	Filters          []json.RawMessage
	ParameterFilters []filter
	Shared           bool
	page
}

type describeOutput struct {
	Parameters []metadata
	NextToken  string `json:",omitempty"`
}

// metadata is a parameter without its value.
type metadata struct {
	ARN              string
	DataType         string
	Description      string `json:",omitempty"`
	LastModifiedDate *world.Epoch
	LastModifiedUser string
	Name             string
	Policies         []string
	Tier             string
	Type             string
	Version          int64
}

// describeParameters lists parameters, all or those with one of some names.
func (s *Service) describeParameters(c *world.Call, in describeInput) (describeOutput, error) {
	if err := c.Authorize("ssm:DescribeParameters", s.w.ARN("ssm", "*"), nil); err != nil {
		return describeOutput{}, err
	}
	if len(in.Filters) > 0 || in.Shared {
		return describeOutput{}, world.NotImplemented("Filters or Shared of DescribeParameters")
	}
	found := s.below("/", true)
	for _, f := range in.ParameterFilters {
		if !f.served() {
			return describeOutput{}, world.NotImplemented("a parameter filter other than Name, Equals or BeginsWith,")
		}
		found = slices.DeleteFunc(found, func(p *parameter) bool { return !f.takes(p.Name) })
	}
	from, to, next, err := in.cut(len(found), 50)
	if err != nil {
		return describeOutput{}, err
	}
	out := describeOutput{NextToken: next, Parameters: []metadata{}}
	for _, p := range found[from:to] {
		v := p.latest()
		out.Parameters = append(out.Parameters, metadata{ARN: s.arn(p.Name), DataType: "text", Description: p.Description, LastModifiedDate: world.EpochOf(v.At),
			LastModifiedUser: v.By, Name: p.Name, Policies: []string{}, Tier: "Standard", Type: p.Type, Version: v.Number})
	}
	return out, nil
}

func (f filter) served() bool {
	return f.Key == "Name" && slices.Contains([]string{"", "Equals", "BeginsWith"}, f.Option)
}

func (f filter) takes(name string) bool {
	return slices.ContainsFunc(f.Values, func(value string) bool {
		return name == value || f.Option == "BeginsWith" && strings.HasPrefix(name, value)
	})
}
