// Package fault holds the failures that the workflow knows.
//
// A step that cannot go on returns a [*Fault]: what kind of failure it is, a code that the workflow's Retry and Catch
// match, a message for the person who reads it, and the fix, which is the next thing for that person to do. The edge
// (shared/edge/handler) turns it into what Lambda reports, once; everywhere else it is an ordinary error that may be
// wrapped.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind says what the workflow does about a fault.
type Kind int

const (
	// Fail ends the execution in the state where it stands, and once the cause is mended a redrive goes on from there.
	// Whether the service was touched by then, package outcome tells.
	Fail Kind = iota
	// Retry is tried again by the workflow, and ends as Fail when the attempts are spent.
	Retry
	// Reject ends the execution as Rejected: the image itself is unfit, so that a redrive could only fail again.
	Reject
)

// Code is the name by which the workflow knows a fault: the "Error" of a failed state in the console, and what
// ErrorEquals in infra/workflow.asl.json matches.
type Code string

// The codes. [KindOf] says what kind each one is.
const (
	// The image is unfit.
	ImageNotFound        Code = "Image.NotFound"
	ImageNotActive       Code = "Image.NotActive"
	ImageUnreadable      Code = "Image.Unreadable"
	ImagePlatformMissing Code = "Image.PlatformMissing"
	ImageTagMutable      Code = "Image.TagMutable"
	ImageTooOld          Code = "Image.TooOld"
	ImageVulnerable      Code = "Image.Vulnerable"
	ImageNotScanned      Code = "Image.NotScanned"
	// Nobody vouches for the image: nothing that could is there yet, or what is there does not count.
	ImageUnsigned         Code = "Image.Unsigned"
	ImageSignatureInvalid Code = "Image.SignatureInvalid"

	// The input or the configuration is at fault.
	InputInvalid  Code = "Input.Invalid"
	ConfigInvalid Code = "Config.Invalid"
	UnknownName   Code = "Config.UnknownService"

	// The service cannot be deployed as it stands.
	ServiceNotFound     Code = "Service.NotFound"
	ServiceNotActive    Code = "Service.NotActive"
	ServiceController   Code = "Service.ControllerUnsupported"
	ServiceARN          Code = "Service.ArnUnsupported"
	ServiceRole         Code = "Service.RoleNotConfigured"
	ServiceRoleUnusable Code = "Service.RoleUnusable"
	ServiceContainer    Code = "Service.ContainerNotFound"
	ServiceBaseMoves    Code = "Service.BaseKeepsMoving"
	ServiceRefused      Code = "Service.UpdateRefused"
	ServiceGated        Code = "Service.GateTurnedOn"
	RepositoryNotFound  Code = "Repository.NotFound"
	RepositoryUnscanned Code = "Repository.NotScanned"

	// The next revision cannot be made.
	RevisionFieldLost Code = "Revision.FieldNotCarried"
	RevisionTags      Code = "Revision.TooManyTags"
	RevisionRefused   Code = "Revision.Refused"
	RevisionBusy      Code = "Revision.FamilyBusy"

	// The rollout cannot be judged.
	RolloutAbsent Code = "Rollout.Absent"

	// AWS or the ledger stands in the way.
	PermissionDenied Code = "Permission.Denied"
	LedgerContended  Code = "Ledger.Contended"
	AWSThrottled     Code = "Aws.Throttled"
	AWSUnavailable   Code = "Aws.Unavailable"
	AWSAnswerLost    Code = "Aws.AnswerLost"
	AWSRefused       Code = "Aws.Refused"

	// Unexpected is a defect of ours: a panic, or an error that no code knows.
	Unexpected Code = "Fairlead.Unexpected"
)

// Codes lists every code with its kind.
func Codes() map[Code]Kind {
	return map[Code]Kind{
		ImageNotFound: Reject, ImageNotActive: Reject, ImageUnreadable: Reject, ImagePlatformMissing: Reject,
		ImageTagMutable: Reject, ImageTooOld: Reject, ImageVulnerable: Reject, ImageNotScanned: Reject,
		ImageUnsigned: Reject, ImageSignatureInvalid: Reject,
		InputInvalid: Fail, ConfigInvalid: Fail, UnknownName: Fail,
		ServiceNotFound: Fail, ServiceNotActive: Fail, ServiceController: Fail, ServiceARN: Fail, ServiceRole: Fail, ServiceRoleUnusable: Fail, ServiceContainer: Fail,
		ServiceBaseMoves: Fail, ServiceRefused: Fail, ServiceGated: Fail, RepositoryNotFound: Fail, RepositoryUnscanned: Fail,
		RevisionFieldLost: Fail, RevisionTags: Fail, RevisionRefused: Fail, RevisionBusy: Retry,
		RolloutAbsent:    Fail,
		PermissionDenied: Retry, LedgerContended: Retry,
		AWSThrottled: Retry, AWSUnavailable: Retry, AWSAnswerLost: Retry, AWSRefused: Fail,
		Unexpected: Fail,
	}
}

// KindOf returns the kind of a code; a code that is not in [Codes] is Fail.
func KindOf(code Code) Kind { return Codes()[code] }

// OfKind returns the codes of one kind, sorted: a test holds what the workflow lists in ErrorEquals to it.
func OfKind(kind Kind) []Code {
	var codes []Code
	for code, k := range Codes() {
		if k == kind {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// Fault is a failure that the workflow knows.
type Fault struct {
	Code    Code
	Message string // what was being done to what, and what stood in the way
	Fix     string // the next thing for the operator to do; empty where there is none
	Cause   error  // what was underneath, if anything
}

// New makes a fault whose message is formatted as by [fmt.Errorf]: a %w in it becomes the cause.
func New(code Code, fix, format string, args ...any) *Fault {
	err := fmt.Errorf(format, args...)
	return &Fault{Code: code, Message: err.Error(), Fix: fix, Cause: errors.Unwrap(err)}
}

// Error returns the message and, behind it, the fix.
func (f *Fault) Error() string {
	if f.Fix == "" {
		return f.Message
	}
	return f.Message + ". Fix: " + f.Fix
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Kind returns the kind of the fault's code.
func (f *Fault) Kind() Kind { return KindOf(f.Code) }

// From finds the fault in err, whatever was wrapped around it, with the text of the whole of err as its message and the
// fix apart. An error without a fault in it is [Unexpected]. From(nil) is nil.
func From(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if !errors.As(err, &f) {
		return &Fault{Code: Unexpected, Message: err.Error(), Cause: err,
			Fix: "read the function's log for this execution; if AWS is well, this is a defect of Fairlead: report it"}
	}
	if same, ok := err.(*Fault); ok && same == f { //nolint:errorlint // is err itself the fault, with nothing around it?
		return f
	}
	return &Fault{Code: f.Code, Message: strings.Replace(err.Error(), f.Error(), f.Message, 1), Fix: f.Fix, Cause: err}
}
