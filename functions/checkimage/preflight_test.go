package checkimage_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// TestARoleThatNoTaskCanRunUnderStopsTheRun wants it for real runs and dry runs alike: it is certain.
func TestARoleThatNoTaskCanRunUnderStopsTheRun(t *testing.T) {
	const distrusting = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	for name, test := range map[string]struct {
		change func(*roles)
		says   string
	}{
		"a task role that is gone":                   {func(r *roles) { delete(r.trust, "task") }, "the taskRole arn:aws:iam::123456789012:role/task, and there is no such role"},
		"an execution role that is gone":             {func(r *roles) { delete(r.trust, "execution") }, "the executionRole arn:aws:iam::123456789012:role/shop/execution, and there is no such role"},
		"a task role that does not trust ECS":        {func(r *roles) { r.trust["task"] = distrusting }, "does not trust ecs-tasks.amazonaws.com"},
		"an execution role that does not trust them": {func(r *roles) { r.trust["execution"] = distrusting }, "the executionRole arn:aws:iam::123456789012:role/shop/execution of task definition shop-web:41 does not trust"},
	} {
		for _, input := range []string{event("v1", ""), `{"service":"web","tag":"v1","dryRun":true}`} {
			w := sound(t)
			test.change(w.roles)
			got, err := w.check(input)
			if f := fault.From(err); f == nil || f.Code != fault.ServiceRoleUnusable || !strings.Contains(f.Message, test.says) || !strings.Contains(f.Fix, "redrive") || got.Decision != "" {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
		}
	}
}

func TestWhatIsNotCertainWarns(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*roles)
		says   string
	}{
		"a simulation that says no":        {func(r *roles) { r.simulated = "implicitDeny" }, "a simulation says that fairlead-web-register may not pass arn:aws:iam::123456789012:role/task: run make deploy"},
		"an IAM that does not answer":      {func(r *roles) { r.err = errors.New("denied") }, "whether fairlead-web-update may pass the roles of the tasks was not simulated: ask IAM: denied"},
		"a trust policy nobody could read": {func(r *roles) { r.trust["task"] = "%zz" }, "whether the taskRole arn:aws:iam::123456789012:role/task trusts ECS was not checked"},
	} {
		w := sound(t)
		test.change(w.roles)
		got, err := w.check(event("v1", ""))
		if err != nil || got.Decision != image.Deploy || !slices.ContainsFunc(got.Warnings, func(s string) bool { return strings.Contains(s, test.says) }) {
			t.Errorf("%s: %s, %v, warnings %q", name, got.Decision, err, got.Warnings)
		}
	}
}

func TestTheSimulationIsTheCallThatWillBeMade(t *testing.T) {
	w := sound(t)
	if _, err := w.check(event("v1", "")); err != nil {
		t.Fatal(err)
	}
	const asked = "[iam:PassRole] [arn:aws:iam::123456789012:role/task arn:aws:iam::123456789012:role/shop/execution] iam:PassedToService [ecs-tasks.amazonaws.com]"
	want := []string{"arn:aws:iam::123456789012:role/fairlead-web-register " + asked, "arn:aws:iam::123456789012:role/fairlead-web-update " + asked}
	if diff := cmp.Diff(want, w.roles.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatTheContainersNeedIsSimulatedUnderTheExecutionRole wants that no secret is read for it, and that a denial only warns.
func TestWhatTheContainersNeedIsSimulatedUnderTheExecutionRole(t *testing.T) {
	const secret, group = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/web"
	w := sound(t)
	app := &w.services.definition.ContainerDefinitions[0]
	app.Secrets = []types.Secret{{Name: aws.String("DB"), ValueFrom: aws.String(secret + ":password::")}}
	app.LogConfiguration = &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/shop/web"}}
	got, err := w.check(event("v1", ""))
	if err != nil || len(got.Warnings) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	const role = "arn:aws:iam::123456789012:role/shop/execution "
	want := []string{role + "[secretsmanager:GetSecretValue] [" + secret + "]",
		role + "[logs:CreateLogStream logs:PutLogEvents] [" + group + ":log-stream:any " + group + "]"}
	if diff := cmp.Diff(want, w.roles.asked[2:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.roles.denied = []string{"secretsmanager:GetSecretValue", "logs:PutLogEvents"}
	got, err = w.check(event("v1", ""))
	if err != nil || got.Decision != image.Deploy || len(got.Warnings) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, says := range []string{"the execution role execution may not secretsmanager:GetSecretValue on " + secret + ": tasks", "may not logs:PutLogEvents on " + group} {
		if !strings.Contains(got.Warnings[i], says) {
			t.Errorf("warning %q, want %q", got.Warnings[i], says)
		}
	}
	w.services.definition.ExecutionRoleArn, w.roles.asked = nil, nil
	if _, err := w.check(event("v1", "")); err != nil || len(w.roles.asked) != 2 {
		t.Errorf("without an execution role %v was asked, %v", w.roles.asked, err)
	}
}
