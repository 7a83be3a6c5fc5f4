package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

// TestHostileWordsReachNoTerminal says hostile words on each way: an operator types or pastes them, the ledger holds them, AWS
// answers with them. What is printed is printable, and nothing of it looks like a line of our own.
func TestHostileWordsReachNoTerminal(t *testing.T) {
	words := map[string]string{
		"a colour": "\x1b[31mred", "a link": "\x1b]8;;https://evil.example\x07x", "controls of eight bits": "\u009b2J", "a direction": "user\u202egnp.exe",
		"lines": "ok\r\nHeld billing until somebody lifts it", "other ends of lines": "a\u2028b\u0085c\vd", "no UTF-8": "a\xff\xfe\xc0\xafb", "a NUL": "a\x00b\x7f",
	}
	ways := map[string]func(t *testing.T, term *terminal, word string) (out, err string){
		"the reason of a hold": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "hold", "web", "-unlisted", "-reason", "mark "+word)
		},
		"a hold that takes its place": func(t *testing.T, term *terminal, word string) (string, string) {
			set(t, term, ledger.Hold{Service: "web", Reason: "mark " + word, By: word, At: at(5)})
			return term.says(t, "hold", "web", "-unlisted", "-reason", "again")
		},
		"the list of holds": func(t *testing.T, term *terminal, word string) (string, string) {
			set(t, term, ledger.Hold{Service: "web", Reason: "mark " + word, By: word, At: at(5)})
			return term.says(t, "holds", "-service", "web")
		},
		"the list of holds, as JSON": func(t *testing.T, term *terminal, word string) (string, string) {
			set(t, term, ledger.Hold{Service: "web", Reason: "mark " + word, By: word, At: at(5)})
			return term.says(t, "holds", "-service", "web", "-json")
		},
		"the end of a hold": func(t *testing.T, term *terminal, word string) (string, string) {
			set(t, term, ledger.Hold{Service: "web", Reason: "mark " + word, By: word, At: at(5)})
			return term.says(t, "release", "web", "-reason", "mark "+word)
		},
		"the list of quarantines": func(t *testing.T, term *terminal, word string) (string, string) {
			quarantine(t, term, word)
			return term.says(t, "quarantine", "list", "-service", "web")
		},
		"the list of quarantines, as JSON": func(t *testing.T, term *terminal, word string) (string, string) {
			quarantine(t, term, word)
			return term.says(t, "quarantine", "list", "-service", "web", "-all", "-json")
		},
		"the reason of a release": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "quarantine", "release", "-service", "web", "-digest", first, "-reason", "mark "+word)
		},
		"a service": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "hold", "web"+word, "-unlisted", "-reason", "mark")
		},
		"a service that is not held": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "release", "web"+word, "-reason", "mark")
		},
		"a service whose image was released": func(t *testing.T, term *terminal, word string) (string, string) {
			if err := term.memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web" + word, Digest: first, Reason: "mark", At: at(9)}); err != nil {
				t.Fatal(err)
			}
			term.says(t, "quarantine", "release", "-service", "web"+word, "-digest", first, "-reason", "mark")
			return term.says(t, "quarantine", "release", "-service", "web"+word, "-digest", first, "-reason", "mark")
		},
		"a digest": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "quarantine", "release", "-service", "web", "-digest", word, "-reason", "mark")
		},
		"a time": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "hold", "web", "-until", word, "-reason", "mark")
		},
		"a duration": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "hold", "web", "-for", word, "-reason", "mark")
		},
		"a flag": func(t *testing.T, term *terminal, word string) (string, string) {
			return term.says(t, "hold", "web", "-"+word)
		},
		"a command": func(t *testing.T, term *terminal, word string) (string, string) { return term.says(t, "mark"+word) },
		"what AWS says": func(t *testing.T, term *terminal, word string) (string, string) {
			term.refusal = fault.FromAWS("take on the operators' role", errors.New("mark "+word))
			return term.says(t, "holds", "-service", "web")
		},
	}
	for way, bring := range ways {
		for kind, word := range words {
			t.Run(kind+" in "+way, func(t *testing.T) {
				out, err := bring(t, newTerminal(t), word)
				if out+err == "" {
					t.Fatal("nothing is printed")
				}
				for _, text := range []string{out, err} {
					if i := strings.IndexFunc(text, func(r rune) bool {
						return !unicode.IsPrint(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar && kind != "no UTF-8"
					}); i >= 0 {
						t.Errorf("it prints %q in %q", []rune(text[i:])[0], text)
					}
					if strings.Contains("\n"+text, "\nHeld billing") {
						t.Errorf("a line is forged: %q", text)
					}
				}
			})
		}
	}
}

// says runs a command line and returns what it prints.
func (term *terminal) says(t *testing.T, args ...string) (out, err string) {
	t.Helper()
	_, out, err = term.run(t, args...)
	return out, err
}

func set(t *testing.T, term *terminal, h ledger.Hold) {
	t.Helper()
	if _, err := term.memory.SetHold(context.Background(), h); err != nil {
		t.Fatal(err)
	}
}

func quarantine(t *testing.T, term *terminal, word string) {
	t.Helper()
	q := ledger.Quarantine{Service: "web", Digest: "sha256:" + word, Tag: word, Execution: word, Reason: "mark " + word, At: at(9)}
	if err := term.memory.SetQuarantine(t.Context(), q); err != nil {
		t.Fatal(fmt.Errorf("set a quarantine: %w", err))
	}
}
