package world

import (
	"encoding/json"
	"time"
)

// What the services ask of one another. Each takes what it needs when it is made (local/local.go wires them).

// Bus takes the events that AWS services emit.
type Bus interface {
	// Publish puts an event on the account's default bus. The bus adds version, id, account, region and, where it is
	// zero, the time.
	Publish(Event)
}

// Event is an event as EventBridge has it.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"` // on the wire: RFC 3339 with whole seconds
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Roles lets AWS services act under a role.
type Roles interface {
	// ServiceSession assumes role as an AWS service does (service: "lambda.amazonaws.com"), on behalf of source (an
	// ARN, or empty). The role's trust policy decides; the error is a sentence.
	ServiceSession(role, service, source, session string) (Principal, error)
	// Issue makes temporary credentials of a session.
	Issue(p Principal, ttl time.Duration) Credentials
}

// Credentials are the temporary keys of a session.
type Credentials struct {
	AccessKeyID     string    `json:"accessKeyId"`
	SecretAccessKey string    `json:"secretAccessKey"`
	SessionToken    string    `json:"sessionToken"`
	Expiration      time.Time `json:"expiration"`
}

// Invoker runs Lambda functions.
type Invoker interface {
	// Invoke starts the function, if who may (lambda:InvokeFunction by its identity or by the function's resource
	// policy), and returns. How it ended reaches the service that ticket names, through its Invoked. The error is the
	// API's own: AccessDeniedException, ResourceNotFoundException, TooManyRequestsException.
	Invoke(who Principal, function string, payload json.RawMessage, ticket Ticket) error
}

// Ticket says who waits for an invocation, and for what.
type Ticket struct {
	Service string          `json:"service"` // empty: nobody
	What    json.RawMessage `json:"what"`
}

// Invoked is how an invocation ended.
type Invoked struct {
	RequestID     string          `json:"requestId"`
	Payload       json.RawMessage `json:"payload"`       // the reply, or the error object {"errorMessage", "errorType"}
	FunctionError string          `json:"functionError"` // "Unhandled" if the function failed; empty if it answered
	// ErrorType is, for a failure, the name that Step Functions reports: the function's errorType, "Sandbox.Timedout",
	// "Runtime.ExitError".
	ErrorType string `json:"errorType"`
}

// Awaiter is a service that waits for invocations.
type Awaiter interface {
	Invoked(what json.RawMessage, result Invoked)
}

// Logs takes log lines of functions and containers.
type Logs interface {
	// Write appends lines to a stream; the stream is made if it is missing. A group that does not exist is an error.
	Write(group, stream string, lines ...string) error
}
