package world

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Request is one API call, as an adapter took it off the wire and after its signature was checked.
type Request struct {
	Service   string // signing name: "ecs"
	Operation string // "UpdateService"
	Principal Principal
	Body      []byte // the input as JSON, whatever the protocol was
	// Seal, if it is set, turns the output into what the adapter sends, while the world stands still: an output may
	// share memory with a service's state.
	Seal func(out any) any
}

// Principal is who calls.
type Principal struct {
	ARN       string `json:"arn"`     // arn:aws:sts::…:assumed-role/web-look/web-0a1b…, arn:aws:iam::…:user/administrator
	Account   string `json:"account"` // 12 digits
	UserID    string `json:"userId"`
	RoleARN   string `json:"roleArn,omitempty"`   // the role behind a session
	UserName  string `json:"userName,omitempty"`  // the IAM user
	Service   string `json:"service,omitempty"`   // an AWS service that acts by itself: "events.amazonaws.com"
	SourceARN string `json:"sourceArn,omitempty"` // what a service acts for: the rule's ARN
	AccessKey string `json:"accessKey,omitempty"`
}

// Keys are IAM condition keys and their values: {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}.
type Keys map[string][]string

// Authority decides whether a principal may do something.
type Authority interface {
	// Authorize returns nil, or AWS's own words for the denial: "User: … is not authorized to perform: …".
	Authorize(who Principal, action, resource string, keys Keys) error
}

// SetAuthority makes a the authority of every call.
func (w *World) SetAuthority(a Authority) { w.authority = a }

// Operation serves one API operation.
type Operation func(*Call) (any, error)

// Op makes an operation of a function over the operation's input and output. Input that is not JSON of In's shape is a
// SerializationException; members that In does not name are ignored, as AWS does.
func Op[In, Out any](serve func(*Call, In) (Out, error)) Operation {
	return func(c *Call) (any, error) {
		var in In
		if err := decode(c.Body, &in); err != nil {
			return nil, Errorf("SerializationException", "%v", err)
		}
		return serve(c, in)
	}
}

func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	return json.Unmarshal(body, into)
}

// Call is a request while it is served.
type Call struct {
	Request
	World      *World
	ID         string // the request id
	authorized bool
}

// Authorize asks whether the caller may do action on resource; keys are the condition keys of this call. The error is
// AWS's AccessDeniedException. Every operation must ask at least once before it answers.
func (c *Call) Authorize(action, resource string, keys Keys) error {
	c.authorized = true
	if err := c.World.authority.Authorize(c.Principal, action, resource, keys); err != nil {
		return &Error{Code: "AccessDeniedException", Message: err.Error(), Status: 400}
	}
	return nil
}

// Unauthorized says that this operation needs no permission on AWS either (sts:GetCallerIdentity, say).
func (c *Call) Unauthorized() { c.authorized = true }

// Call serves a request now and returns its output, to be encoded by the adapter, or an [*Error].
func (w *World) Call(request Request) (any, error) {
	service, ok := w.services[request.Service]
	if !ok {
		return nil, unserved(request, "the embedded AWS has no such service")
	}
	operation, ok := service.Operations()[request.Operation]
	if !ok {
		known := slices.Sorted(maps.Keys(service.Operations()))
		return nil, unserved(request, fmt.Sprintf("it serves %v", known))
	}
	call := &Call{Request: request, World: w, ID: w.UUID()}
	out, err := operation(call)
	if err != nil {
		return nil, AsError(err)
	}
	if !call.authorized {
		panic(fmt.Sprintf("world: %s:%s answered without asking whether it may", request.Service, request.Operation))
	}
	return out, nil
}

func unserved(r Request, why string) *Error {
	e := NotImplemented(r.Service + ":" + r.Operation)
	e.Message += ": " + why
	return e
}

// Error is the error reply of an API operation.
type Error struct {
	Code    string         // "ServiceNotFoundException"
	Message string         //
	Status  int            // the HTTP status
	Fields  map[string]any // further members of the reply, if the error's shape has any
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrAnswerLost is what tampering returns where the effect took place and no answer reaches the caller: the adapter breaks
// the connection.
var ErrAnswerLost = errors.New("the answer was lost")

// Errorf is an error reply with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: 400}
}

// NotImplemented is the error reply for what AWS does and the embedded AWS does not. It has a code that no service of AWS has,
// so that nobody takes it for AWS's own.
func NotImplemented(what string) *Error {
	return &Error{Code: "NotImplemented", Message: what + " is not implemented by Fairlead's embedded AWS", Status: 501}
}

// AsError returns the error reply in err. Anything else is a defect of the embedded AWS and says so.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: "InternalFailure", Message: "the embedded AWS failed: " + err.Error(), Status: 500}
}

// Authorize asks the authority about something that a service does under a role by itself, outside an API call.
func (w *World) Authorize(who Principal, action, resource string, keys Keys) error {
	return w.authority.Authorize(who, action, resource, keys)
}
