package stories_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/tools/txtar"

	"fairlead/local/events"
	"fairlead/local/steps"
	"fairlead/local/trouble"
	"fairlead/local/world"
)

// TestStories plays every story of testdata. Its first lines say what it is about; "story" is what happens, "want" how it
// must end. deeds and wants below are the words of both.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tellStory(t, archive)
		})
	}
}

// story is a story while it is told.
type story struct {
	testing.TB
	lab      *steps.Lab
	digests  map[string]string    // by the word of the push
	pushed   map[string]time.Time // when, by the tag's word
	calls    []world.Record       // of Fairlead's own roles
	troubles trouble.Maker
	kills    []*kill
	meddle   world.Tamper // with Fairlead's own calls, for a matrix
}

// newStory is a story of which nothing has been told yet.
func newStory(t testing.TB) *story {
	t.Helper()
	return storyOn(t, newLab(t))
}

// storyOn is a story in a lab.
func storyOn(t testing.TB, lab *steps.Lab) *story {
	t.Helper()
	s := &story{TB: t, lab: lab, digests: map[string]string{}, pushed: map[string]time.Time{}}
	s.lab.Core.Observe(func(r world.Record) {
		if ours(r.Request) {
			s.calls = append(s.calls, r)
		}
	})
	s.lab.Core.Tamper(s.tamper)
	return s
}

func tellStory(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	s := newStory(t)
	for _, file := range archive.Files {
		words := s.deeds()
		if file.Name == "want" {
			words = s.wants()
		}
		s.lines(words, string(file.Data))
	}
	if t.Failed() {
		s.report()
	}
}

func (s *story) say(words map[string]func([]string) error, line string) {
	s.Helper()
	line, _, _ = strings.Cut(line, " #")
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return
	}
	do, ok := words[fields[0]]
	if !ok {
		s.Fatalf("a story has no word %q", fields[0])
	}
	if err := do(fields[1:]); err != nil {
		s.Errorf("%s: %v", line, err)
	}
}

func (s *story) report() {
	runs, _ := s.lab.Runs(s.Context())
	for n, r := range runs {
		s.Logf("%d %s %s\n%s", n+1, r.Outcome(), strings.Join(r.Path, " "), r.Says())
	}
}

// deeds are what can happen in a story.
func (s *story) deeds() map[string]func([]string) error {
	words := s.moreDeeds()
	maps.Copy(words, s.weather())
	maps.Copy(words, s.scanning())
	maps.Copy(words, s.shaping())
	maps.Copy(words, map[string]func([]string) error{
		"push":    s.push,    // push <word> [tag=<word>] [platforms=<os/architecture>,…] [label=value …]; ~ in a value is a blank
		"settle":  s.settle,  // settle [limit]: until no execution runs
		"pass":    s.pass,    // pass <duration>
		"again":   s.again,   // again <n>: the event of execution n arrives once more, as it was
		"event":   s.event,   // event <detail as JSON>: an ECR event of a push arrives
		"start":   s.start,   // start <name> <input as JSON>
		"replay":  s.replay,  // replay <n>: "new execution" in the console, with the input of execution n
		"redrive": s.redrive, // redrive <n>
		"stop":    s.stop,    // stop <n>
		"lose":    s.lose,    // lose [source]: the next event is lost, of ECR or of another source
		"double":  func([]string) error { return s.disturb(2) },
		"trouble": s.trouble, // trouble <service>:<operation> throttle|fail|lose <times>
		"kill":    s.kill,    // kill <service>:<operation> before|after
		"person":  s.person,  // person <word>: somebody puts a revision with the image of a word into service by hand
		"desired": s.desired, // desired <count>: somebody scales the service
	})
	return words
}

func (s *story) push(args []string) error {
	word, tag, labels := args[0], args[0], strings.Fields(strings.Join(args[1:], " "))
	for i, label := range labels {
		labels[i] = strings.ReplaceAll(label, "~", " ")
	}
	if len(labels) > 0 && strings.HasPrefix(labels[0], "tag=") {
		tag, labels = strings.TrimPrefix(labels[0], "tag="), labels[1:]
	}
	var platforms []string
	if len(labels) > 0 && strings.HasPrefix(labels[0], "platforms=") {
		platforms, labels = strings.Split(strings.TrimPrefix(labels[0], "platforms="), ","), labels[1:]
	}
	s.pushed[tag] = s.lab.Now()
	s.digests[word] = push(s.TB, s.lab, word, tagOf(tag), platforms, labels...)
	s.digests[tag] = s.digests[word]
	return nil
}

func (s *story) settle(args []string) error {
	limit := 2 * time.Hour
	if len(args) > 0 {
		var err error
		if limit, err = time.ParseDuration(args[0]); err != nil {
			return err
		}
	}
	return s.lab.Settle(s.Context(), limit)
}

func (s *story) pass(args []string) error {
	d, err := time.ParseDuration(args[0])
	s.lab.Pass(d)
	return err
}

func (s *story) again(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	described, err := s.lab.SFN().DescribeExecution(s.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &r.ARN})
	if err != nil {
		return err
	}
	var input struct{ Event world.Event }
	if err := json.Unmarshal([]byte(*described.Input), &input); err != nil {
		return err
	}
	s.lab.Core.Do(func(*world.World) { s.lab.Events.Publish(input.Event) })
	return nil
}

func (s *story) event(args []string) error {
	detail := s.fill(strings.Join(args, " "))
	s.lab.Core.Do(func(*world.World) {
		s.lab.Events.Publish(world.Event{Source: "aws.ecr", DetailType: "ECR Image Action", Detail: json.RawMessage(detail)})
	})
	return nil
}

// fill puts <tag:word> and <digest:word> in.
func (s *story) fill(text string) string {
	for word, digest := range s.digests {
		text = strings.NewReplacer("<tag:"+word+">", tagOf(word), "<digest:"+word+">", digest).Replace(text)
	}
	for _, size := range []int{300, 200_000, 262_000} {
		text = strings.ReplaceAll(text, fmt.Sprintf("<long:%d>", size), strings.Repeat("x", size))
	}
	return text
}

func (s *story) start(args []string) error {
	input := s.fill(strings.Join(args[1:], " "))
	_, err := s.lab.SFN().StartExecution(s.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(s.lab.Machine()), Name: &args[0], Input: &input})
	return err
}

func (s *story) replay(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	described, err := s.lab.SFN().DescribeExecution(s.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &r.ARN})
	if err != nil {
		return err
	}
	_, err = s.lab.SFN().StartExecution(s.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(s.lab.Machine()), Input: described.Input})
	return err
}

func (s *story) redrive(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	_, err = s.lab.SFN().RedriveExecution(s.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &r.ARN})
	return err
}

func (s *story) stop(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	_, err = s.lab.SFN().StopExecution(s.Context(), &sfn.StopExecutionInput{ExecutionArn: &r.ARN})
	return err
}

func (s *story) lose(args []string) error {
	if len(args) == 0 {
		return s.disturb(0)
	}
	s.lab.Core.Do(func(*world.World) { s.lab.Events.Disturb(events.Disturbance{Source: args[0], Events: 1}) })
	return nil
}

func (s *story) disturb(times int) error {
	s.lab.Core.Do(func(*world.World) {
		s.lab.Events.Disturb(events.Disturbance{Source: "aws.ecr", Events: 1, Times: times})
	})
	return nil
}

func (s *story) trouble(args []string) error {
	service, operation, _ := strings.Cut(args[0], ":")
	times, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	return s.troubles.Make(trouble.Trouble{Service: service, Operation: operation, Caller: "fairlead-", Kind: trouble.Kind(args[1]), Times: times})
}

func (s *story) kill(args []string) error {
	service, operation, _ := strings.Cut(args[0], ":")
	s.kills = append(s.kills, &kill{service: service, operation: operation, after: args[1] == "after"})
	return nil
}

func (s *story) tamper(request world.Request, serve func() (any, error)) (any, error) {
	if s.meddle != nil && ours(request) {
		plain := serve
		serve = func() (any, error) { return s.troubles.Tamper(request, plain) }
		return s.meddle(request, serve)
	}
	for _, k := range s.kills {
		if k.meets(request) {
			return k.do(s.lab, serve)
		}
	}
	return s.troubles.Tamper(request, serve)
}

// run is execution n, counted from 1 in the order of their starts.
func (s *story) run(n string) (steps.Run, error) {
	number, err := strconv.Atoi(n)
	if err != nil {
		return steps.Run{}, err
	}
	runs, err := s.lab.Runs(s.Context())
	if err != nil {
		return steps.Run{}, err
	}
	if number < 1 || number > len(runs) {
		return steps.Run{}, fmt.Errorf("there are %d executions, no number %d", len(runs), number)
	}
	return runs[number-1], nil
}
