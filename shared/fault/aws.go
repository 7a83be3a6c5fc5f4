package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Later is the fix where nothing is wrong but AWS, and the workflow's own attempts are spent.
const Later = "once AWS answers again, redrive the execution"

// Anew is how a person has a deployment tried again by a new execution, whatever started the one that failed: the sweep's own
// input would lose against the claim that its execution has taken.
const Anew = "start a new execution with the service and the digest of this one, and with the same allowOlder if it has one"

// LookFirst is the fix where a call with an effect was sent and nobody knows whether it arrived.
const LookFirst = "redrive the execution, which looks first whether the call had its effect"

// FromAWS makes a fault of an error that an AWS call returned. doing says what was being done to what: "describe
// service web". Errors that a step knows better (an image that is not there) it looks at first. A fault in err is kept;
// FromAWS(doing, nil) is nil.
func FromAWS(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Fault](err); ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	call := innermost(err)
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		return call.answered(doing, answer, err)
	}
	return call.unanswered(doing, err)
}

// call is the AWS call that failed: with credentials of an assumed role it may be another than the one that was made.
type call struct {
	operation string
	status    int // of the answer; 0 if there was none
}

// innermost finds the call that failed at the end of the chain.
func innermost(err error) call {
	var c call
	for next := err; next != nil; next = errors.Unwrap(next) {
		if operation, ok := next.(*smithy.OperationError); ok { //nolint:errorlint // each link of the chain is looked at by itself
			c.operation = operation.Operation()
		}
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		c.status = response.HTTPStatusCode()
	}
	return c
}

// changes reports whether the call has an effect, so that it matters whether a lost call arrived.
func (c call) changes() bool {
	for _, reads := range []string{"Describe", "List", "Get", "BatchGet", "Query", "Scan", "AssumeRole"} {
		if strings.HasPrefix(c.operation, reads) {
			return false
		}
	}
	return c.operation != ""
}

// answered is the fault of a call that AWS refused.
func (c call) answered(doing string, answer smithy.APIError, err error) error {
	code, text := answer.ErrorCode(), answer.ErrorMessage()
	message := fmt.Sprintf("%s: %s: %s", doing, code, text)
	switch {
	case denied(code):
		return &Fault{Code: PermissionDenied, Message: message, Fix: DenialOf(text).Fix(), Cause: err}
	case strings.Contains(text, "Too many concurrent attempts to create a new revision"):
		return &Fault{Code: RevisionBusy, Message: message, Fix: Later, Cause: err}
	case throttled(code):
		return &Fault{Code: AWSThrottled, Message: message, Fix: Later, Cause: err}
	case lapsed(code):
		return &Fault{Code: AWSUnavailable, Message: message, Fix: Later, Cause: err}
	case c.status >= 500 || answer.ErrorFault() == smithy.FaultServer:
		return c.broke(message, err)
	default:
		return &Fault{Code: AWSRefused, Message: message, Fix: "mend what AWS names, then redrive the execution", Cause: err}
	}
}

// broke is the fault of a call at which AWS itself failed. A 503 was turned away at the door; after any other, a call
// with an effect may have had it.
func (c call) broke(message string, err error) error {
	if c.changes() && c.status != 503 {
		return &Fault{Code: AWSAnswerLost, Message: message, Fix: LookFirst, Cause: err}
	}
	return &Fault{Code: AWSUnavailable, Message: message, Fix: Later, Cause: err}
}

// unanswered is the fault of a call that got no answer that could be read.
func (c call) unanswered(doing string, err error) error {
	message := fmt.Sprintf("%s: no answer from AWS: %v", doing, err)
	switch {
	case c.operation == "" && !errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	case c.status >= 500:
		return c.broke(message, err)
	case c.changes() && sent(err):
		return &Fault{Code: AWSAnswerLost, Message: message, Fix: LookFirst, Cause: err}
	default:
		return &Fault{Code: AWSUnavailable, Message: message, Fix: Later, Cause: err}
	}
}

// sent reports whether the request may have reached AWS: only when no connection was made is it sure that it has not.
func sent(err error) bool {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "dial" {
		return false
	}
	var name *net.DNSError
	return !errors.As(err, &name)
}

func denied(code string) bool {
	return slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess"}, code)
}

func throttled(code string) bool {
	_, listed := retry.DefaultThrottleErrorCodes[code]
	return listed || code == "TooManyRequestsException"
}

// lapsed reports whether the credentials are too old, or so new that not every part of AWS knows them: another attempt
// gets others.
func lapsed(code string) bool {
	return slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "RequestExpired",
		"InvalidClientTokenId", "UnrecognizedClientException"}, code)
}
