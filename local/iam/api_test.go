package iam_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fairlead/local/iam"
	"fairlead/local/wire"
	"fairlead/local/world"
)

const apiVersion = "2010-05-08"

// call calls an operation of IAM as a Query client does, and reads the XML reply into out.
func call(t *testing.T, w *world.World, who world.Principal, form url.Values, out any) error {
	t.Helper()
	form.Set("Version", apiVersion)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	in, err := wire.Parse(r, []byte(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.Call(world.Request{Service: in.Service, Operation: in.Operation, Principal: who, Body: in.Input})
	if err != nil {
		return err
	}
	reply := httptest.NewRecorder()
	in.Protocol.WriteOutput(reply, in.Operation, "id", result)
	if out == nil {
		return nil
	}
	return xml.Unmarshal(reply.Body.Bytes(), out)
}

func administrator(t *testing.T, s *iam.Service) world.Principal {
	t.Helper()
	k, ok := s.Secret(s.Administrator().AccessKeyID)
	if !ok {
		t.Fatal("the administrator has no key")
	}
	return k.Principal
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func code(err error) string {
	if e, ok := errors.AsType[*world.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestPoliciesAreReadAndChangedOverTheAPI(t *testing.T) {
	w, s := newWorld(t)
	arn := role(t, s, "web", byLambda, `{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"*"}`)
	root := administrator(t, s)
	var got struct {
		Role struct{ Arn, AssumeRolePolicyDocument, CreateDate string } `xml:"GetRoleResult>Role"`
	}
	if err := call(t, w, root, form("Action", "GetRole", "RoleName", "web"), &got); err != nil {
		t.Fatal(err)
	}
	trust, err := url.PathUnescape(got.Role.AssumeRolePolicyDocument)
	if got.Role.Arn != arn || err != nil || !json.Valid([]byte(trust)) || got.Role.CreateDate != "2026-11-23T12:00:00Z" {
		t.Errorf("GetRole: %+v, %v", got, err)
	}
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"ecs:*","Resource":"*"}}`
	if err := call(t, w, root, form("Action", "PutRolePolicy", "RoleName", "web", "PolicyName", "no", "PolicyDocument", deny), nil); err != nil {
		t.Fatal(err)
	}
	if may(t, s, arn, "ecs:ListClusters") {
		t.Error("a deny that was put into the role denies nothing")
	}
	var names struct {
		Names     []string `xml:"ListRolePoliciesResult>PolicyNames>member"`
		Truncated bool     `xml:"ListRolePoliciesResult>IsTruncated"`
		Marker    string   `xml:"ListRolePoliciesResult>Marker"`
	}
	if err := call(t, w, root, form("Action", "ListRolePolicies", "RoleName", "web", "MaxItems", "1"), &names); err != nil || len(names.Names) != 1 || names.Names[0] != "no" || !names.Truncated {
		t.Errorf("the first page: %+v, %v", names, err)
	}
	names.Names = nil
	if err := call(t, w, root, form("Action", "ListRolePolicies", "RoleName", "web", "Marker", "no"), &names); err != nil || len(names.Names) != 1 || names.Names[0] != "own" || names.Truncated {
		t.Errorf("the second page: %+v, %v", names, err)
	}
	if err := s.Withdraw("AWS::IAM::Role", "web"); code(err) != "DeleteConflict" {
		t.Errorf("a role that holds a policy of another was deleted: %v", err)
	}
	if err := call(t, w, root, form("Action", "DeleteRolePolicy", "RoleName", "web", "PolicyName", "no"), nil); err != nil || !may(t, s, arn, "ecs:ListClusters") {
		t.Errorf("the deny is still in effect: %v", err)
	}
}

func TestTheAPIRefuses(t *testing.T) {
	w, s := newWorld(t)
	arn := role(t, s, "web", byLambda, `{"Effect":"Allow","Action":"iam:GetRole","Resource":"`+arns+`role/web"}`)
	root := administrator(t, s)
	web, err := s.ServiceSession(arn, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		who  world.Principal
		form url.Values
		code string
	}{
		{"its own role", web, form("Action", "GetRole", "RoleName", "web"), ""},
		{"another role, whether it exists or not", web, form("Action", "GetRole", "RoleName", "none"), "AccessDeniedException"},
		{"a change", web, form("Action", "PutRolePolicy", "RoleName", "web", "PolicyName", "p", "PolicyDocument", "{}"), "AccessDeniedException"},
		{"a list", web, form("Action", "ListRoles"), "AccessDeniedException"},
		{"nobody", world.Principal{}, form("Action", "GetRole", "RoleName", "web"), "AccessDeniedException"},
		{"a role that does not exist", root, form("Action", "GetRole", "RoleName", "none"), "NoSuchEntity"},
		{"a name that cannot be", root, form("Action", "GetRole", "RoleName", "a/b"), "ValidationError"},
		{"a policy that does not exist", root, form("Action", "GetRolePolicy", "RoleName", "web", "PolicyName", "none"), "NoSuchEntity"},
		{"a policy that is none", root, form("Action", "PutRolePolicy", "RoleName", "web", "PolicyName", "p", "PolicyDocument", "{}"), "MalformedPolicyDocument"},
		{"a trust policy that is none", root, form("Action", "UpdateAssumeRolePolicy", "RoleName", "web", "PolicyDocument", `{"Version":"2012-10-17","Statement":`+byLambda[:len(byLambda)-1]+`,"Resource":"*"}}`), "MalformedPolicyDocument"},
		{"a provider that does not exist", root, form("Action", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arns+"oidc-provider/none"), "NoSuchEntity"},
		{"a user that does not exist", root, form("Action", "GetUser", "UserName", "ann"), "NoSuchEntity"},
		{"an operation that is not served", root, form("Action", "CreateRole", "RoleName", "x"), "NotImplemented"},
		{"an option that is not served", root, form("Action", "SimulatePrincipalPolicy", "PolicySourceArn", arn, "ActionNames.member.1", "ecs:X", "ResourcePolicy", "{}"), "NotImplemented"},
		{"a name that is missing", root, form("Action", "GetRole"), "ValidationError"},
		{"a page of nothing", root, form("Action", "ListRoles", "MaxItems", "0"), "ValidationError"},
		{"the simulation of nobody", root, simulate("", "ecs:X"), "ValidationError"},
		{"the simulation of a word", root, simulate("web", "ecs:X"), "ValidationError"},
		{"the simulation of a session", root, simulate("arn:aws:sts::123456789012:assumed-role/web/one", "ecs:X"), "InvalidInput"},
		{"the simulation of a user", root, simulate(root.ARN, "ecs:X"), "NotImplemented"},
		{"the simulation of a user who does not exist", root, simulate(arns+"user/ann", "ecs:X"), "NoSuchEntity"},
		{"the simulation of an action with a wildcard", root, simulate(arn, "ecs:Update*"), "InvalidInput"},
		{"the simulation on what is no ARN", root, simulate(arn, "ecs:X", "ResourceArns.member.1", "web"), "InvalidInput"},
		{"the simulation from nowhere on", root, simulate(arn, "ecs:X", "Marker", "x"), "InvalidInput"},
		{"the simulation with a key of no service", root, simulate(arn, "ecs:X", "ContextEntries.member.1.ContextKeyName", "x"), "ValidationError"},
		{"the simulation with a value of no kind", root, simulate(arn, "ecs:X", "ContextEntries.member.1.ContextKeyName", "aws:x", "ContextEntries.member.1.ContextKeyType", "text"), "ValidationError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := call(t, w, tt.who, tt.form, nil); code(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestSimulationIsAHint(t *testing.T) {
	w, s := newWorld(t)
	arn := role(t, s, "web-register", byLambda, `{"Effect":"Allow","Action":"iam:PassRole","Resource":"`+arns+`role/task","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}}`)
	simulate := func(more ...string) []string {
		t.Helper()
		var got struct {
			Results []struct {
				EvalResourceName, EvalDecision string
				Missing                        []string `xml:"MissingContextValues>member"`
			} `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member"`
		}
		f := form(append(more, "Action", "SimulatePrincipalPolicy", "PolicySourceArn", arn, "ActionNames.member.1", "iam:PassRole",
			"ResourceArns.member.1", arns+"role/task", "ResourceArns.member.2", arns+"role/execution")...)
		if err := call(t, w, administrator(t, s), f, &got); err != nil {
			t.Fatal(err)
		}
		var decisions []string
		for _, r := range got.Results {
			decisions = append(decisions, strings.TrimPrefix(r.EvalResourceName, arns)+" "+r.EvalDecision+" "+strings.Join(r.Missing, " "))
		}
		return decisions
	}
	without := strings.Join(simulate(), ", ")
	if want := "role/task implicitDeny iam:PassedToService, role/execution implicitDeny iam:PassedToService"; without != want {
		t.Errorf("without the key: %s\nwant %s", without, want)
	}
	with := strings.Join(simulate("ContextEntries.member.1.ContextKeyName", "iam:PassedToService", "ContextEntries.member.1.ContextKeyType", "string",
		"ContextEntries.member.1.ContextKeyValues.member.1", "ecs-tasks.amazonaws.com"), ", ")
	if want := "role/task allowed , role/execution implicitDeny "; with != want {
		t.Errorf("with the key: %s\nwant %s", with, want)
	}
}

// simulate is a call of SimulatePrincipalPolicy; an empty source is none.
func simulate(source, action string, more ...string) url.Values {
	f := form(append(more, "Action", "SimulatePrincipalPolicy", "PolicySourceArn", source, "ActionNames.member.1", action)...)
	if source == "" {
		f.Del("PolicySourceArn")
	}
	return f
}

func TestSimulationComesInPages(t *testing.T) {
	w, s := newWorld(t)
	arn := role(t, s, "web", byLambda, `{"Effect":"Allow","Action":"ecs:A","Resource":"*"}`)
	var seen []string
	for marker := "start"; marker != ""; {
		f := simulate(arn, "ecs:A", "ActionNames.member.2", "ecs:B", "ActionNames.member.3", "ecs:C", "MaxItems", "2")
		if marker != "start" {
			f.Set("Marker", marker)
		}
		var got struct {
			Actions   []string `xml:"SimulatePrincipalPolicyResult>EvaluationResults>member>EvalActionName"`
			Truncated bool     `xml:"SimulatePrincipalPolicyResult>IsTruncated"`
			Marker    string   `xml:"SimulatePrincipalPolicyResult>Marker"`
		}
		if err := call(t, w, administrator(t, s), f, &got); err != nil || got.Truncated != (got.Marker != "") {
			t.Fatalf("%+v, %v", got, err)
		}
		seen, marker = append(seen, strings.Join(got.Actions, " ")), got.Marker
	}
	if want := "ecs:A ecs:B|ecs:C"; strings.Join(seen, "|") != want {
		t.Errorf("pages %q, want %q", seen, want)
	}
}

func TestIAMSurvivesBeingWrittenDown(t *testing.T) {
	w, s := newWorld(t)
	arn := role(t, s, "web", byLambda, `{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"*"}`)
	p, err := s.ServiceSession(arn, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	keys, root := s.Issue(p, 3600e9), s.Administrator()
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w2, s2 := newWorld(t)
	if err := w2.Restore(raw); err != nil {
		t.Fatal(err)
	}
	k, ok := s2.Secret(keys.AccessKeyID)
	if !ok || k.Key != keys.SecretAccessKey || s2.Authorize(k.Principal, "ecs:ListClusters", "*", nil) != nil {
		t.Errorf("the session is lost: %+v %t", k, ok)
	}
	if again := s2.Administrator(); again != root {
		t.Errorf("the administrator's key was %s and is %s", root.AccessKeyID, again.AccessKeyID)
	}
}
