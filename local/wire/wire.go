// Package wire is the HTTP form of the embedded AWS's calls: it takes a request apart into service, operation and JSON
// input, and writes an output or an error as the service's own protocol has it.
//
// The protocols are AWS JSON 1.0 and 1.1, the Query protocol of IAM, STS and Elastic Load Balancing (form in, XML out), and
// the REST of Lambda and of AWS Signer.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Protocol writes the replies of one kind of service.
type Protocol interface {
	// WriteOutput writes a successful reply of the operation.
	WriteOutput(w http.ResponseWriter, operation, requestID string, out any)
	// WriteError writes an error reply.
	WriteError(w http.ResponseWriter, requestID string, e Failure)
}

// Failure is an error reply before it is encoded.
type Failure struct {
	Code    string
	Message string
	Status  int
	Fields  map[string]any
}

// Incoming is a request that was taken apart.
type Incoming struct {
	Service   string // signing name
	Operation string
	Input     []byte // JSON
	Protocol  Protocol
}

// MaxBody is the largest request body that is read, in bytes: a part of a layer (ECR's UploadLayerPart, 20 MiB) in base64 is the
// largest that any API takes.
const MaxBody = 32 << 20

// target is the service behind a prefix of X-Amz-Target, and its protocol (each from the service's API model).
func target(prefix string) (Incoming, bool) {
	switch prefix {
	case "AmazonEC2ContainerServiceV20141113":
		return Incoming{Service: "ecs", Protocol: JSON{"1.1"}}, true
	case "AmazonEC2ContainerRegistry_V20150921":
		return Incoming{Service: "ecr", Protocol: JSON{"1.1"}}, true
	case "AWSStepFunctions":
		return Incoming{Service: "states", Protocol: JSON{"1.0"}}, true
	case "AWSEvents":
		return Incoming{Service: "events", Protocol: JSON{"1.1"}}, true
	case "Logs_20140328":
		return Incoming{Service: "logs", Protocol: JSON{"1.1"}}, true
	case "DynamoDB_20120810":
		return Incoming{Service: "dynamodb", Protocol: JSON{"1.0"}}, true
	case "AmazonSSM":
		return Incoming{Service: "ssm", Protocol: JSON{"1.1"}}, true
	case "AmazonSQS":
		return Incoming{Service: "sqs", Protocol: JSON{"1.0"}}, true
	}
	return Incoming{}, false
}

// query is the service behind the Version of a Query request.
func query(version string) (Incoming, bool) {
	switch version {
	case "2010-05-08":
		return Incoming{Service: "iam", Protocol: Query{"https://iam.amazonaws.com/doc/2010-05-08/"}}, true
	case "2015-12-01":
		return Incoming{Service: "elasticloadbalancing", Protocol: Query{"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"}}, true
	case "2011-06-15":
		return Incoming{Service: "sts", Protocol: Query{"https://sts.amazonaws.com/doc/2011-06-15/"}}, true
	}
	return Incoming{}, false
}

// Parse takes a request apart. body is the whole of its body.
func Parse(r *http.Request, body []byte) (Incoming, error) {
	if header := r.Header.Get("X-Amz-Target"); header != "" {
		return parseTarget(header, body)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return parseQuery(string(body))
	}
	if r.URL.Path == "/" && r.URL.Query().Has("Action") {
		return parseQuery(r.URL.RawQuery)
	}
	if in, ok := parseLambda(r, body); ok {
		return in, nil
	}
	if in, ok, err := parseSigner(r, body); ok {
		return in, err
	}
	return Incoming{Protocol: JSON{"1.1"}}, fmt.Errorf("%s %s is no call of an AWS API that is served here", r.Method, r.URL.Path)
}

func parseTarget(header string, body []byte) (Incoming, error) {
	prefix, operation, _ := strings.Cut(header, ".")
	in, ok := target(prefix)
	if !ok {
		return Incoming{Protocol: JSON{"1.1"}}, fmt.Errorf("the service behind X-Amz-Target %q is not served here", header)
	}
	in.Operation, in.Input = operation, body
	return in, nil
}

func parseQuery(form string) (Incoming, error) {
	values, err := url.ParseQuery(form)
	if err != nil {
		return Incoming{Protocol: Query{}}, fmt.Errorf("the form cannot be read: %w", err)
	}
	in, ok := query(values.Get("Version"))
	if !ok {
		return Incoming{Protocol: Query{}}, fmt.Errorf("no service of API version %q is served here (Action %q)", values.Get("Version"), values.Get("Action"))
	}
	in.Operation = values.Get("Action")
	in.Input, err = json.Marshal(nest(values))
	return in, err
}

// parseLambda reads POST /2015-03-31/functions/{name}/invocations.
func parseLambda(r *http.Request, body []byte) (Incoming, bool) {
	name, ok := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	if !ok {
		return Incoming{}, false
	}
	in := Incoming{Service: "lambda", Protocol: Lambda{}}
	if name, ok = strings.CutSuffix(name, "/invocations"); !ok || r.Method != http.MethodPost {
		in.Operation = r.Method + " " + r.URL.Path
		return in, true
	}
	in.Operation = "Invoke"
	in.Input, _ = json.Marshal(map[string]any{
		"FunctionName": name, "Qualifier": r.URL.Query().Get("Qualifier"),
		"InvocationType": r.Header.Get("X-Amz-Invocation-Type"), "Payload": bytes.TrimSpace(body),
	})
	return in, true
}

// ReadBody reads a request's body, up to MaxBody.
func ReadBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if len(body) > MaxBody {
		return nil, fmt.Errorf("the request is larger than %d bytes", MaxBody)
	}
	return body, nil
}
