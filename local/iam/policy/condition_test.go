package policy_test

import (
	"testing"

	"fairlead/local/iam/policy"
)

func TestConditions(t *testing.T) {
	type keys = map[string][]string
	arn := keys{"aws:SourceArn": {"arn:aws:events:eu-west-1:123456789012:rule/push"}}
	tests := []struct {
		name, condition string
		keys            keys
		want            string // true, false, or error
	}{
		{"equal strings", `{"StringEquals":{"a:k":"v"}}`, keys{"a:k": {"v"}}, "true"},
		{"equal but for their case", `{"StringEquals":{"a:k":"V"}}`, keys{"a:k": {"v"}}, "false"},
		{"case ignored", `{"StringEqualsIgnoreCase":{"a:k":"V"}}`, keys{"a:k": {"v"}}, "true"},
		{"case ignored, negated", `{"StringNotEqualsIgnoreCase":{"a:k":"V"}}`, keys{"a:k": {"v"}}, "false"},
		{"the key's name in other letters", `{"StringEquals":{"A:K":"v"}}`, keys{"a:k": {"v"}}, "true"},
		{"a star under StringEquals is a star", `{"StringEquals":{"a:k":"v*"}}`, keys{"a:k": {"vv"}}, "false"},
		{"a star under StringLike", `{"StringLike":{"a:k":"v*"}}`, keys{"a:k": {"vv"}}, "true"},
		{"StringNotLike", `{"StringNotLike":{"a:k":"v*"}}`, keys{"a:k": {"vv"}}, "false"},
		{"any of several values", `{"StringEquals":{"a:k":["u","v"]}}`, keys{"a:k": {"v"}}, "true"},
		{"none of several values, negated", `{"StringNotEquals":{"a:k":["u","v"]}}`, keys{"a:k": {"v"}}, "false"},
		{"a missing key", `{"StringEquals":{"a:k":"v"}}`, nil, "false"},
		{"a missing key, negated", `{"StringNotEquals":{"a:k":"v"}}`, nil, "true"},
		{"a missing key, if it exists", `{"StringEqualsIfExists":{"a:k":"v"}}`, nil, "true"},
		{"another value, if it exists", `{"StringEqualsIfExists":{"a:k":"v"}}`, keys{"a:k": {"u"}}, "false"},
		{"two operators must both hold", `{"StringEquals":{"a:k":"v"},"StringLike":{"a:l":"x*"}}`, keys{"a:k": {"v"}, "a:l": {"y"}}, "false"},
		{"several values under an operator for one", `{"StringEquals":{"a:k":"v"}}`, keys{"a:k": {"v", "w"}}, "false"},
		{"several values under a negated operator for one", `{"StringNotEquals":{"a:k":"x"}}`, keys{"a:k": {"v", "w"}}, "false"},

		{"all values are listed", `{"ForAllValues:StringEquals":{"a:k":["v","w"]}}`, keys{"a:k": {"v", "w"}}, "true"},
		{"one value is not listed", `{"ForAllValues:StringEquals":{"a:k":["v","w"]}}`, keys{"a:k": {"v", "x"}}, "false"},
		{"no values at all are all listed", `{"ForAllValues:StringEquals":{"a:k":"v"}}`, nil, "true"},
		{"one value of several is listed", `{"ForAnyValue:StringEquals":{"a:k":"v"}}`, keys{"a:k": {"v", "x"}}, "true"},
		{"none is listed", `{"ForAnyValue:StringEquals":{"a:k":"v"}}`, keys{"a:k": {"x"}}, "false"},
		{"of no values none is listed", `{"ForAnyValue:StringEquals":{"a:k":"v"}}`, nil, "false"},
		{"of no values none is unlisted either", `{"ForAnyValue:StringNotEquals":{"a:k":"v"}}`, nil, "false"},
		{"one value is unlisted", `{"ForAnyValue:StringNotEquals":{"a:k":"v"}}`, keys{"a:k": {"v", "x"}}, "true"},
		{"not all values are unlisted", `{"ForAllValues:StringNotEquals":{"a:k":"v"}}`, keys{"a:k": {"v", "x"}}, "false"},
		{"of no values all are listed, if there are any", `{"ForAllValues:StringEqualsIfExists":{"a:k":"v"}}`, nil, "true"},
		{"of no values none is listed, if there are any", `{"ForAnyValue:StringEqualsIfExists":{"a:k":"v"}}`, nil, "false"},
		{"leading keys of a table", `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["claim#*"]}}`, keys{"dynamodb:LeadingKeys": {"claim#web", "claim#api"}}, "true"},

		{"equal numbers", `{"NumericEquals":{"a:k":"10"}}`, keys{"a:k": {"10.0"}}, "true"},
		{"a number without quotation marks", `{"NumericLessThan":{"a:k":10}}`, keys{"a:k": {"9"}}, "true"},
		{"not less", `{"NumericLessThan":{"a:k":"10"}}`, keys{"a:k": {"10"}}, "false"},
		{"less or equal", `{"NumericLessThanEquals":{"a:k":"10"}}`, keys{"a:k": {"10"}}, "true"},
		{"greater", `{"NumericGreaterThan":{"a:k":"10"}}`, keys{"a:k": {"11"}}, "true"},
		{"greater or equal", `{"NumericGreaterThanEquals":{"a:k":"10"}}`, keys{"a:k": {"9"}}, "false"},
		{"unequal numbers", `{"NumericNotEquals":{"a:k":"10"}}`, keys{"a:k": {"9"}}, "true"},
		{"what is no number is not less", `{"NumericLessThan":{"a:k":"10"}}`, keys{"a:k": {"few"}}, "false"},
		{"a policy's number that is none", `{"NumericLessThan":{"a:k":"ten"}}`, nil, "error"},

		{"before a date", `{"DateLessThan":{"aws:CurrentTime":"2026-12-01T00:00:00Z"}}`, keys{"aws:CurrentTime": {"2026-11-23T12:00:00Z"}}, "true"},
		{"after a date", `{"DateGreaterThan":{"aws:CurrentTime":"2026-12-01"}}`, keys{"aws:CurrentTime": {"2026-11-23T12:00:00Z"}}, "false"},
		{"a date as seconds", `{"DateGreaterThan":{"aws:EpochTime":"1700000000"}}`, keys{"aws:EpochTime": {"1795435200"}}, "true"},
		{"a date that is none", `{"DateGreaterThan":{"aws:CurrentTime":"tomorrow"}}`, nil, "error"},

		{"a boolean", `{"Bool":{"aws:SecureTransport":false}}`, keys{"aws:SecureTransport": {"true"}}, "false"},
		{"a boolean as text", `{"Bool":{"aws:SecureTransport":"True"}}`, keys{"aws:SecureTransport": {"true"}}, "true"},
		{"a boolean that is none", `{"Bool":{"aws:SecureTransport":"yes"}}`, nil, "error"},
		{"a missing boolean", `{"Bool":{"aws:SecureTransport":"false"}}`, nil, "false"},

		{"an address in a range", `{"IpAddress":{"a:k":"10.0.0.0/8"}}`, keys{"a:k": {"10.1.2.3"}}, "true"},
		{"an address out of the range", `{"NotIpAddress":{"a:k":"10.0.0.0/8"}}`, keys{"a:k": {"11.1.2.3"}}, "true"},
		{"the very address", `{"IpAddress":{"a:k":"2001:db8::1"}}`, keys{"a:k": {"2001:db8::1"}}, "true"},
		{"an address that is none", `{"IpAddress":{"a:k":"10.0.0.0/33"}}`, nil, "error"},

		{"the very ARN", `{"ArnEquals":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/push"}}`, arn, "true"},
		{"an ARN with wildcards in its parts", `{"ArnEquals":{"aws:SourceArn":"arn:*:events:*:123456789012:rule/*"}}`, arn, "true"},
		{"a star does not reach over a colon", `{"ArnLike":{"aws:SourceArn":"arn:aws:*:rule/push:x:y"}}`, arn, "false"},
		{"a star in the last part reaches over colons", `{"ArnLike":{"a:k":"arn:aws:logs:*:*:*"}}`, keys{"a:k": {"arn:aws:logs:eu-west-1:123456789012:log-group:x:*"}}, "true"},
		{"what is no ARN is not like one", `{"ArnLike":{"a:k":"arn:*:*:*:*:*"}}`, keys{"a:k": {"web"}}, "false"},
		{"another ARN, negated", `{"ArnNotLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/other"}}`, arn, "true"},
		{"an ARN by a variable", `{"ArnEquals":{"aws:SourceArn":"${a:rule}"}}`, keys{"aws:SourceArn": arn["aws:SourceArn"], "a:rule": arn["aws:SourceArn"]}, "true"},
		{"too few parts for an ARN", `{"ArnLike":{"aws:SourceArn":"*"}}`, nil, "error"},

		{"the key is missing", `{"Null":{"a:k":"true"}}`, nil, "true"},
		{"the key is there", `{"Null":{"a:k":"true"}}`, keys{"a:k": {"v"}}, "false"},
		{"the key must be there", `{"Null":{"a:k":false}}`, keys{"a:k": {"v"}}, "true"},
		{"the key must be there and is not", `{"Null":{"a:k":"false"}}`, nil, "false"},

		{"binary", `{"BinaryEquals":{"a:k":"QmluYXJ5"}}`, keys{"a:k": {"QmluYXJ5"}}, "true"},
		{"a variable", `{"StringEquals":{"a:k":"${aws:username}"}}`, keys{"a:k": {"ann"}, "aws:username": {"ann"}}, "true"},
		{"a variable without a value", `{"StringLike":{"a:k":"*${aws:username}"}}`, keys{"a:k": {"ann"}}, "false"},
		{"a variable without a value, negated", `{"StringNotEquals":{"a:k":"${aws:username}"}}`, keys{"a:k": {"ann"}}, "true"},
		{"a variable without a value is not the empty value", `{"StringEquals":{"a:k":"${aws:username}"}}`, keys{"a:k": {""}}, "false"},
		{"a star that a value brings", `{"StringLike":{"a:k":"${aws:username}"}}`, keys{"a:k": {"ann"}, "aws:username": {"*"}}, "false"},

		{"an unknown operator", `{"StringMatches":{"a:k":"v"}}`, nil, "error"},
		{"an operator in other letters", `{"stringEquals":{"a:k":"v"}}`, nil, "error"},
		{"a negation that does not exist", `{"BoolNot":{"a:k":"true"}}`, nil, "error"},
		{"another negation that does not exist", `{"NumericNotLessThan":{"a:k":"1"}}`, nil, "error"},
		{"a third", `{"NotStringEquals":{"a:k":"1"}}`, nil, "error"},
		{"an unknown set operator", `{"ForSomeValues:StringEquals":{"a:k":"v"}}`, nil, "error"},
		{"Null has no IfExists", `{"NullIfExists":{"a:k":"true"}}`, nil, "error"},
		{"a key without a service", `{"StringEquals":{"k":"v"}}`, nil, "error"},
		{"a mistyped global key", `{"StringEquals":{"aws:PrincipalARNs":"v"}}`, nil, "error"},
		{"a global key that is not served", `{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, nil, "error"},
		{"a tag key", `{"StringEquals":{"aws:RequestTag/team":"a"}}`, keys{"aws:RequestTag/team": {"a"}}, "true"},
		{"an operator twice", `{"StringEquals":{"a:k":"v"},"StringEquals":{"a:l":"v"}}`, nil, "error"},
		{"a key twice", `{"StringEquals":{"a:k":"v","a:k":"w"}}`, nil, "error"},
		{"a value that is an object", `{"StringEquals":{"a:k":{}}}`, nil, "error"},
		{"an empty list of values", `{"StringEquals":{"a:k":[]}}`, nil, "error"},
		{"null for a value", `{"StringEquals":{"a:k":null}}`, nil, "error"},
		{"no condition at all", `{}`, nil, "true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := policy.Parse([]byte(one(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+tt.condition+`}`)), policy.Identity)
			got := "error"
			if err == nil {
				r := policy.Request{Action: "ecs:UpdateService", Resource: web, Keys: policy.NewKeys(tt.keys)}
				got = map[bool]string{true: "true", false: "false"}[policy.Decide(r, policy.Policies{Identity: []policy.Document{d}}).Allowed]
			}
			if got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestADenyHoldsWhereAWSLeavesItOpen(t *testing.T) {
	d := parse(t, one(`[`+allowAll+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":"team"}}}]`), policy.Identity)
	r := policy.Request{Action: "ecs:TagResource", Resource: web, Keys: policy.NewKeys(map[string][]string{"aws:TagKeys": {"a", "b"}})}
	if policy.Decide(r, policy.Policies{Identity: []policy.Document{d}}).Allowed {
		t.Error("a Deny with an operator for one value let several values pass")
	}
}
