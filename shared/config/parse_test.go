package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/tag"
)

// sample is the configuration that the documentation shows.
const sample = `{
  "defaults": { "cluster": "prod", "timeout": "30m" },
  "services": {
    "web":     { "repository": "shop/web", "tagPolicy": { "regexp": "[0-9a-f]{40}-[0-9]+(-[0-9]+)?" },
                 "taskRole": "shop-web-task", "executionRole": "shop-web-execution" },
    "billing": { "service": "billing-api", "repository": "shop/billing", "container": "api", "tagPolicy": { "semver": ">=2.0.0 <3.0.0" }, "ignoreTags": ["*-debug"],
                 "taskRole": "arn:aws:iam::123456789012:role/shop/billing-task", "executionRole": "shop-billing-execution", "base": "family", "timeout": "45m", "earlyStop": false }
  },
  "repositories": {
    "shop/web":     { "mutableTags": ["cache-*"], "expireUntaggedDays": 30, "github": { "repository": "shop/web", "branch": "main" } },
    "shop/billing": { "existing": true, "github": { "repository": "shop/billing", "environment": "production", "ownerId": "1", "repositoryId": "2", "watch": true } }
  },
  "github": { "oidcProviderArn": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
}`

func TestParse(t *testing.T) {
	got, err := config.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Prefix: "fairlead",
		Services: map[string]config.Service{
			"web": {Name: "web", Cluster: "prod", Service: "web", Repository: "shop/web",
				TagPolicy: policy(t, tag.Regexp, "[0-9a-f]{40}-[0-9]+(-[0-9]+)?"),
				TaskRole:  "shop-web-task", ExecutionRole: "shop-web-execution", Base: "service", Timeout: config.Duration(30 * time.Minute), EarlyStop: true},
			"billing": {Name: "billing", Cluster: "prod", Service: "billing-api", Repository: "shop/billing", Container: "api",
				TagPolicy: policy(t, tag.Semver, ">=2.0.0 <3.0.0"), IgnoreTags: []string{"*-debug"},
				TaskRole: "arn:aws:iam::123456789012:role/shop/billing-task", ExecutionRole: "shop-billing-execution", Base: "family",
				Timeout: config.Duration(45 * time.Minute)},
		},
		Repositories: map[string]config.Repository{
			"shop/web":     {Name: "shop/web", MutableTags: []string{"cache-*"}, ExpireUntagged: 30, GitHub: &config.Pusher{Repository: "shop/web", Branch: "main"}},
			"shop/billing": {Name: "shop/billing", Existing: true, GitHub: &config.Pusher{Repository: "shop/billing", Environment: "production", OwnerID: "1", RepositoryID: "2", Watch: true}},
		},
		GitHub: config.GitHub{OIDCProviderARN: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseNamesTheField(t *testing.T) {
	const web = `"repository":"shop/web","tagPolicy":{"newest":true}`
	long := strings.Repeat("a", 45)
	tests := []struct{ name, config, want string }{
		{"no JSON", `services:`, "context.fairlead: want a JSON object"},
		{"nothing", `{}`, "context.fairlead.services: at least one service is wanted"},
		{"no service", `{"services":{}}`, "context.fairlead.services: 1 to 100 services are possible, there are 0"},
		{"an unknown field at the top", `{"service":{},"services":{"web":{"cluster":"prod",` + web + `}}}`, "context.fairlead.service: unknown field; the fields are prefix, defaults, services, repositories, github"},
		{"an unknown field of a service", `{"services":{"web":{"cluster":"prod","tags":[],` + web + `}}}`, "context.fairlead.services.web.tags: unknown field; the fields are cluster, service,"},
		{"a field in capitals", `{"services":{"web":{"Cluster":"prod",` + web + `}}}`, "context.fairlead.services.web.Cluster: unknown field"},
		{"an unknown default", `{"defaults":{"cpu":1},"services":{"web":{"cluster":"prod",` + web + `}}}`, "context.fairlead.defaults.cpu: unknown field"},
		{"a missing cluster", `{"services":{"web":{` + web + `}}}`, "context.fairlead.services.web.cluster: it is missing: the ECS cluster's name"},
		{"a missing repository", `{"services":{"web":{"cluster":"prod","tagPolicy":{"newest":true}}}}`, "context.fairlead.services.web.repository: it is missing"},
		{"a missing tag policy", `{"services":{"web":{"cluster":"prod","repository":"shop/web"}}}`, "context.fairlead.services.web.tagPolicy: it is missing"},
		{"a cluster that is an ARN", `{"services":{"web":{"cluster":"arn:aws:ecs:eu-west-1:123456789012:cluster/prod",` + web + `}}}`, "context.fairlead.services.web.cluster: want the plain name"},
		{"a repository with its registry", `{"services":{"web":{"cluster":"prod","tagPolicy":{"newest":true},"repository":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1"}}}`,
			"context.fairlead.services.web.repository: want the name of an ECR repository"},
		{"a role in capitals of nonsense", `{"services":{"web":{"cluster":"prod","executionRole":"shop/web",` + web + `}}}`, "context.fairlead.services.web.executionRole: want a role's name, or its ARN"},
		{"a role whose path has a star", `{"services":{"web":{"cluster":"prod","taskRole":"arn:aws:iam::123456789012:role/*/web-task",` + web + `}}}`, "context.fairlead.services.web.taskRole: want a role's name, or its ARN if it has a path, without *, ? and $"},
		{"a role whose path has a question mark", `{"services":{"web":{"cluster":"prod","executionRole":"arn:aws:iam::123456789012:role/sho?/web-task",` + web + `}}}`, "context.fairlead.services.web.executionRole: want a role's name"},
		{"a role whose path has a variable", `{"services":{"web":{"cluster":"prod","taskRole":"arn:aws:iam::123456789012:role/${aws:username}/web-task",` + web + `}}}`, "context.fairlead.services.web.taskRole: want a role's name"},
		{"a role that is a session", `{"services":{"web":{"cluster":"prod","taskRole":"arn:aws:sts::123456789012:assumed-role/a/b",` + web + `}}}`, "context.fairlead.services.web.taskRole: want a role's name"},
		{"a container that is a number", `{"services":{"web":{"cluster":"prod","container":1,` + web + `}}}`, "context.fairlead.services.web.container: want"},
		{"a policy that is none", `{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"glob":"["}}}}`, `context.fairlead.services.web.tagPolicy: glob "[": syntax error in pattern`},
		{"an ignored pattern that is none", `{"services":{"web":{"cluster":"prod","ignoreTags":["a","["],` + web + `}}}`, "context.fairlead.services.web.ignoreTags[1]: want a pattern"},
		{"an early stop that is a text", `{"services":{"web":{"cluster":"prod","earlyStop":"no",` + web + `}}}`, "context.fairlead.services.web.earlyStop: want true or false"},
		{"a timeout that is a number", `{"services":{"web":{"cluster":"prod","timeout":30,` + web + `}}}`, `context.fairlead.services.web.timeout: want a duration like "30m"`},
		{"a timeout of a second", `{"services":{"web":{"cluster":"prod","timeout":"1s",` + web + `}}}`, "context.fairlead.services.web.timeout: 1s is outside 1m0s to 5h0m0s"},
		{"a base that is none", `{"services":{"web":{"cluster":"prod","base":"newest",` + web + `}}}`, `context.fairlead.services.web.base: want "service" or "family"`},
		{"a name with a dot", `{"services":{"web.eu":{"cluster":"prod",` + web + `}}}`, "context.fairlead.services.web.eu: a service's name has"},
		{"a name that is too long", `{"services":{"` + long + `a":{"cluster":"prod",` + web + `}}}`, "a service's name has letters"},
		{"a name that is too long for its roles", `{"prefix":"deployments-of-a","services":{"` + long + `":{"cluster":"prod",` + web + `}}}`, "would have 71 characters, IAM takes 64"},
		{"names that differ in case alone", `{"services":{"web":{"cluster":"a",` + web + `},"Web":{"cluster":"b",` + web + `}}}`, `differs from "Web" in upper and lower case alone`},
		{"two names for one service", `{"services":{"a":{"cluster":"prod","service":"x",` + web + `},"b":{"cluster":"prod","service":"x",` + web + `}}}`,
			`context.fairlead.services.b.service: the ECS service prod/x is deployed by "a" already`},
		{"a service that is null", `{"services":{"web":null}}`, "context.fairlead.services.web: want a JSON object"},
		{"a prefix that SSM reserves", `{"prefix":"Awsome","services":{"web":{"cluster":"prod",` + web + `}}}`, "context.fairlead.prefix: it begins the names of SSM parameters, which may not begin with aws or ssm"},
		{"another prefix that SSM reserves", `{"prefix":"ssm-x","services":{"web":{"cluster":"prod",` + web + `}}}`, "may not begin with aws or ssm"},
		{"a prefix with a blank", `{"prefix":"fair lead","services":{"web":{"cluster":"prod",` + web + `}}}`, "context.fairlead.prefix: want a letter and then"},
		{"jobs of no branch", withRepository(`{"github":{"repository":"shop/web"}}`), "context.fairlead.repositories.shop/web.github: say which jobs may push: exactly one of branch and environment"},
		{"jobs of a branch and an environment", withRepository(`{"github":{"repository":"shop/web","branch":"main","environment":"prod"}}`), "exactly one of branch and environment"},
		{"jobs of every branch", withRepository(`{"github":{"repository":"shop/web","branch":"*"}}`), "context.fairlead.repositories.shop/web.github.branch: want the name of one branch"},
		{"jobs of no repository", withRepository(`{"github":{"branch":"main"}}`), "context.fairlead.repositories.shop/web.github.repository: it is missing"},
		{"one of GitHub's numbers", withRepository(`{"github":{"repository":"shop/web","branch":"main","ownerId":"1"}}`), "ownerId and repositoryId go together"},
		{"jobs of an empty branch", withRepository(`{"github":{"repository":"shop/web","branch":""}}`), "context.fairlead.repositories.shop/web.github.branch: want the name of one branch"},
		{"jobs of an empty environment", withRepository(`{"github":{"repository":"shop/web","environment":""}}`), "context.fairlead.repositories.shop/web.github.environment: want the name of one environment"},
		{"jobs of every environment", withRepository(`{"github":{"repository":"shop/web","environment":"prod*"}}`), "github.environment: want the name of one environment, without wildcards"},
		{"jobs of an environment of blanks", withRepository(`{"github":{"repository":"shop/web","environment":" "}}`), "github.environment: want"},
		{"jobs of a branch that ends a line", withRepository(`{"github":{"repository":"shop/web","branch":"main\n"}}`), "github.branch: want"},
		{"jobs of a branch with a control character", withRepository(`{"github":{"repository":"shop/web","branch":"ma\u0007in"}}`), "github.branch: want"},
		{"jobs of a whole ref", withRepository(`{"github":{"repository":"shop/web","branch":"refs/heads/main"}}`), "github.branch: it is a whole ref; want the name of one branch"},
		{"jobs of a branch that git does not take", withRepository(`{"github":{"repository":"shop/web","branch":"a..b"}}`), "github.branch: git takes no branch of this name"},
		{"jobs of a branch that is a folder", withRepository(`{"github":{"repository":"shop/web","branch":"release/"}}`), "github.branch: a branch neither begins with"},
		{"jobs of every repository of an owner", withRepository(`{"github":{"repository":"shop/*","branch":"main"}}`), "github.repository: want owner/name, without wildcards"},
		{"a subject in the place of a repository", withRepository(`{"github":{"repository":"shop@1/web@2","branch":"main"}}`), "github.repository: want owner/name"},
		{"a number that is none", withRepository(`{"github":{"repository":"shop/web","branch":"main","ownerId":"*","repositoryId":"007"}}`), "github.repositoryId: want GitHub's number, as a string: gh api"},
		{"every tag may be moved", withRepository(`{"mutableTags":["**"]}`), "mutableTags[0]: every tag could be moved"},
		{"a wildcard that ECR does not take", withRepository(`{"mutableTags":["a*b*c*"]}`), "mutableTags[0]: want a wildcard over tags"},
		{"more wildcards than ECR takes", withRepository(`{"mutableTags":["a","b","c","d","e","f"]}`), "mutableTags: want a list of one to five"},
		{"settings of a repository that exists", withRepository(`{"existing":true,"mutableTags":["cache-*"]}`), "shop/web.existing: mutableTags and expireUntaggedDays are for repositories that the stack makes"},
		{"images without a tag that are dropped at once", withRepository(`{"expireUntaggedDays":1}`), "expireUntaggedDays: want a number of days from 7 to 3650"},
		{"another provider", `{"github":{"oidcProviderArn":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"services":{"web":{"cluster":"prod",` + web + `}}}`, "context.fairlead.github.oidcProviderArn: want the ARN"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Parse([]byte(test.config))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestParseNamesEveryProblemOnce(t *testing.T) {
	_, err := config.Parse([]byte(`{"services":{"web":{"cluster":"a b","timeout":"1s","repository":"shop/web"}}}`))
	want := `context.fairlead.services.web.cluster: want the plain name (letters, digits, '_' and '-'), not an ARN
context.fairlead.services.web.timeout: 1s is outside 1m0s to 5h0m0s
context.fairlead.services.web.tagPolicy: it is missing: which tags are deployed: {"glob": "v*"}, or {"newest": true} for all`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Error(diff)
	}
}

func TestAHundredServices(t *testing.T) {
	services := map[string]any{}
	for i := range 101 {
		services[fmt.Sprintf("s%d", i)] = map[string]any{"repository": "shop/web"}
	}
	whole := map[string]any{"defaults": map[string]any{"cluster": "prod", "tagPolicy": map[string]bool{"newest": true}}, "services": services}
	raw, _ := json.Marshal(whole)
	if _, err := config.Parse(raw); err == nil || !strings.Contains(err.Error(), "1 to 100 services are possible, there are 101") {
		t.Errorf("101 services: %v", err)
	}
	delete(services, "s7")
	raw, _ = json.Marshal(whole)
	if _, err := config.Parse(raw); err != nil {
		t.Errorf("100 services: %v", err)
	}
}

func TestDefaultsDoNotShareALaterService(t *testing.T) {
	got, err := config.Parse([]byte(`{"defaults":{"cluster":"prod","tagPolicy":{"newest":true},"repository":"shop/all","container":"app"},
		"services":{"a":{"container":"other","tagPolicy":{"exact":"live"}},"b":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if b := got.Services["b"]; b.Container != "app" || b.TagPolicy.Kind() != tag.Newest || b.Service != "b" {
		t.Errorf("b has %+v", b)
	}
}

func TestLookupListsTheNames(t *testing.T) {
	c, err := config.Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Lookup("billing"); err != nil || s.Service != "billing-api" {
		t.Errorf("billing: %+v, %v", s, err)
	}
	if _, err := c.Lookup("Web"); err == nil || !strings.Contains(err.Error(), `no service "Web" is configured; there are billing, web`) {
		t.Errorf("Web: %v", err)
	}
}

// FuzzParse attacks the promise of the zip: what is parsed and encoded is parsed as the same services, in the same bytes.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"defaults":{"ignoreTags":["x"]},"services":{"web":{"ignoreTags":[],"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true}}}}`))
	f.Add([]byte(`{"prefix":"x","services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"glob":"v*"},"timeout":"1h0.5s"}}}`))
	f.Add(gated(`{"image":{"maxAge":"1h"}}`, `{"scan":{"allow":[{"cve":"CVE-2026-1","until":"never","reason":"x"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := config.Parse(raw)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "context.fairlead") {
				t.Fatalf("%s: the error %q names no field", raw, err)
			}
			return
		}
		encoded, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := config.Parse(encoded)
		if err != nil {
			t.Fatalf("%s\nencoded as\n%s\n%v", raw, encoded, err)
		}
		if diff := cmp.Diff(c.Services, again.Services); diff != "" || again.Prefix != c.Prefix {
			t.Fatalf("%s\nencoded as\n%s\n%s", raw, encoded, diff)
		}
		if twice, err := again.Encode(); err != nil || string(twice) != string(encoded) {
			t.Fatalf("encoded once:\n%s\ntwice:\n%s", encoded, twice)
		}
	})
}

func withRepository(repository string) string {
	return `{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true}}},"repositories":{"shop/web":` + repository + `}}`
}

func policy(t *testing.T, kind tag.Kind, text string) tag.Policy {
	t.Helper()
	p, err := tag.New(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
