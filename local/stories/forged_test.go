package stories_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"fairlead/local/world"
)

// forgery is an input that somebody made by hand, how the execution ends and what it says.
type forgery struct{ name, input, ends, says string }

const (
	sound  = `"id":"1","source":"aws.ecr","detail-type":"ECR Image Action","account":"123456789012","region":"eu-west-1","time":"2046-11-23T08:00:05Z"`
	pushed = `"detail":{"result":"SUCCESS","action-type":"PUSH","repository-name":"shop/web","image-tag":"<tag:first>","image-digest":"<digest:first>"}`
	follow = `{"service":"web","sweep":{"follow":"arn:aws:ecs:%s:task-definition/%s"}}`
)

// forgedEvents are inputs with an event that ECR has not sent so.
func forgedEvents() []forgery {
	with := func(old, replacement string) string {
		return `{"service":"web","event":{` + strings.Replace(sound+","+pushed, old, replacement, 1) + `}}`
	}
	return []forgery{
		{"an event of another account", with("123456789012", "999999999999"), "Skipped", "account 999999999999"},
		{"of another region", with("eu-west-1", "us-east-1"), "Skipped", "region us-east-1"},
		{"of another repository", with("shop/web", "shop/webs"), "Skipped", "shop/webs"},
		{"of a tag that is not followed", with("<tag:first>", "latest"), "Skipped", "latest"},
		{"of a deletion", with("PUSH", "DELETE"), "Skipped", "DELETE"},
		{"of a push that failed", with("SUCCESS", "FAILURE"), "Skipped", "FAILURE"},
		{"of a scan", with("ECR Image Action", "ECR Image Scan"), "Failed", "event.detail-type"},
		{"of another sender", with("aws.ecr", "shop.ecr"), "Failed", "event.source"},
		{"an old one, as it was", with("", ""), "Superseded", "newer"},
		{"an old one that names the digest that runs", with(`<digest:first>`, `<digest:second>`), "Superseded", "newer"},
		{"one whose time is a number", with(`"2046-11-23T08:00:05Z"`, "-1"), "Failed", "event"},
		{"one beyond all time", with("2046-11-23T08:00:05Z", "99999-01-01T00:00:00Z"), "Failed", "event"},
		{"one with a tag beside it", strings.Replace(with("", ""), `{"service":"web",`, `{"service":"web","tag":"<tag:first>",`, 1), "Failed", "tag: not together with an event"},
		{"one that goes back", strings.Replace(with("", ""), `{"service":"web",`, `{"service":"web","allowOlder":{"replaces":"<digest:second>"},`, 1), "Failed", "allowOlder: not together"},
		{"a list of events", `{"service":"web","event":[{` + sound + `}]}`, "Failed", "event"},
	}
}

// forgedInputs are inputs of an operator's and of the sweep's form.
func forgedInputs() []forgery {
	deep := strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 900)
	all := []forgery{
		{"going back from what does not run", `{"service":"web","tag":"<tag:first>","allowOlder":{"replaces":"<digest:first>"}}`, "Skipped", "allowOlder replaces"},
		{"going back from nothing", `{"service":"web","tag":"<tag:first>","allowOlder":{"replaces":""}}`, "Failed", "allowOlder.replaces"},
		{"going back by a list", `{"service":"web","tag":"<tag:first>","allowOlder":[{"replaces":"<digest:second>"}]}`, "Failed", "allowOlder"},
		{"going back by force", `{"service":"web","tag":"<tag:first>","allowOlder":true}`, "Failed", "allowOlder"},
		{"a dry run that is a text", `{"service":"web","tag":"<tag:first>","dryRun":"false"}`, "Failed", "dryRun: want true or false"},
		{"a dry run that is nothing", `{"service":"web","tag":"<tag:first>","dryRun":0}`, "Failed", "dryRun: want true or false"},
		{"all services", `{"service":"*","tag":"<tag:first>"}`, "Failed", "Config.UnknownService"},
		{"a service that is a path", `{"service":"../web","tag":"<tag:first>"}`, "Failed", "Config.UnknownService"},
		{"a service with a blank", `{"service":"web ","tag":"<tag:first>"}`, "Failed", "Config.UnknownService"},
		{"a key twice, the last unknown", `{"service":"web","tag":"<tag:first>","service":"billing"}`, "Failed", "Config.UnknownService"},
		{"a number beyond all numbers", `{"service":"web","tag":1e400}`, "Failed", "tag"},
		{"a tag that is nested deeply", `{"service":"web","tag":` + deep + `}`, "Failed", "tag"},
		{"an unknown key that is nested deeply", `{"service":"web","tag":"<tag:first>","x":` + deep + `}`, "Failed", `unknown key \"x\"`},
		{"a digest of another algorithm", `{"service":"web","digest":"sha512:` + strings.Repeat("0", 128) + `"}`, "Failed", "digest"},
		{"a digest in capitals", `{"service":"web","digest":"sha256:` + strings.Repeat("A", 64) + `"}`, "Failed", "digest"},
		{"a sweep of a digest that its tag does not name", `{"service":"web","tag":"<tag:first>","sweep":{"digest":"<digest:second>","pushedAt":"2046-11-23T08:00:00Z"}}`, "Skipped", "the sweep found"},
		{"a sweep of what is old", `{"service":"web","tag":"<tag:first>","sweep":{"digest":"<digest:first>","pushedAt":"2046-11-23T08:00:00Z"}}`, "Superseded", "not newer"},
		{"a sweep from beyond all time", `{"service":"web","tag":"<tag:first>","sweep":{"digest":"<digest:first>","pushedAt":"99999-11-23T08:00:00Z"}}`, "Failed", "sweep"},
		{"a sweep of a hold that is a text", `{"service":"web","tag":"<tag:first>","sweep":{"digest":"<digest:first>","pushedAt":"2046-11-23T08:00:00Z","held":"yes"}}`, "Failed", "held"},
		{"a sweep that follows a revision of another account", fmt.Sprintf(follow, "eu-west-1:999999999999", "fairlead-sample-web:2"), "Skipped", "is pointed at"},
		{"a sweep that follows another family", fmt.Sprintf(follow, "eu-west-1:123456789012", "admin:1"), "Skipped", "is pointed at"},
		{"a sweep that follows what is old", fmt.Sprintf(follow, "eu-west-1:123456789012", "fairlead-sample-web:2"), "Skipped", "is pointed at"},
		{"a sweep that follows a revision below 0", fmt.Sprintf(follow, "eu-west-1:123456789012", "fairlead-sample-web:-1"), "Failed", "sweep"},
	}
	for _, key := range []string{"version", "image", "scan", "signature", "claim", "revision", "update", "rollout", "diagnosis", "rollback", "restoration", "outcome", "fault"} {
		all = append(all, forgery{"the key " + key + " of another execution", fmt.Sprintf(`{"service":"web","tag":"<tag:first>",%q:{"decision":"deploy","verdict":"healthy","taskDefinition":"admin:1"}}`, key),
			"Failed", `key \"` + key + `\" was added by a step`})
	}
	for _, key := range []string{"cluster", "family", "taskRole", "executionRole", "container", "repository", "roleArn", "gates", "prefix", "__proto__", "service\u0000"} {
		name, _ := json.Marshal(key)
		all = append(all, forgery{fmt.Sprintf("the key %q", key), fmt.Sprintf(`{"service":"web","tag":"<tag:first>",%s:"arn:aws:iam::999999999999:role/admin"}`, name), "Failed", "unknown key"})
	}
	return all
}

// TestForgedInputsTouchNothing starts executions with them after two pushes: the service, its revisions, the claim and the
// published digest stay as they are.
func TestForgedInputsTouchNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.lines(s.deeds(), "push first\nsettle\npush second\nsettle")
	for i, f := range append(forgedEvents(), forgedInputs()...) {
		t.Run(f.name, func(t *testing.T) {
			before, number := s.fingerprint(), i+3
			s.begin(fmt.Sprintf("forged-%d", i), s.fill(f.input))
			r, err := s.run(fmt.Sprint(number))
			if err != nil {
				t.Fatal(err)
			}
			if r.Outcome() != f.ends || !strings.Contains(r.Says(), f.says) {
				t.Errorf("it ended %s and says %s; want %s and %q", r.Outcome(), r.Says(), f.ends, f.says)
			}
			if after := s.fingerprint(); after != before {
				t.Errorf("something was touched:\n%s\nbefore\n%s", after, before)
			}
		})
	}
	before := s.fingerprint()
	s.lines(s.deeds(), "push third\nsettle")
	if s.fingerprint() == before {
		t.Error("a deployment leaves no trace in what is compared: that nothing was touched proves nothing")
	}
}

// fingerprint is all that a deployment could touch.
func (s *story) fingerprint() string {
	s.Helper()
	runs, err := s.lab.Service(s.Context(), cluster, service)
	if err != nil {
		s.Fatal(err)
	}
	rollouts, err := s.rollouts()
	if err != nil {
		s.Fatal(err)
	}
	text := fmt.Sprintf("%s, %d tasks, %d deployments\n", *runs.TaskDefinition, runs.DesiredCount, len(rollouts)) +
		s.ask("ecs", "ListTaskDefinitions", nil)
	var published struct {
		Parameters []struct{ Name, Value string }
	}
	s.decode(s.ask("ssm", "GetParametersByPath", map[string]any{"Path": "/", "Recursive": true}), &published)
	text += fmt.Sprint(published)
	var ledger struct{ Items []json.RawMessage }
	s.decode(s.ask("dynamodb", "Scan", map[string]any{"TableName": s.lab.Outputs()["Fairlead"]["LedgerTable"]}), &ledger)
	for _, item := range ledger.Items {
		if told := regexp.MustCompile(`"item":\{"S":"(history|outcome|sweep)#`); !told.Match(item) {
			text += "\n" + string(item)
		}
	}
	return text
}

// TestForgedEventsStartNothing puts events on the bus as the account's owner, who may put any: none in AWS's name is taken, and
// no other starts anything.
func TestForgedEventsStartNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.lines(s.deeds(), "push first\nsettle\npush second\nsettle")
	before := s.fingerprint()
	detail := s.fill(`{"result":"SUCCESS","action-type":"PUSH","repository-name":"shop/web","image-tag":"<tag:first>","image-digest":"<digest:first>"}`)
	for _, tt := range []struct {
		source, kind string
		refused      bool
	}{
		{"aws.ecr", "ECR Image Action", true}, {"aws.ecs", "ECS Deployment State Change", true}, {"aws.ecs", "ECS Task State Change", true},
		{"aws.states", "Step Functions Execution Status Change", true}, {"aws.ecr", "ECR Image Scan", true}, {"aws.inspector2", "Inspector2 Scan", true},
		{"aws.events", "Scheduled Event", true}, {"aws.ecr ", "ECR Image Action", true}, {"AWS.ECR", "ECR Image Action", false},
		{" aws.ecr", "ECR Image Action", false}, {"shop.ecr", "ECR Image Action", false}, {"fairlead", "ECR Image Action", false}, {"fairlead", "Fairlead Outcome", false},
	} {
		t.Run(tt.source+" "+tt.kind, func(t *testing.T) {
			out, err := eventbridge.NewFromConfig(s.lab.Client(s.lab.Administrator())).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
				{Source: &tt.source, DetailType: &tt.kind, Detail: &detail, Resources: []string{services + cluster + "/" + service}}}})
			if err != nil || aws.ToString(out.Entries[0].ErrorCode) != map[bool]string{true: "NotAuthorizedForSourceException"}[tt.refused] {
				t.Fatalf("%v, %+v", err, out)
			}
			calls := len(s.calls)
			s.lines(s.deeds(), "settle")
			s.lines(s.wants(), "executions 2")
			if len(s.calls) != calls || s.fingerprint() != before {
				t.Error("Fairlead acted upon it")
			}
		})
	}
	t.Run("AWS's own, of another repository, action, result or tag", func(t *testing.T) {
		for _, forged := range []string{strings.Replace(detail, "shop/web", "shop/webs", 1), strings.Replace(detail, "PUSH", "DELETE", 1),
			strings.Replace(detail, "SUCCESS", "FAILURE", 1), strings.Replace(detail, tagOf("first"), "latest", 1), strings.Replace(detail, tagOf("first"), "", 1)} {
			s.lab.Core.Do(func(*world.World) {
				s.lab.Events.Publish(world.Event{Source: "aws.ecr", DetailType: "ECR Image Action", Detail: json.RawMessage(forged)})
			})
		}
		s.lines(s.deeds(), "settle")
		s.lines(s.wants(), "executions 2")
	})
}
