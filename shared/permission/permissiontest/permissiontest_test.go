package permissiontest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

type updater interface {
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

func grant(sid string, resource string, actions ...string) permission.Statement {
	return permission.Statement{Sid: sid, Actions: actions, Resources: []string{resource}, Why: "it is called"}
}

func TestCompare(t *testing.T) {
	update := grant("Update", "arn:service", "ecs:UpdateService")
	pass := grant("Pass", "arn:role", "iam:PassRole")
	tests := []struct {
		name       string
		statements []permission.Statement
		ports      []any
		want       string
	}{
		{"calls and grants are the same", []permission.Statement{update, pass}, []any{(*updater)(nil)}, ""},
		{"a call is not granted", []permission.Statement{pass}, []any{(*updater)(nil)}, "role update: ecs:UpdateService is called or needed, and not granted"},
		{"what AWS checks beside a call is not granted", []permission.Statement{update}, []any{(*updater)(nil)}, "role update: iam:PassRole is called or needed, and not granted"},
		{"a grant is not called", []permission.Statement{update, pass, grant("More", "arn:service", "ecs:DeleteService")}, []any{(*updater)(nil)}, "role update: ecs:DeleteService is granted, and no port calls it"},
		{"what goes with a call is granted without it", []permission.Statement{pass}, nil, "role update: iam:PassRole is granted, and no port calls it"},
		{"a grant is a pattern", []permission.Statement{update, pass, grant("All", "arn:service", "ecs:*")}, []any{(*updater)(nil)},
			"role update: statement All grants ecs:*, a pattern\nrole update: ecs:* is granted, and no port calls it"},
		{"a resource is empty", []permission.Statement{update, grant("Pass", "", "iam:PassRole")}, []any{(*updater)(nil)}, "role update: statement Pass has no action or an empty resource"},
		{"a statement says no reason", []permission.Statement{update, {Sid: "Pass", Actions: []string{"iam:PassRole"}, Resources: []string{"arn:role"}}}, []any{(*updater)(nil)},
			`role update: statement "Pass" on [iam:PassRole] has no Sid or says no reason`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy := permission.Policy{Update: func(permission.Target) []permission.Statement { return test.statements }}
			got := permissiontest.Compare(policy, permissiontest.Ports{Update: test.ports})
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRolesAreComparedApart(t *testing.T) {
	policy := permission.Policy{Look: func(permission.Target) []permission.Statement {
		return []permission.Statement{grant("Update", "arn:service", "ecs:UpdateService"), grant("Pass", "arn:role", "iam:PassRole")}
	}}
	if got := permissiontest.Compare(policy, permissiontest.Ports{Update: []any{(*updater)(nil)}}); len(got) != 4 {
		t.Errorf("a grant to one role serves another: %v", got)
	}
}

func TestPassRoles(t *testing.T) {
	both := permission.Target{TaskRoleARN: "arn:task", ExecutionRoleARN: "arn:execution"}.PassRoles("why")
	if len(both) != 1 || !cmp.Equal(both[0].Resources, []string{"arn:task", "arn:execution"}) ||
		both[0].Conditions["StringEquals"]["iam:PassedToService"][0] != "ecs-tasks.amazonaws.com" {
		t.Errorf("two roles: %+v", both)
	}
	if one := (permission.Target{TaskRoleARN: "arn:same", ExecutionRoleARN: "arn:same"}).PassRoles("why"); len(one[0].Resources) != 1 {
		t.Errorf("one role twice: %+v", one)
	}
	if none := (permission.Target{}).PassRoles("why"); none != nil {
		t.Errorf("no role: %+v", none)
	}
}
