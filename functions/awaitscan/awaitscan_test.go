package awaitscan_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/awaitscan"
	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/park"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/permission/permissiontest"
)

const (
	run    = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"
	digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// world is ECR with one scan, and Step Functions, which remembers the tokens that were returned.
type world struct {
	status   types.ScanStatus
	err      error
	asked    []string
	returned []string
	tokens   *ledger.Memory
	gate     *scan.Policy
}

func (w *world) DescribeImageScanFindings(_ context.Context, in *ecr.DescribeImageScanFindingsInput, _ ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	w.asked = append(w.asked, *in.RepositoryName+"@"+*in.ImageId.ImageDigest)
	return &ecr.DescribeImageScanFindingsOutput{ImageScanStatus: &types.ImageScanStatus{Status: w.status},
		ImageScanFindings: &types.ImageScanFindings{ImageScanCompletedAt: &noon}}, w.err
}

func (w *world) SendTaskSuccess(_ context.Context, in *sfn.SendTaskSuccessInput, _ ...func(*sfn.Options)) (*sfn.SendTaskSuccessOutput, error) {
	if aws.ToString(in.Output) != "{}" {
		return nil, errors.New("the output is not {}")
	}
	w.returned = append(w.returned, *in.TaskToken)
	return &sfn.SendTaskSuccessOutput{}, nil
}

func gated(status types.ScanStatus) *world {
	p := scan.Default()
	return &world{status: status, tokens: ledger.NewMemory(), gate: &p}
}

func (w *world) handle(t *testing.T, token string, minute int, awaits string) (awaitscan.Parked, error) {
	t.Helper()
	step := awaitscan.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Repository: "shop/web", Gates: config.Gates{Scan: w.gate}}}},
		Logger: slog.New(slog.DiscardHandler), Tokens: w.tokens, States: w,
		Look: func(context.Context, config.Service, string) findings.API { return w },
	}
	document := `{"service":"web","image":{"repository":"foreign/web","digest":"` + digest + `","runs":["` + digest + `"]},"scan":` + awaits + `}`
	return step.Handle(t.Context(), handler.Request{Execution: handler.Execution{ID: run}, TaskToken: token, Document: json.RawMessage(document),
		State: handler.State{Name: "AwaitScan", EnteredTime: noon.Add(time.Duration(minute) * time.Minute)}})
}

const awaits = `{"decision":"pending","image":"` + digest + `"}`

func (w *world) parked(t *testing.T) []ledger.Token {
	t.Helper()
	tokens, err := w.tokens.Tokens(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestHandleParksWhileTheScanIsUnderWay(t *testing.T) {
	w := gated(types.ScanStatusInProgress)
	got, err := w.handle(t, "token", 1, awaits)
	if err != nil || !got.Parked || len(w.returned) != 0 {
		t.Fatalf("%+v, %v, returned %v", got, err, w.returned)
	}
	at := noon.Add(time.Minute)
	want := []ledger.Token{{Service: "web", Execution: run, State: "AwaitScan", Token: "token", Image: digest, Attempt: ledger.Attempt{Entered: at}, StoredAt: at, Expires: at.Add(24 * time.Hour)}}
	if diff := cmp.Diff(want, w.parked(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"shop/web@" + digest}, w.asked); diff != "" {
		t.Errorf("the repository is that of the configuration: %s", diff)
	}
}

func TestHandleReleasesWhatHasEnded(t *testing.T) {
	for _, status := range []types.ScanStatus{types.ScanStatusComplete, types.ScanStatusActive, types.ScanStatusFailed} {
		w := gated(status)
		got, err := w.handle(t, "token", 1, awaits)
		if diff := cmp.Diff([]string{"token"}, w.returned); diff != "" || err != nil || got.Parked || len(w.parked(t)) != 0 {
			t.Errorf("%s: %+v, %v, returned %v", status, got, err, w.returned)
		}
	}
}

func TestHandleReleasesWhereTheGateIsOffByNow(t *testing.T) {
	w := gated(types.ScanStatusInProgress)
	w.gate = nil
	if got, err := w.handle(t, "token", 1, awaits); err != nil || got.Parked || len(w.returned) != 1 || len(w.asked) != 0 {
		t.Errorf("%+v, %v, returned %v, asked %v", got, err, w.returned, w.asked)
	}
}

func TestHandleAfterALaterAttemptDoesNothing(t *testing.T) {
	w := gated(types.ScanStatusInProgress)
	if _, err := w.handle(t, "later", 6, awaits); err != nil {
		t.Fatal(err)
	}
	w.status = types.ScanStatusComplete
	if got, err := w.handle(t, "earlier", 1, awaits); err != nil || got.Parked || len(w.returned) != 0 {
		t.Errorf("%+v, %v, returned %v", got, err, w.returned)
	}
	if left := w.parked(t); len(left) != 1 || left[0].Token != "later" {
		t.Errorf("parked %+v", left)
	}
}

func TestHandleFailsWhereItCannotLook(t *testing.T) {
	w := gated("")
	w.err = &types.ServerException{}
	if _, err := w.handle(t, "token", 1, awaits); fault.From(err).Code != fault.AWSUnavailable || len(w.returned) != 0 {
		t.Errorf("%v, returned %v", err, w.returned)
	}
}

func TestHandleRefusesACallThatWaitsForNothing(t *testing.T) {
	for name, test := range map[string]struct{ token, awaits string }{"no token": {"", awaits}, "no scan": {"token", `null`}, "no image": {"token", `{"decision":"pending"}`}} {
		if _, err := gated(types.ScanStatusComplete).handle(t, test.token, 1, test.awaits); fault.From(err) == nil || fault.From(err).Code != fault.InputInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, awaitscan.Policy(), permissiontest.Ports{
		Own:  []any{(*park.Sender)(nil), (*ledger.Putter)(nil), (*ledger.Deleter)(nil)},
		Look: []any{(*findings.API)(nil)},
	})
}
