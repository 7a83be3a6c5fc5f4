package world

import (
	"cmp"
	"encoding/json"
)

// Declared is a resource as a CloudFormation template declares it, with all intrinsic functions resolved.
type Declared struct {
	Type       string          // "AWS::ECS::Service"
	Stack      string          // the stack's name
	LogicalID  string          //
	ID         string          // what Ref gave when the resource was last declared; empty if it is new
	Properties json.RawMessage // CloudFormation's own names and shapes
	Assets     string          // the cloud assembly's directory, for what an asset holds (a function's files)
}

// NameFor is what a declared resource is called: the name that is given, or else the one that it has had, or else one that
// is made up.
func (w *World) NameFor(d Declared, given string) string {
	if name := cmp.Or(given, d.ID); name != "" {
		return name
	}
	return w.GeneratedName(d)
}

// GeneratedName is a name as CloudFormation makes one up: the stack, the logical id and twelve random characters.
func (w *World) GeneratedName(d Declared) string {
	return d.Stack + "-" + d.LogicalID + "-" + w.Alphanumeric(12)
}

// Resource is what a declared resource became.
type Resource struct {
	ID         string         // what Ref returns
	Attributes map[string]any // what Fn::GetAtt returns
}

// Provider is a service whose resources a template can declare.
type Provider interface {
	// ResourceTypes are the CloudFormation types that the service provides.
	ResourceTypes() []string
	// Declare creates the resource or, where it exists already, brings it in line with what is declared.
	Declare(Declared) (Resource, error)
	// Withdraw removes what is no longer declared.
	Withdraw(resourceType, id string) error
}
