package policy_test

import (
	"strings"
	"testing"

	"fairlead/local/iam/policy"
)

func TestParseRefusesWhatIAMRefuses(t *testing.T) {
	const trusted = `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"`
	const shared = `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"`
	tests := []struct {
		name     string
		kind     policy.Kind
		text     string
		contains string // of the error; empty: it is taken
	}{
		{"one statement that is not in a list", policy.Identity, one(allowAll), ""},
		{"a list of statements", policy.Identity, one(`[` + allowAll + `]`), ""},
		{"no JSON", policy.Identity, `Version: 2012`, "Syntax errors in policy"},
		{"a list for a document", policy.Identity, `[]`, "Syntax errors in policy"},
		{"something behind the document", policy.Identity, one(allowAll) + `{}`, "Syntax errors in policy"},
		{"no statement", policy.Identity, `{"Version":"2012-10-17"}`, "Missing required field Statement"},
		{"an empty list of statements", policy.Identity, one(`[]`), "empty"},
		{"a version that does not exist", policy.Identity, `{"Version":"2012-10-18","Statement":` + allowAll + `}`, "version"},
		{"an element of the document that does not exist", policy.Identity, `{"Version":"2012-10-17","Statements":[],"Statement":` + allowAll + `}`, "Unknown field Statements"},
		{"an element of the statement that does not exist", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}`), "Unknown field Conditions"},
		{"an element in small letters", policy.Identity, one(`{"effect":"Allow","Action":"*","Resource":"*"}`), "Unknown field effect"},
		{"an element twice", policy.Identity, one(`{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}`), "twice"},
		{"an id in an identity policy", policy.Identity, `{"Id":"x","Statement":` + allowAll + `}`, "Id"},
		{"an id in a resource policy", policy.Resource, `{"Id":"x","Statement":` + shared + `}}`, ""},
		{"no effect", policy.Identity, one(`{"Action":"*","Resource":"*"}`), "Missing required field Effect"},
		{"an effect that does not exist", policy.Identity, one(`{"Effect":"allow","Action":"*","Resource":"*"}`), "Invalid effect"},
		{"no action", policy.Identity, one(`{"Effect":"Allow","Resource":"*"}`), "Policy statement must contain actions."},
		{"no actions in the list", policy.Identity, one(`{"Effect":"Allow","Action":[],"Resource":"*"}`), "empty"},
		{"both Action and NotAction", policy.Identity, one(`{"Effect":"Allow","Action":"*","NotAction":"iam:*","Resource":"*"}`), "either"},
		{"an action without a service", policy.Identity, one(`{"Effect":"Allow","Action":"UpdateService","Resource":"*"}`), "prefaced by a vendor"},
		{"a wildcard in the service", policy.Identity, one(`{"Effect":"Allow","Action":"ec*:Describe","Resource":"*"}`), "service:Name"},
		{"an action that is a number", policy.Identity, one(`{"Effect":"Allow","Action":7,"Resource":"*"}`), "not a string"},
		{"no resource", policy.Identity, one(`{"Effect":"Allow","Action":"*"}`), "Policy statement must contain resources."},
		{"a resource that is no ARN", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"web"}`), `must be in ARN format or "*".`},
		{"an ARN of no partition", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"arn::ecs:eu-west-1:1:service/web"}`), "Partition"},
		{"an ARN of any service", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:eu-west-1:1:service/web"}`), "Vendor"},
		{"a variable for the account", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:eu-west-1:${aws:PrincipalAccount}:service/web"}`), "variable"},
		{"a variable without an end", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:eu-west-1:1:service/${aws:username"}`), "has no end"},
		{"a variable without a service", policy.Identity, one(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ecs:eu-west-1:1:service/${username}"}`), "username"},
		{"a principal in an identity policy", policy.Identity, one(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`), "should not specify a principal"},
		{"a Sid with a space", policy.Identity, one(`{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}`), "alpha-numeric"},
		{"a Sid twice", policy.Identity, one(`[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]`), "must be unique"},
		{"a Sid with a space in a resource policy", policy.Resource, one(shared + `,"Sid":"a b"}`), ""},

		{"no principal in a trust policy", policy.Trust, one(`{"Effect":"Allow","Action":"sts:AssumeRole"}`), "Missing required field Principal"},
		{"a resource in a trust policy", policy.Trust, one(trusted + `,"Resource":"*"}`), "Has prohibited field Resource"},
		{"another action in a trust policy", policy.Trust, one(`{"Effect":"Allow","Principal":"*","Action":"ecs:UpdateService"}`), "may only specify STS AssumeRole actions"},
		{"all actions in a trust policy", policy.Trust, one(`{"Effect":"Allow","Principal":"*","Action":"*"}`), "may only specify STS AssumeRole actions"},
		{"NotPrincipal in a trust policy", policy.Trust, one(`{"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`), "prohibited field NotPrincipal"},
		{"NotPrincipal with Allow", policy.Resource, one(`{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"sqs:*","Resource":"*"}`), "NotPrincipal"},
		{"a wildcard in a principal's ARN", policy.Trust, one(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/*"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/*"`},
		{"a mistyped service", policy.Trust, one(`{"Effect":"Allow","Principal":{"Service":"lamda.amazonaws.com"},"Action":"sts:AssumeRole"}`), `Invalid principal in policy: "SERVICE":"lamda.amazonaws.com"`},
		{"an unknown kind of principal", policy.Trust, one(`{"Effect":"Allow","Principal":{"Google":"x"},"Action":"sts:AssumeRole"}`), "Invalid principal"},
		{"a provider's URL in place of its ARN", policy.Trust, one(`{"Effect":"Allow","Principal":{"Federated":"https://token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`), "Federated principals must be"},
		{"a principal that is only text", policy.Trust, one(`{"Effect":"Allow","Principal":"123456789012","Action":"sts:AssumeRole"}`), "Invalid principal"},
		{"an empty principal", policy.Trust, one(`{"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"}`), "Missing required field Principal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := policy.Parse([]byte(tt.text), tt.kind)
			if tt.contains == "" && err != nil || tt.contains != "" && (err == nil || !strings.Contains(err.Error(), tt.contains)) {
				t.Errorf("got %v, want %q", err, tt.contains)
			}
		})
	}
}
