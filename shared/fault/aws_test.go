package fault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/shared/fault"
)

// wire answers the SDK's requests, so that the errors are those that a real client makes of what AWS says.
type wire func(*http.Request) (*http.Response, error)

func (w wire) Do(r *http.Request) (*http.Response, error) { return w(r) }

// answers is a wire on which every request gets the same answer.
func answers(status int, body string) wire {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {"11111111-2222"}}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewBufferString(body)), Request: r}, nil
	}
}

// breaks is a wire on which no request is answered.
func breaks(err error) wire {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func sdk(w wire) aws.Config {
	return aws.Config{
		Region: "eu-west-1", HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func describe(cfg aws.Config) error {
	_, err := ecs.NewFromConfig(cfg).DescribeServices(context.Background(), &ecs.DescribeServicesInput{Services: []string{"web"}})
	return err
}

func update(cfg aws.Config) error {
	_, err := ecs.NewFromConfig(cfg).UpdateService(context.Background(), &ecs.UpdateServiceInput{Service: aws.String("web")})
	return err
}

const denial = `User: arn:aws:sts::123456789012:assumed-role/fairlead-web-register/web-0123456789abcdef is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/AppTaskRole because no identity-based policy allows the iam:PassRole action`

func TestFromAWS(t *testing.T) {
	tests := []struct {
		name    string
		call    func(aws.Config) error
		wire    wire
		want    fault.Code
		message string
		fix     string
	}{
		{"a denial is decoded", update, answers(400, `{"__type":"AccessDeniedException","message":"`+denial+`"}`),
			fault.PermissionDenied, "update service web: AccessDeniedException: " + denial, "set taskRole or executionRole of the service to arn:aws:iam::123456789012:role/AppTaskRole"},
		{"a throttle", describe, answers(400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`),
			fault.AWSThrottled, "update service web: ThrottlingException: Rate exceeded", ""},
		{"a family that is being registered", update, answers(400, `{"__type":"ClientException","message":"Too many concurrent attempts to create a new revision of the specified family."}`),
			fault.RevisionBusy, "Too many concurrent attempts", ""},
		{"credentials that have expired", describe, answers(400, `{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}`),
			fault.AWSUnavailable, "ExpiredTokenException", ""},
		{"credentials that not all of AWS knows yet", describe, answers(400, `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`),
			fault.AWSUnavailable, "UnrecognizedClientException", ""},
		{"what AWS refuses", update, answers(400, `{"__type":"InvalidParameterException","message":"Unable to update task definition on services with a CODE_DEPLOY deployment controller."}`),
			fault.AWSRefused, "update service web: InvalidParameterException: Unable to update", "mend what AWS names"},
		{"a failure of AWS at a read", describe, answers(500, `{"__type":"ServerException","message":"internal"}`),
			fault.AWSUnavailable, "ServerException: internal", ""},
		{"a failure of AWS at a write may have had its effect", update, answers(500, `{"__type":"ServerException","message":"internal"}`),
			fault.AWSAnswerLost, "ServerException: internal", ""},
		{"a write that was turned away at the door", update, answers(503, `<html>busy</html>`),
			fault.AWSUnavailable, "update service web: ", ""},
		{"an answer that cannot be read, to a read", describe, answers(200, `{"services":[`), fault.AWSUnavailable, "no answer from AWS", ""},
		{"an answer that cannot be read, to a write", update, answers(200, `{"service":`), fault.AWSAnswerLost, "no answer from AWS", ""},
		{"a connection that broke, at a read", describe, breaks(io.ErrUnexpectedEOF), fault.AWSUnavailable, "no answer from AWS", ""},
		{"a connection that broke, at a write", update, breaks(io.ErrUnexpectedEOF), fault.AWSAnswerLost, "no answer from AWS", ""},
		{"a connection that was never made", update, breaks(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}), fault.AWSUnavailable, "no answer from AWS", ""},
		{"a name that was not found", update, breaks(&net.OpError{Op: "lookup", Err: &net.DNSError{Err: "no such host"}}), fault.AWSUnavailable, "no answer from AWS", ""},
		{"a deadline that passed, at a write", update, breaks(context.DeadlineExceeded), fault.AWSAnswerLost, "no answer from AWS", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := fault.FromAWS("update service web", test.call(sdk(test.wire)))
			var f *fault.Fault
			if !errors.As(err, &f) || f.Code != test.want || !strings.Contains(f.Message, test.message) || !strings.Contains(f.Fix, test.fix) || f.Fix == "" {
				t.Errorf("got %s %q, fix %q\nwant %s with %q, fix with %q", fault.From(err).Code, err, fault.From(err).Fix, test.want, test.message, test.fix)
			}
		})
	}
}

// TestFromAWSOfAnotherCall looks at a write that was never sent because its credentials could not be got.
func TestFromAWSOfAnotherCall(t *testing.T) {
	const denied = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>` +
		`<Message>User: arn:aws:sts::123456789012:assumed-role/fairlead-update-service/fn is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/fairlead-web-update</Message></Error></ErrorResponse>`
	tests := []struct {
		name string
		wire wire
		want fault.Code
	}{
		{"the role may not be assumed", answers(403, denied), fault.PermissionDenied},
		{"the role's session is not answered", breaks(io.ErrUnexpectedEOF), fault.AWSUnavailable},
		{"STS fails", answers(500, `<ErrorResponse><Error><Code>InternalFailure</Code><Message>internal</Message></Error></ErrorResponse>`), fault.AWSUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := sdk(test.wire)
			role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::123456789012:role/fairlead-web-update")
			cfg.Credentials = aws.NewCredentialsCache(role)
			f := fault.From(fault.FromAWS("update service web", update(cfg)))
			if f.Code != test.want {
				t.Errorf("got %s: %s", f.Code, f)
			}
			if test.want == fault.PermissionDenied && !strings.Contains(f.Fix, "role arn:aws:iam::123456789012:role/fairlead-web-update is missing or does not trust role fairlead-update-service") {
				t.Errorf("fix: %s", f.Fix)
			}
		})
	}
}

func TestFromAWSKeeps(t *testing.T) {
	if err := fault.FromAWS("look", nil); err != nil {
		t.Errorf("nil becomes %v", err)
	}
	inner := fault.New(fault.ConfigInvalid, "deploy again", "no place")
	if f := fault.From(fault.FromAWS("look", inner)); f.Code != fault.ConfigInvalid || f.Message != "look: no place" || f.Fix != "deploy again" {
		t.Errorf("a fault becomes %s %q, fix %q", f.Code, f.Message, f.Fix)
	}
	if f := fault.From(fault.FromAWS("look", errors.New("odd"))); f.Code != fault.Unexpected {
		t.Errorf("what is no call becomes %s", f.Code)
	}
	err := fault.FromAWS("update", update(sdk(answers(400, `{"__type":"ServiceNotFoundException","message":"Service not found."}`))))
	if _, ok := errors.AsType[*types.ServiceNotFoundException](err); !ok {
		t.Errorf("the SDK's error is no longer in %v", err)
	}
}

func TestDenialOf(t *testing.T) {
	const who = "User: arn:aws:sts::123456789012:assumed-role/fairlead-web-look/web-01 is not authorized to perform: ecs:DescribeServices"
	const service = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"
	base := fault.Denial{Role: "fairlead-web-look", Action: "ecs:DescribeServices", Resource: service}
	with := func(policy string, explicit bool) fault.Denial {
		d := base
		d.Policy, d.Explicit = policy, explicit
		return d
	}
	tests := []struct {
		name, text string
		want       fault.Denial
		fix        string
	}{
		{"no Allow", who + " on resource: " + service + " because no identity-based policy allows the ecs:DescribeServices action",
			with("identity-based policy", false), "allow ecs:DescribeServices on " + service + " to role fairlead-web-look: run make deploy"},
		{"an older text that ends with the resource", who + " on resource: " + service, base, "run make deploy"},
		{"no resource", who, fault.Denial{Role: "fairlead-web-look", Action: "ecs:DescribeServices"}, "allow ecs:DescribeServices to role"},
		{"a Deny", who + " on resource: " + service + " with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/x",
			with("identity-based policy", true), "a Deny in the identity-based policy forbids ecs:DescribeServices"},
		{"a Deny of the organisation", who + " on resource: " + service + " with an explicit deny in a service control policy",
			with("service control policy", true), "a Deny in the service control policy forbids"},
		{"a boundary", who + " on resource: " + service + " because no permissions boundary allows the ecs:DescribeServices action",
			with("permissions boundary", false), "let the permissions boundary of role fairlead-web-look allow ecs:DescribeServices"},
		{"a VPC endpoint", who + " on resource: " + service + " because no VPC endpoint policy allows the ecs:DescribeServices action",
			with("VPC endpoint policy", false), "let the VPC endpoint policy of role fairlead-web-look"},
		{"a resource of any kind", "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ecs:RegisterTaskDefinition on resource: *",
			fault.Denial{Action: "ecs:RegisterTaskDefinition", Resource: "*"}, "allow ecs:RegisterTaskDefinition on * to the caller"},
		{"another text", "Access denied", fault.Denial{}, "grant what AWS names"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := fault.DenialOf(test.text)
			if got != test.want {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
			if !strings.Contains(got.Fix(), test.fix) {
				t.Errorf("fix: %s\nwant %s", got.Fix(), test.fix)
			}
		})
	}
}

func FuzzDenialOf(f *testing.F) {
	f.Add(denial)
	f.Add("User: a is not authorized to perform: b on resource: c with an explicit deny in a d policy")
	f.Fuzz(func(t *testing.T, text string) {
		if d := fault.DenialOf(text); d.Fix() == "" || d.Action == "" && d != (fault.Denial{}) {
			t.Fatalf("%q: %+v", text, d)
		}
	})
}
