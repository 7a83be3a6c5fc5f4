package diagnosis

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fairlead/shared/fault"
)

// render puts a finding into words.
func (e Evidence) render(f finding) Diagnosis {
	values := e.values(f)
	fix := fill(f.entry.Fix, values)
	if other := values["other policy"]; other != "" {
		fix = other
	}
	return Diagnosis{
		Cause: f.entry.Cause, What: Line(fill(f.entry.What, values)+e.lastWords(f)+e.unseen(f), sentence), Fix: Line(fix, sentence), Heals: f.entry.Heals,
		Occurrences: f.occurrences(), Evidence: e.lines(),
	}
}

// sentence bounds What and Fix, in bytes.
const sentence = 600

// lastWords is the end of the log of a container that ended by itself: as a rule it says why.
func (e Evidence) lastWords(f finding) string {
	tail := slices.DeleteFunc(e.tail(), func(line string) bool { return line == "" })
	if f.about().exit == nil || len(tail) == 0 {
		return ""
	}
	return "; its log ends with: " + strings.Join(tail[max(0, len(tail)-lastLines):], " / ")
}

// unseen is what could not be read, where nothing else says why: it may be what would have told.
func (e Evidence) unseen(f finding) string {
	if f.entry.tier != general || len(e.Unread) == 0 {
		return ""
	}
	return "; Fairlead " + strings.Join(e.Unread[:min(len(e.Unread), unseenN)], ", ")
}

// unseenN is how many sources that could not be read the sentence holds.
const unseenN = 2

// lastLines is how many lines of the log the sentence holds.
const lastLines = 2

// values are what the placeholders of a cause's texts stand for.
func (e Evidence) values(f finding) map[string]string {
	about := f.about()
	values := map[string]string{
		"container": "the task", "execution role": "execution role of the task definition", "platform": e.Platform,
		"image": about.image, "log": "its log, in the log group that the task definition names",
		"exit": exitOf(about.exit), "times": times(f.occurrences()),
	}
	if about.container != "" {
		values["container"] = "container " + about.container
	}
	if e.ExecutionRole != "" {
		values["execution role"] = "execution role " + e.ExecutionRole
	}
	if len(e.Log) > 0 {
		values["log"] = "the last lines of its log above"
	}
	maps.Copy(values, f.captured)
	for _, c := range f.clues {
		if d := fault.DenialOf(c.text); d.Action != "" {
			denialValues(d, values)
			break
		}
	}
	return values
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z ]*)(?:\|([^{}]*))?\}`)

// fallback is a placeholder whose fallback is JSON: its braces are balanced, and it ends the text or stands before "; ".
var fallback = regexp.MustCompile(`\{statement\|(.*)\}(;|$)`)

// fill puts values in for the placeholders of a text.
func fill(text string, values map[string]string) string {
	text = fallback.ReplaceAllStringFunc(text, func(whole string) string {
		parts := fallback.FindStringSubmatch(whole)
		if statement := values["statement"]; statement != "" {
			return statement + parts[2]
		}
		return parts[1] + parts[2]
	})
	return placeholder.ReplaceAllStringFunc(text, func(whole string) string {
		parts := placeholder.FindStringSubmatch(whole)
		if value := values[parts[1]]; value != "" {
			return Line(value, width)
		}
		return parts[2]
	})
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return strconv.Itoa(n) + " times"
	}
}

// exitOf is an exit code with what it means. A code above 128 is a signal.
// https://tldp.org/LDP/abs/html/exitcodes.html
func exitOf(code *int) string {
	if code == nil {
		return "no exit code"
	}
	signals := map[int]string{132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM"}
	if signal := signals[*code]; signal != "" {
		return fmt.Sprintf("exit code %d, %s", *code, signal)
	}
	return fmt.Sprintf("exit code %d", *code)
}

// The bounds of what is shown.
const (
	width     = 200 // bytes of a line
	logLines  = 10
	evidenceN = 30
	eachN     = 6 // lines of one source other than the log
)

// lines shows the evidence: how the tasks ended, what was said, what could not be read, and the log's last lines.
func (e Evidence) lines() []string {
	shown := []string{}
	for _, part := range [][]string{e.ends(), e.unhealthyTargets(), interesting(e.Events), nonEmpty(e.Rollout), e.Unread} {
		for _, line := range part[:min(len(part), eachN)] {
			shown = append(shown, Line(line, width))
		}
	}
	if tail := e.tail(); len(tail) > 0 {
		shown = append(append(shown, Line("the last lines of container "+e.LogOf+":", width)), tail...)
	}
	return shown[:min(len(shown), evidenceN)]
}

func (e Evidence) tail() []string {
	var tail []string
	for _, line := range e.Log[max(0, len(e.Log)-logLines):] {
		tail = append(tail, LogLine(line))
	}
	return tail
}

// ends counts the ends that tasks had: the same words once, with how often.
func (e Evidence) ends() []string {
	var order []string
	count := map[string]int{}
	for _, t := range e.Tasks {
		if t.normal() {
			continue
		}
		text := t.summary()
		if count[text]++; count[text] == 1 {
			order = append(order, text)
		}
	}
	for i, text := range order {
		order[i] = fmt.Sprintf("%s: %s", stopped(count[text]), text)
	}
	return order
}

// summary is how a task ended, in ECS's words.
func (t Task) summary() string {
	words := []string{t.reason()}
	for _, c := range t.Containers {
		switch {
		case c.Reason != "" && c.Reason != t.StoppedReason:
			words = append(words, "container "+c.Name+": "+exitOf(c.ExitCode)+", "+c.Reason)
		case c.ExitCode != nil || c.Reason != "":
			words = append(words, "container "+c.Name+": "+exitOf(c.ExitCode))
		}
	}
	return strings.Join(words, "; ")
}

func stopped(n int) string {
	if n == 1 {
		return "1 stopped task"
	}
	return strconv.Itoa(n) + " stopped tasks"
}

func (e Evidence) unhealthyTargets() []string {
	var list []string
	for _, t := range e.Targets {
		list = append(list, "target group "+t.String())
	}
	return list
}

// dull are events that go with every deployment.
var dull = regexp.MustCompile(`has started [0-9]+ tasks|has stopped [0-9]+ running tasks|has reached a steady state|registered [0-9]+ targets|has begun draining|deployment completed`)

// interesting are the events that say something, each once.
func interesting(all []string) []string {
	var list []string
	for _, text := range all {
		if !dull.MatchString(text) && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func nonEmpty(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []string{text}
}
