package stories_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// abuse is what somebody does with a task token while an execution waits for its rollout, and how AWS answers: with a word of the
// error, or with nothing.
type abuse struct {
	name  string
	role  string // whose session was stolen; "" for the account's owner
	do    func(ctx context.Context, client *sfn.Client, token string) error
	error string
}

func abuses() []abuse {
	succeed := func(output string, times int) func(context.Context, *sfn.Client, string) error {
		return func(ctx context.Context, client *sfn.Client, token string) (err error) {
			for range times {
				_, err = client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: &token, Output: &output})
			}
			return err
		}
	}
	forge := func(change func(string) string) func(context.Context, *sfn.Client, string) error {
		return func(ctx context.Context, client *sfn.Client, token string) error {
			return succeed("{}", 1)(ctx, client, change(token))
		}
	}
	fail := func(name string) func(context.Context, *sfn.Client, string) error {
		return func(ctx context.Context, client *sfn.Client, token string) error {
			_, err := client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: &token, Error: &name, Cause: aws.String("\x1b[31mforged")})
			return err
		}
	}
	beat := func(ctx context.Context, client *sfn.Client, token string) error {
		_, err := client.SendTaskHeartbeat(ctx, &sfn.SendTaskHeartbeatInput{TaskToken: &token})
		return err
	}
	const healthy = `{"service":"web","rollout":{"verdict":"healthy"},"outcome":{"name":"Deployed"},"image":{"decision":"deploy"}}`
	const waker, denied = "fairlead-wake-execution", "is not authorized to perform: "
	return []abuse{
		{"returned too early", waker, succeed("{}", 1), ""},
		{"returned with a document", waker, succeed(healthy, 1), ""},
		{"returned with nothing but a number", waker, succeed("-1", 1), ""},
		{"returned twice", waker, succeed("{}", 2), "TaskTimedOut"},
		{"returned with what is no JSON", waker, succeed("{", 1), "InvalidOutput"},
		{"returned with too much", waker, succeed(`"`+strings.Repeat("x", 1<<18)+`"`, 1), "ValidationException"},
		{"made up", waker, forge(func(string) string { return strings.Repeat("A", 300) }), "InvalidToken"},
		{"of nothing", waker, forge(func(string) string { return " " }), "InvalidToken"},
		{"cut", waker, forge(func(token string) string { return token[:len(token)/2/4*4] }), "InvalidToken"},
		{"with something behind it", waker, forge(func(token string) string { return token + "AAAA" }), "Invalid"},
		{"too long", waker, forge(func(token string) string { return strings.Repeat(token, 20) }), "ValidationException"},
		{"failed by the waker", waker, fail("Rollout.Failed"), denied + "states:SendTaskFailure"},
		{"kept alive by the waker", waker, beat, denied + "states:SendTaskHeartbeat"},
		{"returned by CI", "fairlead-push-shop-web", succeed("{}", 1), denied + "states:SendTaskSuccess"},
		{"returned by the look role", "fairlead-web-look", succeed("{}", 1), denied + "states:SendTaskSuccess"},
		{"returned by the update role", "fairlead-web-update", succeed("{}", 1), denied + "states:SendTaskSuccess"},
		{"returned by the container", "fairlead-sample-web-task", succeed("{}", 1), denied + "states:SendTaskSuccess"},
		{"returned by an operator's role", "fairlead-hold", succeed("{}", 1), denied + "states:SendTaskSuccess"},
		{"failed by CI", "fairlead-push-shop-web", fail("Rollout.Failed"), denied + "states:SendTaskFailure"},
		{"failed as if it had timed out, by the owner", "", fail("States.Timeout"), ""},
	}
}

// TestATokenEndsOneWait lets somebody abuse a token of an execution whose image is well, and of one whose image is broken: each
// ends as it would have, because the verdict comes from ECS.
func TestATokenEndsOneWait(t *testing.T) {
	t.Parallel()
	for _, image := range []struct{ label, ends, runs string }{{"", "Deployed", "newer"}, {" local.unhealthy=true", "RolledBack", "base"}} {
		for i, a := range abuses() {
			if image.ends == "RolledBack" && i > 3 {
				continue // what AWS refuses it refuses alike
			}
			t.Run(a.name+", "+image.ends, func(t *testing.T) {
				t.Parallel()
				s := newStory(t)
				client := sfn.NewFromConfig(s.as(t, a.role))
				s.lines(s.deeds(), "push newer"+image.label+"\npass 20s")
				token := s.parked(t)["token"]
				err := a.do(t.Context(), client, token)
				if a.error == "" && err != nil || a.error != "" && (err == nil || !strings.Contains(err.Error(), a.error)) {
					t.Errorf("AWS says %v, want %q", err, a.error)
				}
				s.lines(s.deeds(), "settle")
				s.lines(s.wants(), "execution 1 "+image.ends+"\nruns "+image.runs+"\nupdates 1\nregistered 1\nevents 1 1")
				if err := a.do(t.Context(), client, token); err == nil {
					t.Error("it is taken after the end of the execution")
				}
			})
		}
	}
}

// as is how whoever stole a session of a role calls AWS; "" is the account's owner.
func (s *story) as(t *testing.T, role string) aws.Config {
	t.Helper()
	if role == "" {
		return s.lab.Client(s.lab.Administrator())
	}
	stolen, ok := sessions(t, s.lab)[role]
	if !ok {
		t.Fatalf("there is no role %s", role)
	}
	return stolen
}

// parked is the token that the execution has parked in the ledger.
func (s *story) parked(t *testing.T) map[string]string {
	t.Helper()
	for _, item := range s.items(s.ask("dynamodb", "Scan", map[string]any{"TableName": s.lab.Outputs()["Fairlead"]["LedgerTable"]})) {
		if item["token"] != "" {
			return item
		}
	}
	t.Fatal("no token is parked: nothing waits")
	return nil
}

// TestForgedTokensInTheLedgerHarmNothing lets a thief of the session that parks tokens write others.
func TestForgedTokensInTheLedgerHarmNothing(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(item map[string]string){
		"a token that is none": func(item map[string]string) { item["token"] = "\x1b[31mnone" },
		"no token":             func(item map[string]string) { item["token"] = "" },
		"a token of before":    func(item map[string]string) { item["token"] = item["before"] },
		"another revision": func(item map[string]string) {
			item["taskDefinition"] = "arn:aws:ecs:eu-west-1:123456789012:task-definition/fairlead-sample-web:1"
		},
		"a revision that is none": func(item map[string]string) { item["taskDefinition"] = "$.image" },
		"another execution": func(item map[string]string) {
			item["execution"] = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:other"
		},
		"another state":                      func(item map[string]string) { item["state"] = "AwaitScan" },
		"another service":                    func(item map[string]string) { item["service"] = "billing" },
		"a failure that was not":             func(item map[string]string) { item["failed"] = item["taskDefinition"] },
		"a time that is none":                func(item map[string]string) { item["since"] = "yesterday" },
		"a second item with the same token":  func(item map[string]string) { item["id"] = "ffffffffffffffff#AwaitRollout" },
		"an item that awaits another's scan": func(item map[string]string) { item["image"] = "sha256:" + strings.Repeat("0", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), "push first\npass 20s")
			before := s.parked(t)["token"]
			s.lines(s.deeds(), "settle\npush newer\npass 20s")
			item := s.parked(t)
			item["before"] = before
			forge(item)
			row := map[string]types.AttributeValue{}
			for key, value := range item {
				row[key] = &types.AttributeValueMemberS{Value: value}
			}
			_, err := dynamodb.NewFromConfig(s.as(t, "fairlead-await-rollout")).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(s.lab.Outputs()["Fairlead"]["LedgerTable"]), Item: row})
			if err != nil {
				t.Fatal(err)
			}
			s.lines(s.deeds(), "settle")
			s.lines(s.wants(), "executions 2\nexecution 2 Deployed\nruns newer\nupdates 2\nregistered 2\nevents 2 1\nhonest")
		})
	}
}

// TestARedriveOfWhatIsStaleTouchesNothing lets an execution fail at a call, deploys a newer push, and redrives the old one.
func TestARedriveOfWhatIsStaleTouchesNothing(t *testing.T) {
	t.Parallel()
	for call, ends := range map[string]string{
		"ecr:DescribeImages": "Superseded", "dynamodb:PutItem fairlead-claim-service": "Superseded", "ecs:RegisterTaskDefinition": "Superseded", "ecs:UpdateService": "Superseded",
		"ecs:DescribeServices fairlead-web-look": "Superseded", "dynamodb:PutItem fairlead-await-rollout": "Superseded",
		// These had deployed, and say so late: what is published stays the newer one's.
		"events:PutEvents fairlead-record-outcome": "Deployed", "ssm:PutParameter": "Deployed",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), "forbid "+call+"\npush first\nsettle\nallow\npush second\nsettle")
			s.lines(s.wants(), "execution 1 Failed\nexecution 2 Deployed\nruns second")
			before := s.fingerprint()
			s.lines(s.deeds(), "redrive 1\nsettle")
			if after := s.fingerprint(); after != before {
				t.Errorf("the redrive has touched something:\n%s\nbefore\n%s", after, before)
			}
			s.lines(s.wants(), "executions 2\nexecution 1 "+ends+"\nruns second\nparameter second\nhonest")
		})
	}
}
