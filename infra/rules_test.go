package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fairlead/shared/config"

	"github.com/google/go-cmp/cmp"
)

// services reads a configuration's services, sorted by name.
func services(t *testing.T, text string) []config.Service {
	t.Helper()
	parsed, err := config.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return (&deployer{config: parsed}).services()
}

// many writes n services s00, s01, … with the given fields.
func many(n int, fields string) string {
	written := make([]string, n)
	for i := range written {
		written[i] = fmt.Sprintf(`"s%02d":{%s}`, i, fields)
	}
	return `{"services":{` + strings.Join(written, ",") + `}}`
}

func TestAPushRuleIsPinnedOnAllThatECRSays(t *testing.T) {
	rules, err := pushRules(services(t, `{"services":{"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"exact":"v1"}}}}`))
	if err != nil || len(rules) != 1 {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	got, err := json.Marshal(rules[0].Pattern)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"account":[{"Ref":"AWS::AccountId"}],` +
		`"detail":{"action-type":["PUSH"],"image-tag":["v1"],"repository-name":["shop/web"],"result":["SUCCESS"]},` +
		`"detail-type":["ECR Image Action"],"source":["aws.ecr"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestThereIsOneRulePerRepositoryAndTagPolicyWithFiveServicesEach(t *testing.T) {
	const one, other = `"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}`, `"cluster":"c","repository":"shop/web","tagPolicy":{"glob":"v*"}`
	for name, c := range map[string]struct {
		configuration string
		want          []int // services of each rule
	}{
		"one service":                         {many(1, one), []int{1}},
		"five services on one rule":           {many(5, one), []int{5}},
		"a sixth takes a second rule":         {many(6, one), []int{5, 1}},
		"eleven take three":                   {many(11, one), []int{5, 5, 1}},
		"two policies are two rules":          {`{"services":{"a":{` + one + `},"b":{` + other + `}}}`, []int{1, 1}},
		"ignored tags make no difference":     {`{"services":{"a":{` + one + `},"b":{` + one + `,"ignoreTags":["x"]}}}`, []int{2}},
		"one policy on two repositories is 2": {`{"services":{"a":{` + one + `},"b":{` + strings.Replace(one, "shop/web", "shop/api", 1) + `}}}`, []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := pushRules(services(t, c.configuration))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			ids := map[string]bool{}
			for _, r := range rules {
				got = append(got, len(r.Services))
				ids[r.ID] = true
			}
			if diff := cmp.Diff(c.want, got); diff != "" || len(ids) != len(rules) {
				t.Errorf("ids %v\n%s", ids, diff)
			}
		})
	}
}

// A logical id that changed would replace the rule, and lose the pushes in between.
func TestARuleKeepsItsIDWhenOtherServicesComeAndGo(t *testing.T) {
	const web = `"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"glob":"v*"}}`
	alone, err := pushRules(services(t, `{"services":{`+web+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	among, err := pushRules(services(t, `{"services":{"a":{"cluster":"c","repository":"a","tagPolicy":{"glob":"v*"}},
		"b":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}},`+web+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	if last := among[len(among)-1]; alone[0].ID != last.ID || !strings.HasPrefix(last.ID, "PushToShopWeb") {
		t.Errorf("%s became %s", alone[0].ID, last.ID)
	}
}

// What wakes an execution: everything that may change a verdict, of our services alone.
func TestWakeRulesListenToOurServicesAlone(t *testing.T) {
	rules := wakeRules(services(t, `{"services":{
		"web":{"cluster":"c","service":"shop-web","repository":"shop/web","tagPolicy":{"newest":true}},
		"api":{"cluster":"c","repository":"shop/api","tagPolicy":{"newest":true}}}}`))
	got, err := json.Marshal(map[string]any{rules[0].ID: rules[0].Pattern, rules[1].ID: rules[1].Pattern})
	if err != nil || len(rules) != 2 {
		t.Fatal(len(rules), err)
	}
	const here = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"
	const want = `{"DeploymentChanged":{"account":[{"Ref":"AWS::AccountId"}],"detail-type":["ECS Deployment State Change"],` +
		`"resources":[{"Fn::Sub":"` + here + `service/c/api"},{"Fn::Sub":"` + here + `service/c/shop-web"}],"source":["aws.ecs"]},` +
		`"TaskStopped":{"account":[{"Ref":"AWS::AccountId"}],"detail":{` +
		`"$or":[{"stopCode":[{"anything-but":["ServiceSchedulerInitiated"]}]},{"stoppedReason":[{"prefix":"Task failed"}]}],` +
		`"clusterArn":[{"Fn::Sub":"` + here + `cluster/c"}],"group":["service:api","service:shop-web"],` +
		`"lastStatus":["STOPPED"],"startedBy":[{"prefix":"ecs-svc/"}]},` +
		`"detail-type":["ECS Task State Change"],"source":["aws.ecs"]}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestTheNamesOfAHundredServicesFitIntoTheirPatterns(t *testing.T) {
	for name, written := range map[string]string{
		"in one cluster":  many(100, `"cluster":"a-cluster-with-quite-a-long-name-in-production","repository":"shop/web","tagPolicy":{"newest":true}`),
		"each in its own": ownClusters(100),
	} {
		t.Run(name, func(t *testing.T) { fitsIntoPatterns(t, wakeRules(services(t, written))) })
	}
}

// ownClusters is a configuration of so many services with the shortest names, each in a cluster of its own.
func ownClusters(n int) string {
	var written []string
	for i := range n {
		written = append(written, fmt.Sprintf(`"s%d":{"cluster":"c%d","repository":"shop/web","tagPolicy":{"newest":true}}`, i, i))
	}
	return `{"services":{` + strings.Join(written, ",") + `}}`
}

// fitsIntoPatterns checks that the rules have a hundred services, in patterns that EventBridge takes where ARNs are longest.
func fitsIntoPatterns(t *testing.T, rules []rule) {
	t.Helper()
	if len(rules) < 4 {
		t.Errorf("%d rules for a hundred services", len(rules))
	}
	seen := 0
	ids := map[string]bool{}
	for _, r := range rules {
		const longer = len("aws-us-gov") + len("us-gov-west-1") - len("aws") - len("ap-southeast-2")
		arns := strings.Count(fmt.Sprint(r.Pattern), partition)
		if n := resolvedLength(r.Pattern) + arns*longer; n > quotas()["pattern"].limit {
			t.Errorf("the pattern of %s has %d characters", r.ID, n)
		}
		if arns, ok := r.Pattern["resources"].([]any); ok {
			seen += len(arns)
		}
		ids[r.ID] = true
	}
	if seen != 100 || len(ids) != len(rules) {
		t.Errorf("%d services in %d rules with %d ids", seen, len(rules), len(ids))
	}
}

func TestDeadLetterQueuesTakeFiftyRulesEach(t *testing.T) {
	for rule, want := range map[int]string{0: "DeadLetters", 49: "DeadLetters", 50: "DeadLetters2", 149: "DeadLetters3"} {
		if got := queueID(rule); got != want {
			t.Errorf("rule %d has %s, want %s", rule, got, want)
		}
	}
}
