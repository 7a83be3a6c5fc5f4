// Package ssm is the embedded Parameter Store of Systems Manager: standard parameters of the types String and StringList,
// with their versions. What else it has, SecureString and labels above all, answers NotImplemented.
package ssm

import (
	"encoding/json"
	"strings"
	"time"

	"fairlead/local/world"
)

// Limits of standard parameters. https://docs.aws.amazon.com/general/latest/gr/ssm.html
const (
	maxValue      = 4096 // bytes
	maxVersions   = 100
	maxParameters = 10_000
)

type parameter struct {
	Name        string    `json:"name"` // as it was created
	Type        string    `json:"type"` // String or StringList
	Description string    `json:"description"`
	Versions    []version `json:"versions"` // the oldest first, the last hundred of them
}

type version struct {
	Number      int64     `json:"number"`
	Value       string    `json:"value"`
	Description string    `json:"description"`
	At          time.Time `json:"at"`
	By          string    `json:"by"` // the ARN of who wrote it
}

func (p *parameter) latest() version { return p.Versions[len(p.Versions)-1] }

type state struct {
	Parameters map[string]*parameter `json:"parameters"` // by key
}

// Service is the embedded Parameter Store.
type Service struct {
	w     *world.World
	bus   world.Bus
	state state
}

// New makes a Parameter Store without parameters, which tells its changes to bus.
func New(w *world.World, bus world.Bus) *Service {
	return &Service{w: w, bus: bus, state: state{Parameters: map[string]*parameter{}}}
}

// Name is "ssm".
func (s *Service) Name() string { return "ssm" }

// State is what Parameter Store remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: nothing of Parameter Store happens later.
func (s *Service) Due(json.RawMessage) {}

// Operations are those on parameters.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"PutParameter":        world.Op(s.putParameter),
		"GetParameter":        world.Op(s.getParameter),
		"GetParameters":       world.Op(s.getParameters),
		"GetParametersByPath": world.Op(s.getParametersByPath),
		"GetParameterHistory": world.Op(s.getParameterHistory),
		"DescribeParameters":  world.Op(s.describeParameters),
		"DeleteParameter":     world.Op(s.deleteParameter),
		"DeleteParameters":    world.Op(s.deleteParameters),
	}
}

// key is where a parameter stands: /x and x are one, so that the slash before a name without hierarchy does not count.
func key(name string) string { return strings.TrimPrefix(name, "/") }

// arn is the ARN of a parameter, which has one slash before the name, whether the name begins with one or not.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
func (s *Service) arn(name string) string { return s.w.ARN("ssm", "parameter/"+key(name)) }

// changed tells the bus that a parameter was created, updated or deleted.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
func (s *Service) changed(operation string, p *parameter) {
	detail, err := json.Marshal(map[string]string{"operation": operation, "name": p.Name, "type": p.Type, "description": p.Description})
	if err != nil {
		panic("ssm: an event cannot be written: " + err.Error())
	}
	s.bus.Publish(world.Event{DetailType: "Parameter Store Change", Source: "aws.ssm", Time: s.w.Now(), Resources: []string{s.arn(p.Name)}, Detail: detail})
}

// output is a parameter as the calls that read one answer it.
type output struct {
	ARN              string
	DataType         string
	LastModifiedDate *world.Epoch
	Name             string
	Selector         string `json:",omitempty"`
	Type             string
	Value            string
	Version          int64
}

func (s *Service) output(p *parameter, v version, selector string) output {
	return output{ARN: s.arn(p.Name), DataType: "text", LastModifiedDate: world.EpochOf(v.At), Name: p.Name, Selector: selector,
		Type: p.Type, Value: v.Value, Version: v.Number}
}

func invalid(format string, args ...any) error {
	return world.Errorf("ValidationException", format, args...)
}

// notFound has no message on AWS either.
func notFound() error { return &world.Error{Code: "ParameterNotFound", Status: 400} }
