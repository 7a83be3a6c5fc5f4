package stories_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// canary is a secret that is put somewhere, and all the places in which it may be found after.
type canary struct {
	name, secret string
	in           []string
}

// The places that hold what a document says: whatever is told of an execution is told in all of them.
func told() []string {
	return []string{"the functions' logs", "the histories", "the calls", "the events", "the ledger"}
}

// leaks are lines that containers print, with a secret each. The first are of forms that are taken out of what is quoted; of
// the others docs/security.md says that they are quoted.
func leaks() []canary {
	own := []string{"the container's log"}
	quoted := append(told(), "the container's log", "the command line", "the workflow's log")
	return []canary{
		{"DB_PASSWORD=canary01pw port=5432", "canary01pw", own},
		{`password: "canary02 and more" host=db`, "canary02", own},
		{`{"level":"error","token":"canary03tok","port":1}`, "canary03tok", own},
		{"using AKIACANARY04EXAMPLE0 now", "AKIACANARY04EXAMPLE0", own},
		{"aws_secret_access_key = canary05/K7MDENG/bPxRfiCYEXAMPLEKEYxxxx", "canary05", own},
		{"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.canary06 of the user", "canary06", own},
		{"Authorization: Bearer canary07abcdefgh", "canary07abcdefgh", own},
		{"sent Basic canary08OmNhbmFyeTA4", "canary08OmNhbmFyeTA4", own},
		{"dial postgres://web:canary09pw@db:5432/shop", "canary09pw", own},
		{"GET https://b.s3.amazonaws.com/k?X-Amz-Signature=canary10sig&x=1", "canary10sig", own},
		{"use ghp_canary11e42F292c6912E7710c83 to clone", "canary11", own},
		{"key canary12canary12canary12canary12canary12canary12 end", "canary12", own},
		{"Set-Cookie: session_id=canary13; Path=/", "canary13", own},
		{"-----BEGIN RSA PRIVATE KEY-----canary14", "canary14", own},
		{"run --api-key=canary15key --port 80", "canary15key", own},
		{"DB_PASS\x1b[31mWORD=canary16pw after a colour", "canary16pw", own},
		{"password=" + strings.Repeat("x", 180) + "canary17pw", "canary17pw", own},
		{`{"level":"error","msg":"DB_PASSWORD=canary40pw port=5432"}`, "canary40pw", own},
		{`{"level":"error","msg":"{\"token\":\"canary41tok\"}"}`, "canary41tok", own},
		{`{"headers":{"X-Api-Key":["canary42key"]}}`, "canary42key", own},
		{"the code word is canary18word", "canary18word", quoted},
	}
}

// planted are secrets in what is deployed and in what starts an execution.
func planted() []canary {
	carried := []string{"the revisions"} // from one revision to the next, which is what deploying is
	typed := []string{"the histories", "the dead letters"}
	return []canary{
		{"a variable", "canary20plain", carried}, {"a variable that is called a password", "canary21pw", carried}, {"the command", "canary22arg", carried},
		{"a health check", "canary23health", carried}, {"a label of the container", "canary24label", carried}, {"a tag of the revision", "canary25tag", carried},
		{"the value of a secret", "canary26value", nil}, {"a tag of the service", "canary27tag", nil}, {"a label of the image", "canary28label", nil},
		{"an event's further field", "canary30field", typed[:1]}, {"the value of an unknown key", "canary31value", typed}, {"a value of another kind", "canary32kind", typed},
		{"within allowOlder", "canary33older", typed}, {"a finished document's key", "canary34document", typed},
	}
}

// TestSecretsAreNowhere plants canaries, lets executions end in each way, and looks for them in all that is left behind.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	s, words := listening(t)
	keys := s.issued()
	s.plant()
	s.live()
	places := s.places(words.String())
	for _, control := range []struct{ place, text string }{
		{"the functions' logs", s.digests["fit"]}, {"the workflow's log", "Permission.Denied"}, {"the container's log", "canary18word"},
		{"the histories", s.digests["fit"]}, {"the ledger", s.digests["leak0"]}, {"the parameters", s.digests["fit"]},
		{"the dead letters", "Step Functions Execution Status Change"}, {"the command line", s.digests["leak1"]}, {"the command line", "the database moves"},
		{"the calls", s.digests["fit"]}, {"the revisions", s.digests["fit"]}, {"the events", s.digests["fit"]}, {"AWS's errors", "is not authorized to perform"},
	} {
		if !strings.Contains(places[control.place], control.text) {
			t.Errorf("%s lack %q: a search there would find nothing", control.place, control.text)
		}
	}
	for i, leak := range leaks() {
		if mark := near(i); !strings.Contains(places["the histories"], mark) {
			t.Errorf("the line %q is not quoted at all: that its secret is not proves nothing", leak.name)
		}
	}
	for _, c := range slices.Concat(leaks(), planted(), *keys) {
		t.Run(c.name, func(t *testing.T) {
			for place, text := range places {
				if got, want := strings.Contains(text, c.secret), slices.Contains(c.in, place); got && !want {
					t.Errorf("%s have it: …%s…", place, around(text, c.secret))
				} else if want && !got {
					t.Errorf("%s do not have it, and docs/security.md says that they do", place)
				}
			}
		})
	}
	if t.Failed() {
		s.report()
	}
	if len(*keys) < 20 || len(places) != 12 {
		t.Errorf("%d keys and tokens were issued, in %v was looked", len(*keys), slices.Sorted(maps.Keys(places)))
	}
}

// plant puts a revision into service that is full of canaries.
func (s *story) plant() {
	s.Helper()
	s.ask("ssm", "PutParameter", map[string]any{"Name": "/shop/db", "Value": "canary26value", "Type": "String"})
	s.ask("iam", "PutRolePolicy", map[string]any{"RoleName": "fairlead-sample-web-execution", "PolicyName": "secrets", "PolicyDocument": document(map[string]any{
		"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"})})
	s.ask("ecs", "TagResource", map[string]any{"resourceArn": services + cluster + "/" + service, "tags": []map[string]string{{"key": "note", "value": "canary27tag"}}})
	err := s.putInService(func(in *ecs.RegisterTaskDefinitionInput) {
		c := &in.ContainerDefinitions[0]
		c.Environment = []ecstypes.KeyValuePair{{Name: aws.String("PLAIN"), Value: aws.String("canary20plain")}, {Name: aws.String("DB_PASSWORD"), Value: aws.String("canary21pw")}}
		c.Command = []string{"serve", "--word", "canary22arg"}
		c.HealthCheck.Command = []string{"CMD-SHELL", "curl -u web:canary23health localhost"}
		c.DockerLabels = map[string]string{"note": "canary24label"}
		c.Secrets = []ecstypes.Secret{{Name: aws.String("DB"), ValueFrom: aws.String("/shop/db")}}
		in.Tags = []ecstypes.Tag{{Key: aws.String("note"), Value: aws.String("canary25tag")}}
	})
	if err != nil {
		s.Fatal(err)
	}
	s.lab.Pass(steady)
}
