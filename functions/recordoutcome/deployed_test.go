package recordoutcome_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"fairlead/functions/recordoutcome"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
)

// parameters are SSM's, in memory.
type parameters struct {
	written []string // name=value, in order
	last    *ssm.PutParameterInput
	err     error
	before  func() // happens before each write
}

func (p *parameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if p.before != nil {
		p.before()
	}
	if p.err != nil {
		return nil, p.err
	}
	p.written, p.last = append(p.written, *in.Name+"="+*in.Value), in
	return &ssm.PutParameterOutput{}, nil
}

const parameter = "/fairlead/web/deployed-digest="

// deployedBy is what another execution deployed.
func deployedBy(sequence int64) ledger.Deployed {
	return ledger.Deployed{Service: "web", Digest: fmt.Sprintf("sha256:of-%d", sequence), Execution: fmt.Sprint("execution ", sequence), Sequence: sequence}
}

func TestHandlePublishesWhatIsInService(t *testing.T) {
	unchanged := "{" + checked + `,"claim":{"granted":true,"sequence":7},"revision":{"decision":"unchanged","taskDefinition":"` + td + `41"}}`
	for name, tt := range map[string]struct {
		document string
		held     int64 // the sequence of what was deployed before; 0 for nothing
		want     string
	}{
		"what was deployed": {document: deployed, want: parameter + digest},
		"what was deployed in place of what an older did": {document: deployed, held: 6, want: parameter + digest},
		"what a newer one deployed, in place of its own":  {document: deployed, held: 8, want: parameter + "sha256:of-8"},
		"what ran already": {document: unchanged, want: parameter + digest},
		"nothing for a deployment that was rolled back":     {document: rolledBack, held: 6},
		"nothing for an image that was rejected":            {document: rejected},
		"nothing for an execution that was superseded":      {document: superseded},
		"nothing for a service that is not configured now":  {document: strings.Replace(deployed, `"service":"web"`, `"service":"gone"`, 1)},
		"nothing where going back found another image":      {document: strings.Replace(unchanged, `"repository"`, `"replaces":"sha256:x","repository"`, 1)},
		"nothing for tasks that never showed that they run": {document: strings.Replace(deployed, "healthy", "unproven", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			if tt.held > 0 {
				if err := s.ledger.SetDeployed(t.Context(), deployedBy(tt.held)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // and the same once more
				if _, err := s.handle(t, tt.document, 0); err != nil {
					t.Fatal(err)
				}
			}
			got := slices.Compact(s.parameters.written)
			if strings.Join(got, " ") != tt.want {
				t.Errorf("wrote %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHandleWritesAPlainParameter(t *testing.T) {
	s := newScene()
	if _, err := s.handle(t, deployed, 0); err != nil {
		t.Fatal(err)
	}
	in := s.parameters.last
	if in.Type != types.ParameterTypeString || !*in.Overwrite || in.Tags != nil || !strings.Contains(*in.Description, "3f2a9c1-812") || len(*in.Description) > 1024 {
		t.Errorf("%+v", in)
	}
}

// TestTheNewestDigestIsWrittenLast lets newer executions deploy while the parameter is being written.
func TestTheNewestDigestIsWrittenLast(t *testing.T) {
	for name, tt := range map[string]struct {
		newer int // how many there are
		err   fault.Code
	}{"one": {newer: 1}, "three": {newer: 3}, "more than are waited for": {newer: 9, err: fault.LedgerContended}} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			sequence := int64(7)
			s.parameters.before = func() {
				if sequence < int64(7+tt.newer) {
					sequence++
					if err := s.ledger.SetDeployed(t.Context(), deployedBy(sequence)); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, err := s.handle(t, deployed, 0)
			if tt.err != "" {
				if f := fault.From(err); f == nil || f.Code != tt.err || len(s.bus.Sent) != 0 {
					t.Errorf("%v, want %s", err, tt.err)
				}
				return
			}
			if got, want := s.parameters.written[len(s.parameters.written)-1], fmt.Sprintf("%ssha256:of-%d", parameter, 7+tt.newer); err != nil || got != want {
				t.Errorf("the last written is %s (%v), want %s", got, err, want)
			}
		})
	}
}

func TestHandleWhenTheParameterCannotBeWritten(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want fault.Code
	}{
		"for a denial":              {&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:aws:sts::123456789012:assumed-role/fairlead-record-outcome/x is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/fairlead/web/deployed-digest"}, fault.PermissionDenied},
		"for a throttle":            {&smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}, fault.AWSThrottled},
		"for another who writes it": {&types.TooManyUpdates{Message: aws.String("There are concurrent updates")}, fault.AWSThrottled},
		"for its type":              {&types.HierarchyTypeMismatchException{Message: aws.String("it is a SecureString")}, fault.AWSRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.parameters.err = tt.err
			_, err := s.handle(t, deployed, 0)
			if f := fault.From(err); f == nil || f.Code != tt.want || f.Fix == "" || !strings.Contains(err.Error(), "/fairlead/web/deployed-digest") {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if len(s.bus.Sent) != 0 {
				t.Error("the end was announced though the parameter is not written")
			}
			s.parameters.err = nil
			if _, err := s.handle(t, deployed, 1); err != nil || len(s.bus.Sent) != 1 || len(s.parameters.written) != 1 {
				t.Errorf("a redrive writes and announces it: %v, sent %d, wrote %v", err, len(s.bus.Sent), s.parameters.written)
			}
		})
	}
}

func TestPolicyWritesTheParametersOfTheServicesAlone(t *testing.T) {
	of := []string{"arn:aws:ssm:eu-west-1:123456789012:parameter/fairlead/api/deployed-digest", "arn:aws:ssm:eu-west-1:123456789012:parameter/fairlead/web/deployed-digest"}
	for _, s := range recordoutcome.Policy().Own(permission.Place{ParameterARNs: of}) {
		if slices.Contains(s.Actions, "ssm:PutParameter") && !slices.Equal(s.Resources, of) {
			t.Error(s.Resources)
		}
	}
}
