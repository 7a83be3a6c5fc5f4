package iam_test

import (
	"testing"
	"time"

	"fairlead/local/world"
)

func TestAChangeOfARoleTakesItsTime(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t)
	const tasks, statement = `"Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}`, `{"Version":"2012-10-17","Statement":[{"Effect":`
	arn := declare(t, s, "AWS::IAM::Role", "", `{"RoleName":"web","AssumeRolePolicyDocument":`+statement+`"Allow",`+tasks+`}`).Attributes["Arn"].(string)
	session := func() (world.Principal, error) {
		return s.ServiceSession(arn, "ecs-tasks.amazonaws.com", "", "one")
	}
	who, err := session()
	if err != nil {
		t.Fatal(err)
	}
	admin := administrator(t, s)
	change := func(operation string, pairs ...string) {
		t.Helper()
		if err := call(t, w, admin, form(append([]string{"Action", operation}, pairs...)...), nil); err != nil {
			t.Fatal(err)
		}
	}
	may := func() bool { return s.Authorize(who, "ecr:BatchGetImage", "*", nil) == nil }
	if err := s.Lag(time.Minute); err != nil {
		t.Fatal(err)
	}
	const allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:BatchGetImage","Resource":"*"}]}`
	change("PutRolePolicy", "RoleName", "web", "PolicyName", "pull", "PolicyDocument", allow)
	if w.Advance(w.Now().Add(59 * time.Second)); may() {
		t.Error("after 59 s the role may already what it was allowed")
	}
	if w.Advance(w.Now().Add(time.Second)); !may() {
		t.Error("after a minute the role may not yet what it was allowed")
	}
	change("DeleteRolePolicy", "RoleName", "web", "PolicyName", "pull")
	const nobody = statement + `"Deny",` + tasks
	change("UpdateAssumeRolePolicy", "RoleName", "web", "PolicyDocument", nobody)
	if _, err := session(); err != nil || !may() {
		t.Errorf("at once: %v, may pull %v", err, may())
	}
	w.Advance(w.Now().Add(time.Minute))
	if _, err := session(); err == nil || may() {
		t.Errorf("after a minute: %v, may pull %v", err, may())
	}
}

func TestWithoutALagAChangeIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	_, s := newWorld(t)
	if s.Lag(-time.Second) == nil || s.Lag(2*time.Hour) == nil {
		t.Error("a lag was taken that cannot be")
	}
}
