package stories_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
)

// listening is a story whose functions' logs are kept.
func listening(t *testing.T) (*story, *bytes.Buffer) {
	t.Helper()
	words := &bytes.Buffer{}
	begun, err := stage()
	if err != nil {
		t.Fatal(err)
	}
	lab, err := begun.Lab(1, session.NewLogger(words))
	if err != nil {
		t.Fatal(err)
	}
	return storyOn(t, lab), words
}

// way brings a text, with a mark at its beginning, to where it is told. It says whether the text itself is told.
type way struct {
	name  string
	bring func(mark, text string) (told bool)
	sure  int // of so many texts at the beginning of the list; of the others some
}

// ways are all of them, those last that need the gates.
func (s *story) ways() []way {
	const push = `{"service":"web","event":{"source":"aws.ecr","detail-type":"ECR Image Action","account":%s,"detail":{"result":"SUCCESS","action-type":%s,"repository-name":%s}}}`
	event := func(account, action, repository string) string { return fmt.Sprintf(push, account, action, repository) }
	const account, action, repository, text = `"123456789012"`, `"PUSH"`, `"shop/web"`, "%s"
	return []way{
		{"why a task was stopped", s.byStop, 3},
		{"a hold", s.byHold, 10}, {"a quarantine", s.byQuarantine, 10}, {"the name of an execution", s.byName, 20},
		{"a key of an input", s.byInput(`{"service":"web","tag":"x",%s:1}`), 10}, {"a service", s.byInput(`{"service":%s,"tag":"x"}`), 10},
		{"a tag", s.byInput(`{"service":"web","tag":%s}`), 10}, {"a digest", s.byInput(`{"service":"web","digest":%s}`), 3},
		{"a repository", s.byInput(event(account, action, text)), 10}, {"an action", s.byInput(event(account, text, repository)), 10},
		{"an account", s.byInput(event(text, action, repository)), 10}, {"a source", s.byInput(`{"service":"web","event":{"source":%s}}`), 3},
		{"a finding", s.byFinding, 10},
	}
}

// carry sends the texts on their ways.
func (s *story) carry() (all []carried) {
	s.Helper()
	s.lines(s.deeds(), "push fit\nsettle")
	all = s.byLog()
	for n, w := range s.ways() {
		if w.name == "a finding" {
			s.lines(s.deeds(), `gates {"scan":{"severity":"HIGH","timeout":"15m"}}`)
		}
		for i, h := range hostile() {
			if i >= w.sure && i%5 != n%5 {
				continue
			}
			mark := fmt.Sprintf("mark%02dx%02d", n, i)
			before := len(s.outcomes())
			silent := !w.bring(mark, mark+h.text)
			all = append(all, carried{h.name + " in " + w.name, mark, silent, s.toldSince(before)})
		}
	}
	client, table := s.ledger()
	last := ledger.Hold{Service: service, At: s.lab.Now()} // one that stays, for the command line
	for _, h := range hostile() {
		last.Reason += h.text[:min(len(h.text), 300)]
		last.By += h.text[:min(len(h.text), 50)]
	}
	if _, err := ledger.NewHolds(client, table).SetHold(s.Context(), last); err != nil {
		s.Fatal(err)
	}
	return all
}

// toldSince are the texts of the outcome events since the first so many.
func (s *story) toldSince(before int) (told []map[string]string) {
	for _, event := range s.outcomes()[before:] {
		told = append(told, s.texts(event))
	}
	return told
}

// byLog lets containers print the texts, some each.
func (s *story) byLog() (all []carried) {
	for n, chunk := range slices.Collect(slices.Chunk(hostile(), 4)) {
		var lines []string
		for i, h := range chunk {
			text := strings.ReplaceAll(h.text, "\n", "\r") // an end of line ends an event of the log
			lines = append(lines, fmt.Sprintf("log%dx%d %s", n, i, text[:min(len(text), 250_000)]))
		}
		word := fmt.Sprintf("log%d", n)
		before := len(s.outcomes())
		s.digests[word] = push(s.TB, s.lab, word, tagOf(word), nil, "local.exit=1", "local.log="+strings.Join(lines, "\n"))
		s.lines(s.deeds(), "settle")
		for i, h := range chunk {
			all = append(all, carried{h.name + " in a log", fmt.Sprintf("log%dx%d", n, i), false, s.toldSince(before)})
		}
	}
	return all
}

// byStop lets a person stop a task of a deployment that fails, and say why.
func (s *story) byStop(mark, text string) bool {
	s.lines(s.deeds(), "push "+mark+" local.unhealthy=true\npass 40s")
	var list struct{ TaskArns []string }
	s.decode(s.ask("ecs", "ListTasks", map[string]any{"cluster": cluster, "serviceName": service}), &list)
	for _, task := range list.TaskArns {
		s.ask("ecs", "StopTask", map[string]any{"cluster": cluster, "task": task, "reason": text[:min(len(text), 1000)]})
	}
	s.lines(s.deeds(), "settle")
	return true
}

// byHold holds the service with the role's own rights, past the command line.
func (s *story) byHold(mark, text string) bool {
	client, table := s.ledger()
	holds := ledger.NewHolds(client, table)
	h := ledger.Hold{Service: service, Reason: text[:min(len(text), 50_000)], By: text[:min(len(text), 1000)], At: s.lab.Now()}
	if _, err := holds.SetHold(s.Context(), h); err != nil {
		s.Fatal(err)
	}
	s.lines(s.deeds(), "push "+mark+"\nsettle\ndelete "+mark+"\nlift")
	return true
}

// byQuarantine puts an image into quarantine with the role's own rights, before its push is told.
func (s *story) byQuarantine(mark, text string) bool {
	client, table := s.ledger()
	s.lines(s.deeds(), "push "+mark)
	q := ledger.Quarantine{Service: service, Digest: s.digests[mark], Tag: mark, Execution: text[:min(len(text), 1000)], Reason: text[:min(len(text), 50_000)], At: s.lab.Now()}
	if err := ledger.NewQuarantineSetter(client, table).SetQuarantine(s.Context(), q); err != nil {
		s.Fatal(err)
	}
	s.lines(s.deeds(), "settle\ndelete "+mark)
	return true
}

// byFinding brings an image in which a scan finds what is called so.
func (s *story) byFinding(mark, text string) bool {
	name := strings.NewReplacer(",", ";", ":", ";").Replace(text[:min(len(text), 50_000)])
	s.digests[mark] = push(s.TB, s.lab, mark, tagOf(mark), nil, "local.findings="+name+":CRITICAL:"+name+"@"+name+">"+name)
	s.lines(s.deeds(), "settle\ndelete "+mark)
	return true
}

// byName names an execution, as far as Step Functions lets: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func (s *story) byName(_, text string) bool {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r) || unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	s.begin(string([]rune(name)[:min(len([]rune(name)), 80)]), `{"service":"web","tag":"none"}`)
	return true
}

// byInput puts a text into an input.
func (s *story) byInput(form string) func(mark, text string) bool {
	return func(mark, text string) bool {
		raw, err := json.Marshal(text[:min(len(text), 200_000)])
		if err != nil {
			s.Fatal(err)
		}
		s.begin(mark, fmt.Sprintf(form, raw))
		return false
	}
}

func (s *story) begin(name, input string) {
	if _, err := s.lab.SFN().StartExecution(s.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(s.lab.Machine()), Name: &name, Input: &input}); err != nil {
		s.Fatalf("%q: %v", name, err)
	}
	s.lines(s.deeds(), "settle")
}

// texts are all texts of a value, by their paths.
func (s *story) texts(value any) map[string]string {
	raw, err := json.Marshal(value)
	if err != nil {
		s.Fatal(err)
	}
	var decoded any
	s.decode(string(raw), &decoded)
	found := map[string]string{}
	gather("detail", decoded, found)
	return found
}

func gather(path string, value any, into map[string]string) {
	switch value := value.(type) {
	case string:
		into[path] = value
	case map[string]any:
		for name, v := range value {
			gather(path+"."+name, v, into)
		}
	case []any:
		for i, v := range value {
			gather(fmt.Sprintf("%s[%d]", path, i), v, into)
		}
	}
}
