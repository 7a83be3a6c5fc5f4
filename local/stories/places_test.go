package stories_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"fairlead/local"
)

// places are the texts that are left behind, by where they stand: all that a person, a log or a program may come to read.
// Words are what the functions wrote to their own logs.
func (s *story) places(words string) map[string]string {
	s.Helper()
	found := map[string]string{
		"the functions' logs": words,
		"the workflow's log":  s.logGroups(func(name string) bool { return !strings.HasPrefix(name, "/ecs/") }),
		"the container's log": s.logGroups(func(name string) bool { return strings.HasPrefix(name, "/ecs/") }),
		"the histories":       s.histories(),
		"the ledger":          s.ask("dynamodb", "Scan", map[string]any{"TableName": s.lab.Outputs()["Fairlead"]["LedgerTable"]}),
		"the parameters":      s.ask("ssm", "GetParametersByPath", map[string]any{"Path": "/fairlead", "Recursive": true}),
		"the dead letters":    s.deadLetters(),
		"the command line":    s.commands("holds", "holds -json", "quarantine list -all", "quarantine list -all -json"),
	}
	calls, revisions, events, errors := strings.Builder{}, strings.Builder{}, strings.Builder{}, strings.Builder{}
	for _, call := range s.calls {
		errors.WriteString(call.Message + "\n")
		switch call.Request.Operation {
		case "RegisterTaskDefinition":
			revisions.Write(call.Request.Body)
		case "PutEvents":
			events.Write(call.Request.Body)
		default:
			calls.WriteString(nameOf(call.Request) + " " + string(call.Request.Body) + "\n")
		}
	}
	found["the calls"], found["the revisions"], found["the events"], found["AWS's errors"] = calls.String(), revisions.String(), events.String(), errors.String()
	return found
}

// ask asks AWS as the administrator.
func (s *story) ask(service, operation string, in map[string]any) string {
	s.Helper()
	out, err := s.administer(service, operation, in)
	if err != nil {
		s.Fatalf("%s:%s: %v", service, operation, err)
	}
	return out
}

// logGroups is what stands in the log groups that are wanted.
func (s *story) logGroups(wanted func(name string) bool) string {
	s.Helper()
	var list struct {
		LogGroups []struct{ LogGroupName string }
	}
	s.decode(s.ask("logs", "DescribeLogGroups", nil), &list)
	text := ""
	for _, group := range list.LogGroups {
		if wanted(group.LogGroupName) {
			text += s.ask("logs", "FilterLogEvents", map[string]any{"logGroupName": group.LogGroupName})
		}
	}
	return text
}

// histories is what Step Functions has of all executions: what went in, what came out, and each event with its data.
func (s *story) histories() string {
	s.Helper()
	runs, err := s.lab.Runs(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	text := ""
	for _, r := range runs {
		text += s.ask("states", "DescribeExecution", map[string]any{"executionArn": r.ARN}) +
			s.ask("states", "GetExecutionHistory", map[string]any{"executionArn": r.ARN, "maxResults": 1000, "includeExecutionData": true})
	}
	return text
}

// deadLetters is what stands in the queues.
func (s *story) deadLetters() string {
	s.Helper()
	var list struct{ QueueUrls []string }
	s.decode(s.ask("sqs", "ListQueues", nil), &list)
	text := ""
	for _, queue := range list.QueueUrls {
		text += s.ask("sqs", "ReceiveMessage", map[string]any{"QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": []string{"All"}})
	}
	return text
}

func (s *story) decode(text string, into any) {
	s.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.Fatal(err)
	}
}

// program is the operators' command line, built once.
var program = sync.OnceValues(func() (string, error) {
	file := filepath.Join(filepath.Dir(assembly), "fairlead")
	command := exec.Command("go", "build", "-o", file, "./cmd/fairlead")
	command.Dir = "../.."
	command.Stderr = os.Stderr
	return file, command.Run()
})

// commands is what the command line prints, on both ways out, for each of some lines, as the administrator.
func (s *story) commands(lines ...string) string {
	s.Helper()
	file, err := program()
	if err != nil {
		s.Fatal(err)
	}
	server := httptest.NewServer(s.lab)
	defer server.Close()
	keys, text := s.lab.Administrator(), ""
	for _, line := range lines {
		command := exec.CommandContext(s.Context(), file, strings.Fields(line)...)
		command.Dir = "../.."
		command.Env = []string{"AWS_ENDPOINT_URL=" + server.URL, "AWS_REGION=" + local.Place().Region, "AWS_ACCESS_KEY_ID=" + keys.AccessKeyID,
			"AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey, "AWS_EC2_METADATA_DISABLED=true", "HOME=/nonexistent", "FAIRLEAD_LEDGER=" + s.lab.Outputs()["Fairlead"]["LedgerTable"]}
		out, err := command.CombinedOutput()
		if err != nil {
			s.Fatalf("fairlead %s: %v\n%s", line, err, out)
		}
		text += string(out)
	}
	return text
}
