package stories_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are texts that would do harm to whoever reads them as they are: a terminal, a browser, a log, a shell, a parser.
func hostile() []struct{ name, text string } {
	return []struct{ name, text string }{
		{"a colour", "\x1b[31mred\x1b[0m"},
		{"a screen that is cleared", "\x1b[2J\x1b[H\x1bc"},
		{"a link of a terminal", "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07"},
		{"a title that never ends", "\x1b]0;title"},
		{"controls of eight bits", "\u009b2J\u0090q\u009c"},
		{"a direction", "user\u202egnp.exe\u2066\u200f"},
		{"what has no width", "a\u200bb\ufeffc\u00adde\u2060f\U000e0041"},
		{"a NUL", "a\x00b\x08\x7f"},
		{"lines of a log", "ok\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\nlevel=ERROR msg=forged"},
		{"other ends of lines", "a\u2028b\u2029c\u0085d\ve\ff"},
		{"HTML", "</summary><script>alert(1)</script><img src=x onerror=alert(1)>"},
		{"Markdown", "[x](javascript:alert(1)) ![p](http://evil.example/p.png) # h"},
		{"a table of Markdown", "`| a | b |`\n|---|---|\n```"},
		{"JSON", `"},"outcome":{"name":"Deployed"},"x":{"y":"\u0022`},
		{"a path", "$.image.digest $$.Execution.Id $"},
		{"an intrinsic function", "States.Format('{}', $.image) States.JsonToString($)"},
		{"placeholders", "{image|} {statement|x}; {{.Env}} ${inputs.role} %s%n%[1]q <aws.events.event>"},
		{"a command of the runner", "##[stop-commands]x ::error::y $(id) `id`"},
		{"what is long", strings.Repeat("long ", 200_000)},
		{"a word that is long", strings.Repeat("\u00e9\U0001f469\u200d", 20_000)},
	}
}

// carried is a hostile text after it went one way: what is told of the execution that it met.
type carried struct {
	name, mark string
	// silent says that the text itself is not told: the reader learns what is wrong with it.
	silent bool
	told   []map[string]string // the texts of the outcome events, by their paths
}

// TestHostileTextsAreHarmless lets each hostile text go each way on which it can come to a person.
func TestHostileTextsAreHarmless(t *testing.T) {
	t.Parallel()
	s, words := listening(t)
	all := s.carry()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			if len(c.told) != 1 {
				t.Fatalf("%d events tell of it", len(c.told))
			}
			came := c.silent
			for path, text := range c.told[0] {
				lines, most := 1, 2048
				if path == "detail.cause" {
					lines, most = 3, 4096
				}
				if path == "detail.execution.arn" || path == "detail.execution.name" {
					came = came || strings.Contains(text, c.mark)
					continue // as AWS has them
				}
				if err := harmless(text, lines, most); err != nil {
					t.Errorf("%s %v: %.300q", path, err, text)
				}
				came = came || strings.Contains(text, c.mark)
			}
			if !came {
				t.Errorf("%s did not come out: that it is harmless proves nothing: %v", c.mark, c.told[0]["detail.cause"])
			}
		})
	}
	for place, text := range s.places(words.String()) {
		t.Run(place, func(t *testing.T) { s.harmlessPlace(t, place, text) })
	}
	if len(all) < 100 {
		t.Errorf("only %d ways were tried", len(all))
	}
}

// harmlessPlace looks at what stands in one place.
func (s *story) harmlessPlace(t *testing.T, place, text string) {
	t.Helper()
	switch place {
	case "the functions' logs":
		for line := range strings.Lines(text) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["level"] == nil {
				t.Errorf("a line is none of ours: %v: %.300q", err, line)
			}
			if err := harmless(line, 2, 512<<10); err != nil {
				t.Errorf("%v: %.300q", err, line)
			}
		}
	case "the histories":
		runs, err := s.lab.Runs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if err := harmless(r.Says(), 3, 33<<10); err != nil {
				t.Errorf("execution %s says what %v: %.300q", r.ARN, err, r.Says())
			}
		}
	case "the command line":
		if err := harmless(text, 1_000, 256<<10); err != nil || !strings.Contains(text, "onerror=alert") {
			t.Errorf("%v: %.300q", err, text)
		}
	case "the ledger":
		for _, item := range s.items(text) {
			for name, value := range item {
				if strings.HasPrefix(item["item"], "history#") && name != "execution" || strings.HasPrefix(item["item"], "outcome#") {
					if err := harmless(value, 3, 4096); err != nil {
						t.Errorf("%s of %s %v: %.300q", name, item["item"], err, value)
					}
				}
			}
		}
	}
}

// items are the items of the ledger with their texts.
func (s *story) items(text string) (all []map[string]string) {
	s.Helper()
	var scan struct {
		Items []map[string]struct{ S string }
	}
	s.decode(text, &scan)
	for _, item := range scan.Items {
		texts := map[string]string{}
		for name, value := range item {
			texts[name] = value.S
		}
		all = append(all, texts)
	}
	return all
}

// harmless says what is wrong with a text that people read: what a terminal acts upon or nobody sees, more lines than were
// promised, or more bytes.
func harmless(text string, lines, most int) error {
	switch at := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }); {
	case !utf8.ValidString(text):
		return fmt.Errorf("is no UTF-8")
	case at >= 0:
		return fmt.Errorf("holds %q", []rune(text[at:])[0])
	case strings.Count(text, "\n") >= lines:
		return fmt.Errorf("has %d lines", strings.Count(text, "\n")+1)
	case len(text) > most:
		return fmt.Errorf("has %d bytes", len(text))
	default:
		return nil
	}
}
