package policy_test

import (
	"testing"

	"fairlead/local/iam/policy"
)

const (
	web   = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"
	role  = "arn:aws:iam::123456789012:role/web-update"
	sess  = "arn:aws:sts::123456789012:assumed-role/web-update/web-0a1b"
	user  = "arn:aws:iam::123456789012:user/ann"
	queue = "arn:aws:sqs:eu-west-1:123456789012:dead"
)

func session() policy.Caller {
	return policy.Caller{ARN: sess, Account: "123456789012", RoleARN: role, UserID: "AROAEXAMPLEEXAMPLE123:web-0a1b"}
}

func parse(t *testing.T, text string, kind policy.Kind) policy.Document {
	t.Helper()
	d, err := policy.Parse([]byte(text), kind)
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return d
}

// one wraps a statement into a document.
func one(statement string) string { return `{"Version":"2012-10-17","Statement":` + statement + `}` }

func TestOneIdentityStatementDecides(t *testing.T) {
	tests := []struct {
		name, statement  string
		action, resource string
		keys             map[string][]string
		want             string
	}{
		{"the very action on the very resource", `{"Effect":"Allow","Action":"ecs:UpdateService","Resource":"` + web + `"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"an action in other letters", `{"Effect":"Allow","Action":"ECS:updateservice","Resource":"*"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"a resource in other letters is another", `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:eu-west-1:123456789012:service/prod/WEB"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a wildcard in the action's name", `{"Effect":"Allow","Action":"ecs:Update*ice","Resource":"*"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"a question mark is one character", `{"Effect":"Allow","Action":"ecs:UpdateServic?","Resource":"*"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"a question mark is not nothing", `{"Effect":"Allow","Action":"ecs:UpdateService?","Resource":"*"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"another service's action", `{"Effect":"Allow","Action":"ecr:*","Resource":"*"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a star crosses slashes and colons", `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:*/web"}`, "ecs:UpdateService", web, nil, "error"},
		{"a star crosses slashes", `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:eu-west-1:123456789012:serv*web"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"a star crosses colons", `{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:*:*:log-group:/a*"}`, "logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/a/b:log-stream:c", nil, "allowed"},
		{"a prefix is not the resource", `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:eu-west-1:123456789012:service/prod/we"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"an ARN does not cover an action without resources", `{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:*:*:*"}`, "ecs:ListClusters", "*", nil, "implicitDeny"},
		{"NotAction covers all other actions", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"NotAction leaves its own out", `{"Effect":"Allow","NotAction":["iam:*","ecs:Update*"],"Resource":"*"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a variable without a value in NotResource allows nothing", `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/${aws:username}"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a variable without a value in NotResource spares nothing", `{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::b/${aws:username}"}`, "ecs:UpdateService", web, nil, "explicitDeny"},
		{"a Deny holds where AWS leaves open whether it does", `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}}}`, "ecs:UpdateService", web, nil, "explicitDeny"},
		{"NotResource leaves its own out", `{"Effect":"Allow","Action":"*","NotResource":"` + web + `"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a deny beside an allow wins", `[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ecs:Update*","Resource":"*"}]`, "ecs:UpdateService", web, nil, "explicitDeny"},
		{"a deny of something else does not", `[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ecs:Stop*","Resource":"*"}]`, "ecs:UpdateService", web, nil, "allowed"},
		{"all conditions must hold", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"ecs:a":"1","ecs:b":"2"}}}`, "ecs:UpdateService", web, map[string][]string{"ecs:a": {"1"}, "ecs:b": {"3"}}, "implicitDeny"},
		{"a variable takes the request's value", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/${ecs:who}"}`, "ecs:UpdateService", web, map[string][]string{"ecs:who": {"web"}}, "allowed"},
		{"a star that came through a variable is only a star", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/${ecs:who}"}`, "ecs:UpdateService", web, map[string][]string{"ecs:who": {"*"}}, "implicitDeny"},
		{"a variable without a value matches nothing", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/*${ecs:who}"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
		{"a variable's default stands in", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/${ecs:who, 'web'}"}`, "ecs:UpdateService", web, nil, "allowed"},
		{"${*} is a star and no wildcard", `{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/${*}"}`, "ecs:UpdateService", web, nil, "implicitDeny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := policy.Parse([]byte(one(tt.statement)), policy.Identity)
			got := "error"
			if err == nil {
				r := policy.Request{Action: tt.action, Resource: tt.resource, Caller: session(), Keys: policy.NewKeys(tt.keys)}
				got = policy.Decide(r, policy.Policies{Identity: []policy.Document{d}}).Name()
			}
			if got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestVariablesNeedTheirVersion(t *testing.T) {
	text := `{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:*:*:service/prod/${ecs:who}"}}`
	r := policy.Request{Action: "ecs:UpdateService", Resource: web, Keys: policy.NewKeys(map[string][]string{"ecs:who": {"web"}})}
	if d := policy.Decide(r, policy.Policies{Identity: []policy.Document{parse(t, text, policy.Identity)}}); d.Allowed {
		t.Error("a document without a version read ${ecs:who} as a variable; it is text there")
	}
}

const (
	allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	denyAll  = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	nothing  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
)

func TestKindsOfPoliciesTogether(t *testing.T) {
	grant := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sqs:SendMessage","Resource":"` + queue + `"}`
	}
	rule := "arn:aws:events:eu-west-1:123456789012:rule/push"
	service := policy.Caller{Service: "events.amazonaws.com"}
	const by = "because no "
	tests := []struct {
		name                                  string
		caller                                policy.Caller
		identity, boundary, session, resource string
		want                                  string // the denial's tail; empty: allowed
	}{
		{"no policy at all", session(), "", "", "", "", by + "identity-based policy allows the sqs:SendMessage action"},
		{"identity alone", session(), allowAll, "", "", "", ""},
		{"an explicit deny in the identity policy", session(), denyAll, "", "", grant(`"*"`), "with an explicit deny in an identity-based policy"},
		{"a boundary leaves it out", session(), allowAll, nothing, "", "", by + "permissions boundary allows the sqs:SendMessage action"},
		{"a boundary alone allows nothing", session(), "", allowAll, "", "", by + "identity-based policy allows the sqs:SendMessage action"},
		{"a boundary denies", session(), allowAll, denyAll, "", "", "with an explicit deny in a permissions boundary"},
		{"a session policy leaves it out", session(), allowAll, "", nothing, "", by + "session policy allows the sqs:SendMessage action"},
		{"a session policy denies", session(), allowAll, "", denyAll, "", "with an explicit deny in a session policy"},
		{"a session policy grants nothing", session(), "", "", allowAll, "", by + "identity-based policy allows the sqs:SendMessage action"},
		{"the resource names the role", session(), "", "", "", grant(`{"AWS":"` + role + `"}`), ""},
		{"the resource names the role, the boundary leaves it out", session(), "", nothing, "", grant(`{"AWS":"` + role + `"}`), by + "permissions boundary allows the sqs:SendMessage action"},
		{"the resource names the role's unique id", session(), "", "", nothing, grant(`{"AWS":"AROAEXAMPLEEXAMPLE123"}`), by + "session policy allows the sqs:SendMessage action"},
		{"the resource names the session, whatever the boundary", session(), "", nothing, nothing, grant(`{"AWS":"` + sess + `"}`), ""},
		{"the resource names the account: that alone does not do", session(), "", "", "", grant(`{"AWS":"123456789012"}`), by + "identity-based policy allows the sqs:SendMessage action"},
		{"the resource names the root: that alone does not do", session(), "", "", "", grant(`{"AWS":"arn:aws:iam::123456789012:root"}`), by + "identity-based policy allows the sqs:SendMessage action"},
		{"the resource names everyone", session(), "", "", "", grant(`"*"`), ""},
		{"the resource names another role", session(), "", "", "", grant(`{"AWS":"arn:aws:iam::123456789012:role/other"}`), by + "identity-based policy allows the sqs:SendMessage action"},
		{"the resource denies", session(), allowAll, "", "", `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}`, "with an explicit deny in a resource-based policy"},
		{"a service that the resource names", service, "", "", "", grant(`{"Service":"events.amazonaws.com"}`), ""},
		{"a service that the resource does not name", service, "", "", "", grant(`{"Service":"sns.amazonaws.com"}`), by + "resource-based policy allows the sqs:SendMessage action"},
		{"a service and no policy of the resource", service, "", "", "", "", by + "resource-based policy allows the sqs:SendMessage action"},
		{"a service does not gain by the account's name", service, "", "", "", grant(`{"AWS":"123456789012"}`), by + "resource-based policy allows the sqs:SendMessage action"},
		{"a service with the right source", service, "", "", "", `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"` + rule + `"}}}`, ""},
		{"NotPrincipal denies whom it does not list whole", session(), allowAll, "", "", `{"Effect":"Deny","NotPrincipal":{"AWS":["` + role + `","123456789012"]},"Action":"*","Resource":"*"}`, "with an explicit deny in a resource-based policy"},
		{"NotPrincipal spares whom it lists whole", session(), allowAll, "", "", `{"Effect":"Deny","NotPrincipal":{"AWS":["` + role + `","123456789012","` + sess + `"]},"Action":"*","Resource":"*"}`, ""},
	}
	bounded := session()
	bounded.Bounded = true
	whole := tests[len(tests)-1]
	whole.name, whole.caller, whole.boundary, whole.want = "NotPrincipal never spares who has a boundary", bounded, allowAll, "with an explicit deny in a resource-based policy"
	for _, tt := range append(tests, whole) {
		t.Run(tt.name, func(t *testing.T) {
			r := policy.Request{Action: "sqs:SendMessage", Resource: queue, Caller: tt.caller, Keys: policy.NewKeys(map[string][]string{"aws:SourceArn": {rule}})}
			var p policy.Policies
			if tt.identity != "" {
				p.Identity = []policy.Document{parse(t, one(tt.identity), policy.Identity)}
			}
			p.Boundary = optional(t, tt.boundary, policy.Identity)
			p.Session = optional(t, tt.session, policy.Session)
			p.Resource = optional(t, tt.resource, policy.Resource)
			d := policy.Decide(r, p)
			got := ""
			if !d.Allowed {
				got = d.Denial(r.Action)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func optional(t *testing.T, statement string, kind policy.Kind) *policy.Document {
	t.Helper()
	if statement == "" {
		return nil
	}
	d := parse(t, one(statement), kind)
	return &d
}

func TestWhoMayAssume(t *testing.T) {
	trust := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`
	}
	mayAssume := `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/target"}`
	noTrust := "because no role trust policy allows the sts:AssumeRole action"
	noIdentity := "because no identity-based policy allows the sts:AssumeRole action"
	ann := policy.Caller{ARN: user, Account: "123456789012", UserID: "AIDAEXAMPLEEXAMPLE123"}
	tests := []struct {
		name, trust string
		caller      policy.Caller
		identity    string
		want        string
	}{
		{"the role is trusted by name", trust(`{"AWS":"` + role + `"}`), session(), "", ""},
		{"a user is trusted by name", trust(`{"AWS":"` + user + `"}`), ann, "", ""},
		{"the account is trusted and the caller has the right", trust(`{"AWS":"arn:aws:iam::123456789012:root"}`), session(), mayAssume, ""},
		{"the account is trusted and the caller has no right", trust(`{"AWS":"arn:aws:iam::123456789012:root"}`), session(), "", noIdentity},
		{"everyone is trusted and the caller has no right", trust(`{"AWS":"*"}`), session(), "", noIdentity},
		{"the right alone does not do", trust(`{"AWS":"arn:aws:iam::123456789012:role/other"}`), session(), mayAssume, noTrust},
		{"another account is trusted", trust(`{"AWS":"210987654321"}`), session(), mayAssume, noTrust},
		{"a service is trusted, a role asks", trust(`{"Service":"lambda.amazonaws.com"}`), session(), mayAssume, noTrust},
		{"a service is trusted and asks", trust(`{"Service":"lambda.amazonaws.com"}`), policy.Caller{Service: "lambda.amazonaws.com"}, "", ""},
		{"another service asks", trust(`{"Service":"lambda.amazonaws.com"}`), policy.Caller{Service: "states.amazonaws.com"}, "", noTrust},
		{"everyone of an account does not mean a service", trust(`"*"`), policy.Caller{Service: "lambda.amazonaws.com"}, "", noTrust},
		{"a condition on the role's ARN holds", `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":["` + role + `"]}}}`, session(), mayAssume, ""},
		{"a condition on the role's ARN does not hold", `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/web-look"}}}`, session(), mayAssume, noTrust},
		{"the trust policy denies", `[` + trust(`{"AWS":"`+role+`"}`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}]`, session(), mayAssume, "with an explicit deny in the role trust policy"},
		{"the trust policy denies everyone, services too", `[` + trust(`{"Service":"lambda.amazonaws.com"}`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}]`, policy.Caller{Service: "lambda.amazonaws.com"}, "", "with an explicit deny in the role trust policy"},
		{"the caller's policy denies", trust(`{"AWS":"` + role + `"}`), session(), denyAll, "with an explicit deny in an identity-based policy"},
		{"a provider is trusted and vouches", trust(`{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.example.com"}`), policy.Caller{Federated: "arn:aws:iam::123456789012:oidc-provider/token.example.com"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := policy.Request{Action: "sts:AssumeRole", Resource: "arn:aws:iam::123456789012:role/target", Caller: tt.caller,
				Keys: policy.NewKeys(map[string][]string{"aws:PrincipalArn": {tt.caller.RoleARN}})}
			p := policy.Policies{Resource: optional(t, tt.trust, policy.Trust)}
			if tt.identity != "" {
				p.Identity = []policy.Document{parse(t, one(tt.identity), policy.Identity)}
			}
			d, got := policy.DecideTrust(r, p), ""
			if !d.Allowed {
				got = d.Denial(r.Action)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
