package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"fairlead/local/grants"
	"fairlead/local/steps"
	"fairlead/shared/edge/ledger"
)

// newAWS is an embedded AWS with the ledger and the operators' role as they stand in the golden template, which is what
// CDK synthesises. It is after today: the SDK holds sessions against the wall clock.
func newAWS(t *testing.T) (lab *steps.Lab, table string) {
	t.Helper()
	raw, err := os.ReadFile("../../infra/testdata/Fairlead.template.json")
	if err != nil {
		t.Fatal(err)
	}
	var whole struct{ Resources, Outputs map[string]json.RawMessage }
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	part := map[string]any{
		"Resources": map[string]json.RawMessage{"Ledger": whole.Resources["Ledger"], "QuarantineRole": whole.Resources["QuarantineRole"], "HoldRole": whole.Resources["HoldRole"]},
		"Outputs":   map[string]json.RawMessage{"LedgerTable": whole.Outputs["LedgerTable"], "QuarantineRoleArn": whole.Outputs["QuarantineRoleArn"], "HoldRoleArn": whole.Outputs["HoldRoleArn"]},
	}
	dir := t.TempDir()
	write := func(name string, value any) {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), encoded, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Fairlead.template.json", part)
	write("manifest.json", map[string]any{"artifacts": map[string]any{"Fairlead": map[string]any{
		"type": "aws:cloudformation:stack", "properties": map[string]any{"templateFile": "Fairlead.template.json"}}}})
	lab = steps.New(time.Date(2046, 11, 23, 8, 0, 0, 0, time.UTC), 1, slog.New(slog.DiscardHandler))
	if _, err := lab.Deploy(dir); err != nil {
		t.Fatal(err)
	}
	return lab, lab.Outputs()["Fairlead"]["LedgerTable"]
}

// TestOnAWS runs the whole through the SDK, under the operators' roles, and needs all that they are granted.
func TestOnAWS(t *testing.T) {
	lab, table := newAWS(t)
	book := grants.New()
	if err := book.Enter(lab.AWS); err != nil {
		t.Fatal(err)
	}
	book.Watch(lab.AWS)
	admin := dynamodb.NewFromConfig(lab.Client(lab.Administrator()))
	err := ledger.NewQuarantineSetter(admin, table).SetQuarantine(t.Context(),
		ledger.Quarantine{Service: "web", Digest: first, Tag: "v1", Execution: "execution a", Reason: "it crashed", At: lab.Now()})
	if err != nil {
		t.Fatal(err)
	}
	to := target{prefix: "fairlead", table: table, suffix: quarantineRole}
	if err := to.complete(func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder // of the SDK, which prints it to the terminal
	cfg := lab.Client(lab.Administrator())
	cfg.Logger = logging.NewStandardLogger(&log)
	op, err := connect(t.Context(), cfg, to)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := op.quarantines.Quarantines(t.Context(), "web")
	if err != nil || len(listed) != 1 || listed[0].Reason != "it crashed" {
		t.Fatalf("listed %+v, %v", listed, err)
	}
	if _, err := op.quarantines.Release(t.Context(), "web", first, op.name, "mended", lab.Now()); err != nil {
		t.Fatal(err)
	}
	q, inForce, err := ledger.NewQuarantined(admin, table).Quarantined(t.Context(), "web", first)
	if err != nil || inForce || !strings.HasPrefix(q.ReleasedBy, "arn:aws:iam::123456789012:") {
		t.Errorf("the ledger has %+v, %v", q, err)
	}
	holdAndLift(t, cfg, table, lab.Now())
	if log.String() != "" {
		t.Errorf("the SDK says %s", log.String())
	}
	for _, fault := range book.Check(grants.Of("cmd/fairlead"), nil) {
		t.Error(fault)
	}
}

// holdAndLift holds a service and lifts that, under the role for it.
func holdAndLift(t *testing.T, cfg aws.Config, table string, now time.Time) {
	t.Helper()
	op, err := connect(t.Context(), cfg, target{role: "fairlead-hold", table: table})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.holds.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: op.name, At: now}); err != nil {
		t.Fatal(err)
	}
	lifted, err := op.holds.LiftHold(t.Context(), "web", op.name, "it is done", now)
	if err != nil || lifted.InForce(now) {
		t.Errorf("the hold is %+v, %v", lifted, err)
	}
}

// TestTheOperatorsRolesDoNothingElse makes, under each of the operators' roles, the calls that it must not make.
func TestTheOperatorsRolesDoNothingElse(t *testing.T) {
	for kind, role := range map[string]string{"quarantine": "QuarantineRoleArn", "hold": "HoldRoleArn"} {
		t.Run(role, func(t *testing.T) { doesNothingElse(t, kind, role) })
	}
}

// doesNothingElse makes them under one role, which may write one kind of item.
func doesNothingElse(t *testing.T, kind, output string) {
	t.Helper()
	lab, table := newAWS(t)
	cfg := lab.Client(lab.Administrator())
	role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), lab.Outputs()["Fairlead"][output])
	cfg.Credentials = aws.NewCredentialsCache(role)
	items, services, states := dynamodb.NewFromConfig(cfg), ecs.NewFromConfig(cfg), sfn.NewFromConfig(cfg)
	key := func(item string) map[string]any { return map[string]any{"item": item, "id": "x"} }
	put := func(item string) error {
		row, err := attributevalue.MarshalMap(key(item))
		if err != nil {
			return err
		}
		_, err = items.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row})
		return err
	}
	if err := put(kind + "#web"); err != nil {
		t.Fatalf("the role may not write what it is for: %v", err)
	}
	at, err := attributevalue.MarshalMap(key(kind + "#web"))
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"delete an item": func() error {
			_, err := items.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: at})
			return err
		},
		"scan the ledger": func() error {
			_, err := items.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
			return err
		},
		"look at ECS": func() error {
			_, err := services.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("fairlead-sample")})
			return err
		},
		"deploy": func() error {
			_, err := services.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("fairlead-sample"), Service: aws.String("web")})
			return err
		},
		"start an execution": func() error {
			_, err := states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String("arn:aws:states:eu-west-1:123456789012:stateMachine:fairlead")})
			return err
		},
	}
	for _, other := range []string{"claim", "token", "history", "outcome", "quarantine", "hold", "quarantines", "holds"} {
		if other != kind {
			calls["write the kind "+other] = func() error { return put(other + "#web") }
		}
	}
	for name, call := range calls {
		if err := call(); err == nil || !strings.Contains(err.Error(), "is not authorized to perform") {
			t.Errorf("%s: got %v, want a denial", name, err)
		}
	}
}

// TestConnectSaysWhatIsWrong wants the way out of each way to fail before the ledger is asked.
func TestConnectSaysWhatIsWrong(t *testing.T) {
	lab, table := newAWS(t)
	sound := lab.Client(lab.Administrator())
	nowhere, stranger := sound.Copy(), sound.Copy()
	nowhere.Region = ""
	stranger.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no credentials are found")
	})
	for name, test := range map[string]struct {
		cfg  aws.Config
		role string
		fix  string
	}{
		"no region":                     {nowhere, "fairlead-quarantine", "set AWS_REGION"},
		"nobody is logged in":           {stranger, "fairlead-quarantine", "`aws sts get-caller-identity` must work"},
		"a role that nobody may assume": {sound, "fairlead-nothing", "have sts:AssumeRole on arn:aws:iam::123456789012:role/fairlead-nothing granted to you"},
		"a role by its ARN":             {sound, "arn:aws:iam::123456789012:role/x", "have sts:AssumeRole on arn:aws:iam::123456789012:role/x granted"},
	} {
		_, err := connect(t.Context(), test.cfg, target{role: test.role, table: table})
		if err == nil || !strings.Contains(fixOf(err), test.fix) {
			t.Errorf("%s: got %v with the fix %q, want %q", name, err, fixOf(err), test.fix)
		}
	}
	t.Run("a table that is not there", func(t *testing.T) {
		s := shell{out: io.Discard, err: new(strings.Builder), now: time.Now}
		op, err := connect(t.Context(), sound, target{role: "fairlead-quarantine", table: "nothing"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = op.quarantines.Quarantines(t.Context(), "web")
		s.complain("%s", message(err))
		if said := s.err.(*strings.Builder).String(); err == nil || strings.Contains(said, "Fix:") || fixOf(err) == "" {
			t.Errorf("it says %q, and the fix %q", said, fixOf(err))
		}
	})
}
