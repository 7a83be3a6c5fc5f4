package asl

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Kind is how a Task state calls what it runs.
type Kind int

// The kinds of tasks.
const (
	InvokeFunction     Kind = iota // arn:aws:lambda:…:function:name
	RequestResponse                // arn:aws:states:::lambda:invoke
	WaitForTaskToken               // arn:aws:states:::lambda:invoke.waitForTaskToken
	unknownIntegration             // refused
)

var (
	functionARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?$`)
	integration = regexp.MustCompile(`^arn:aws[a-z-]*:states:([a-z0-9-]*):(\d{12})?:(.+)$`)
)

// Kind is how the task calls what it runs.
func (s *State) Kind() Kind {
	if functionARN.MatchString(s.Resource) {
		return InvokeFunction
	}
	if match := integration.FindStringSubmatch(s.Resource); match != nil {
		switch match[3] {
		case "lambda:invoke":
			return RequestResponse
		case "lambda:invoke.waitForTaskToken":
			return WaitForTaskToken
		}
	}
	return unknownIntegration
}

// resource refuses what the task calls, unless it is a Lambda function.
func (o fields) resource(s *State) {
	at := o.path("Resource")
	kind := s.Kind()
	switch {
	case !o.has("Resource"):
	case kind == InvokeFunction:
	case kind != unknownIntegration:
		o.invokeParameters()
	case strings.HasPrefix(s.Resource, "arn:") && (integration.MatchString(s.Resource) || strings.Contains(s.Resource, ":lambda:")):
		o.add(notImplemented(at, "the resource "+s.Resource+" (only Lambda functions, lambda:invoke and lambda:invoke.waitForTaskToken are)"))
	default:
		o.refuse(at, "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", s.Resource)
	}
	if s.Heartbeat.Given() && kind != WaitForTaskToken {
		o.add(notImplemented(o.at, "HeartbeatSeconds for a task without a task token"))
	}
}

// invokeParameters checks the parameters of lambda:invoke.
func (o fields) invokeParameters() {
	parameters, _ := o.values["Parameters"].(map[string]any)
	at := o.path("Parameters")
	named := false
	for _, field := range slices.Sorted(maps.Keys(parameters)) {
		switch name := strings.TrimSuffix(field, ".$"); name {
		case "FunctionName":
			named = true
		case "Payload":
		case "InvocationType":
			if parameters[field] != "RequestResponse" {
				o.add(notImplemented(at+"/"+field, "an InvocationType other than RequestResponse"))
			}
		case "ClientContext", "LogType", "Qualifier", "TenantId":
			o.add(notImplemented(at+"/"+field, "the parameter "+name+" of lambda:invoke"))
		default:
			o.refuse(at, "The field %q is not supported by Step Functions", name)
		}
	}
	if !named {
		o.refuse(at, "The field 'FunctionName' is required but was missing")
	}
}
