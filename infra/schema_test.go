package main

import (
	"encoding/json"
	"strings"
	"testing"

	"fairlead/shared/config"
	"fairlead/shared/gate/gatetest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schema is what an editor shows, shared/config is what counts: they agree on what a schema can say.
func TestTheSchemaAgreesWithTheConfiguration(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range configurations(t) {
		t.Run(name, func(t *testing.T) {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			bySchema := schema.Validate(value)
			_, byConfig := config.Parse([]byte(text))
			wrong := strings.HasPrefix(name, "wrong: ")
			if (bySchema != nil) != wrong || (byConfig != nil) != wrong {
				t.Errorf("want wrong %v\nschema: %v\nconfig: %v", wrong, bySchema, byConfig)
			}
		})
	}
}

// configurations are right or, where the name says so, wrong.
func configurations(t *testing.T) map[string]string {
	given, err := readContext("..", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	// with puts fields into an otherwise complete service, and top into an otherwise complete configuration.
	with := func(fields string) string {
		return `{"services":{"web":{"cluster":"c","repository":"shop/web",` + fields + `}}}`
	}
	policy := func(p string) string { return with(`"tagPolicy":` + p) }
	top := func(fields string) string {
		return `{` + fields + `,"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}}}`
	}
	github := func(fields string) string {
		return top(`"repositories":{"shop/web":{"github":{` + fields + `}}}`)
	}
	quoted := func(text string) string {
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	key, root := quoted(gatetest.NewKey(t).Public(t)), quoted(gatetest.NewRoot(t, "root").PEM())
	return map[string]string{
		"the configuration of cdk.json": string(given[configurationKey]),
		"one with two services and defaults": `{"defaults":{"cluster":"prod","timeout":"30m"},"services":{
			"web":{"repository":"shop/web","tagPolicy":{"regexp":"[0-9a-f]{40}-[0-9]+(-[0-9]+)?"},"taskRole":"shop-web-task","executionRole":"shop-web-execution"},
			"billing":{"service":"billing-api","repository":"shop/billing","container":"api","tagPolicy":{"semver":">=2.0.0 <3.0.0"},"ignoreTags":["*-debug"],
				"taskRole":"arn:aws:iam::123456789012:role/shop/billing-task","executionRole":"shop-billing-execution","timeout":"45m","earlyStop":false}}}`,
		"an exact tag":                        policy(`{"exact":"v1"}`),
		"a glob":                              policy(`{"glob":"v*"}`),
		"the base that this version knows":    policy(`{"newest":true},"base":"service"`),
		"a prefix":                            top(`"prefix":"fairlead-two"`),
		"a repository that exists":            top(`"repositories":{"shop/web":{"existing":true}}`),
		"a provider that exists":              top(`"github":{"oidcProviderArn":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}`),
		"a branch that may push":              github(`"repository":"shop/web","branch":"main"`),
		"an environment with the ids":         github(`"repository":"shop/web","environment":"production","ownerId":"1","repositoryId":"2"`),
		"all gates":                           policy(`{"newest":true},"gates":{"image":{"immutableTag":true,"maxAge":"720h"},"scan":{"severity":"MEDIUM","unrated":"pass","timeout":"30m","allow":[{"cve":"CVE-2026-1","until":"2027-01-31","reason":"not reachable"},{"cve":"GHSA-jfh8-c2jp-5v3q","until":"never","reason":"x"}]}}`),
		"a gate with its defaults":            policy(`{"newest":true},"gates":{"scan":{}}`),
		"a gate of the defaults turned off":   `{"defaults":{"gates":{"scan":{}}},"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true},"gates":{"scan":false,"image":null}}}}`,
		"no gates":                            policy(`{"newest":true},"gates":null`),
		"wrong: a gate nobody knows":          policy(`{"newest":true},"gates":{"scans":{}}`),
		"wrong: a gate that is on":            policy(`{"newest":true},"gates":{"scan":true}`),
		"wrong: gates that are false":         policy(`{"newest":true},"gates":false`),
		"wrong: a severity that is no limit":  policy(`{"newest":true},"gates":{"scan":{"severity":"UNDEFINED"}}`),
		"wrong: a severity in small letters":  policy(`{"newest":true},"gates":{"scan":{"severity":"high"}}`),
		"wrong: unrated that is a flag":       policy(`{"newest":true},"gates":{"scan":{"unrated":true}}`),
		"wrong: a scan's timeout in number":   policy(`{"newest":true},"gates":{"scan":{"timeout":900}}`),
		"wrong: an age in days":               policy(`{"newest":true},"gates":{"image":{"maxAge":"30d"}}`),
		"wrong: a tag's flag that is text":    policy(`{"newest":true},"gates":{"image":{"immutableTag":"yes"}}`),
		"wrong: an allowance without an end":  policy(`{"newest":true},"gates":{"scan":{"allow":[{"cve":"CVE-2026-1","reason":"x"}]}}`),
		"wrong: an allowance with no reason":  policy(`{"newest":true},"gates":{"scan":{"allow":[{"cve":"CVE-2026-1","until":"never","reason":" "}]}}`),
		"wrong: an allowance of no CVE":       policy(`{"newest":true},"gates":{"scan":{"allow":[{"cve":"*","until":"never","reason":"x"}]}}`),
		"wrong: an end that is no day":        policy(`{"newest":true},"gates":{"scan":{"allow":[{"cve":"CVE-2026-1","until":"soon","reason":"x"}]}}`),
		"a signature by a key":                policy(`{"newest":true},"gates":{"signature":{"cosign":{"publicKey":` + key + `}}}`),
		"a signature by a certificate":        policy(`{"newest":true},"gates":{"signature":{"notation":{"trustedIdentities":["x509.subject: C=DE, ST=Hessen, O=Shop"],"certificates":` + root + `}}}`),
		"a signature of AWS Signer":           policy(`{"newest":true},"gates":{"signature":{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop","arn:aws-us-gov:signer:us-gov-west-1:123456789012:/signing-profiles/shop/awUPb84ibN"],"certificates":` + root + `}}}`),
		"wrong: every signing profile":        policy(`{"newest":true},"gates":{"signature":{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/*"],"certificates":` + root + `}}}`),
		"wrong: no signing profile":           policy(`{"newest":true},"gates":{"signature":{"signer":{"profiles":[],"certificates":` + root + `}}}`),
		"wrong: a signing profile twice":      policy(`{"newest":true},"gates":{"signature":{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop","arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + root + `}}}`),
		"wrong: AWS Signer without a root":    policy(`{"newest":true},"gates":{"signature":{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"]}}}`),
		"wrong: a key beside AWS Signer":      policy(`{"newest":true},"gates":{"signature":{"cosign":{"publicKey":` + key + `},"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + root + `}}}`),
		"a provenance":                        policy(`{"newest":true},"gates":{"provenance":{"builder":"https://b.example/x","source":"https://github.com/shop/web","publicKey":` + key + `}}`),
		"a provenance over the defaults":      `{"defaults":{"gates":{"provenance":{"builder":"https://b.example/x","publicKey":` + key + `}}},"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true},"gates":{"signature":false,"provenance":{"source":"https://github.com/shop/web"}}}}}`,
		"wrong: a key that is empty":          policy(`{"newest":true},"gates":{"signature":{"cosign":{"publicKey":""}}}`),
		"wrong: cosign without a key":         policy(`{"newest":true},"gates":{"signature":{"cosign":{}}}`),
		"wrong: keyless":                      policy(`{"newest":true},"gates":{"signature":{"cosign":{"keyless":true,"publicKey":` + key + `}}}`),
		"wrong: two kinds of signature":       policy(`{"newest":true},"gates":{"signature":{"cosign":{"publicKey":` + key + `},"notation":{"trustedIdentities":["x509.subject: C=DE, ST=Hessen, O=Shop"],"certificates":` + root + `}}}`),
		"wrong: everybody may sign":           policy(`{"newest":true},"gates":{"signature":{"notation":{"trustedIdentities":["x509.subject: *"],"certificates":` + root + `}}}`),
		"wrong: a signing profile":            policy(`{"newest":true},"gates":{"signature":{"notation":{"trustedIdentities":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + root + `}}}`),
		"wrong: any builder":                  policy(`{"newest":true},"gates":{"provenance":{"builder":"https://b.example/*","source":"https://github.com/shop/web","publicKey":` + key + `}}`),
		"wrong: a source with a branch":       policy(`{"newest":true},"gates":{"provenance":{"builder":"https://b.example/x","source":"https://github.com/shop/web@refs/heads/main","publicKey":` + key + `}}`),
		"wrong: allowances not in a list":     policy(`{"newest":true},"gates":{"scan":{"allow":{"cve":"CVE-2026-1"}}}`),
		"wrong: nothing":                      `{}`,
		"wrong: not an object":                `[]`,
		"wrong: no service":                   `{"services":{}}`,
		"wrong: a field that nobody knows":    with(`"tagPolicy":{"newest":true},"taskrole":"x"`),
		"wrong: a top field nobody knows":     top(`"service":{}`),
		"wrong: no tag policy":                `{"services":{"web":{"cluster":"c","repository":"shop/web"}}}`,
		"wrong: no cluster":                   `{"services":{"web":{"repository":"shop/web","tagPolicy":{"newest":true}}}}`,
		"wrong: no repository":                `{"services":{"web":{"cluster":"c","tagPolicy":{"newest":true}}}}`,
		"wrong: two kinds of policy":          policy(`{"exact":"a","glob":"b"}`),
		"wrong: no kind of policy":            policy(`{}`),
		"wrong: a policy of another kind":     policy(`{"latest":true}`),
		"wrong: newest, but not":              policy(`{"newest":false}`),
		"wrong: an empty glob":                policy(`{"glob":""}`),
		"wrong: an exact tag that is none":    policy(`{"exact":"a b"}`),
		"wrong: a base that is none":          policy(`{"newest":true},"base":"newest"`),
		"right: the family as base":           policy(`{"newest":true},"base":"family"`),
		"wrong: a timeout that is a number":   policy(`{"newest":true},"timeout":30`),
		"wrong: an early stop that is text":   policy(`{"newest":true},"earlyStop":"no"`),
		"wrong: a timeout without a unit":     policy(`{"newest":true},"timeout":"30"`),
		"wrong: a cluster by ARN":             `{"services":{"web":{"cluster":"arn:aws:ecs:eu-west-1:123456789012:cluster/c","repository":"shop/web","tagPolicy":{"newest":true}}}}`,
		"wrong: a repository with a host":     `{"services":{"web":{"cluster":"c","repository":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:web","tagPolicy":{"newest":true}}}}`,
		"wrong: a role that is no role":       policy(`{"newest":true},"taskRole":"arn:aws:iam::123456789012:user/x"`),
		"wrong: a star in a role's path":      policy(`{"newest":true},"taskRole":"arn:aws:iam::123456789012:role/*/x"`),
		"wrong: a ? in a role's path":         policy(`{"newest":true},"executionRole":"arn:aws:iam::123456789012:role/a?/x"`),
		"wrong: a variable in a role's path":  policy(`{"newest":true},"taskRole":"arn:aws:iam::123456789012:role/${*}/x"`),
		"right: other signs in a role's path": policy(`{"newest":true},"taskRole":"arn:aws:iam::123456789012:role/!#%>@~/x"`),
		"wrong: ignored tags that are empty":  policy(`{"newest":true},"ignoreTags":[""]`),
		"wrong: ignored tags not in a list":   policy(`{"newest":true},"ignoreTags":"x"`),
		"wrong: a service name with a slash":  `{"services":{"a/b":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}}}`,
		"wrong: a service name of 46":         `{"services":{"` + strings.Repeat("a", 46) + `":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}}}`,
		"wrong: a prefix of SSM's":            top(`"prefix":"SSMore"`),
		"wrong: a prefix of AWS's":            top(`"prefix":"aws"`),
		"wrong: a prefix of 21":               top(`"prefix":"` + strings.Repeat("a", 21) + `"`),
		"wrong: a provider of another host":   top(`"github":{"oidcProviderArn":"arn:aws:iam::123456789012:oidc-provider/example.com"}`),
		"right: a topic for the alarms":       top(`"alarms":{"topicArn":"arn:aws:sns:eu-west-1:123456789012:oncall"}`),
		"right: alarms that tell nobody":      top(`"alarms":{}`),
		"wrong: a FIFO topic for the alarms":  top(`"alarms":{"topicArn":"arn:aws:sns:eu-west-1:123456789012:oncall.fifo"}`),
		"wrong: a queue for the alarms":       top(`"alarms":{"topicArn":"arn:aws:sqs:eu-west-1:123456789012:oncall"}`),
		"wrong: an alarm of one's own":        top(`"alarms":{"email":"oncall@example.com"}`),
		"right: tags that may be moved":       top(`"repositories":{"shop/web":{"mutableTags":["cache-*","*-dev"],"expireUntaggedDays":30}}`),
		"wrong: every tag may be moved":       top(`"repositories":{"shop/web":{"mutableTags":["*"]}}`),
		"wrong: six wildcards over tags":      top(`"repositories":{"shop/web":{"mutableTags":["a","b","c","d","e","f"]}}`),
		"wrong: a day without a tag":          top(`"repositories":{"shop/web":{"expireUntaggedDays":1}}`),
		"wrong: an empty branch":              github(`"repository":"shop/web","branch":""`),
		"wrong: a branch and a line":          github(`"repository":"shop/web","branch":"main\n"`),
		"wrong: an environment of blanks":     github(`"repository":"shop/web","environment":" "`),
		"wrong: every environment":            github(`"repository":"shop/web","environment":"*"`),
		"right: an environment with a colon":  github(`"repository":"shop/web","environment":"eu:prod"`),
		"wrong: a number that begins with 0":  github(`"repository":"shop/web","branch":"main","ownerId":"1","repositoryId":"02"`),
		"wrong: branch and environment":       github(`"repository":"shop/web","branch":"main","environment":"production"`),
		"wrong: neither of the two":           github(`"repository":"shop/web"`),
		"wrong: a branch with a wildcard":     github(`"repository":"shop/web","branch":"*"`),
		"wrong: any repository of an owner":   github(`"repository":"shop/*","branch":"main"`),
		"wrong: one id of two":                github(`"repository":"shop/web","branch":"main","ownerId":"1"`),
		"wrong: an id that is a number":       github(`"repository":"shop/web","branch":"main","ownerId":1,"repositoryId":2`),
	}
}
