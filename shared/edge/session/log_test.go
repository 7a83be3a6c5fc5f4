package session_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"fairlead/shared/edge/session"
)

// TestALineOfTheLogIsPlainAndTheSame wants one printable line of JSON that says what was logged.
func TestALineOfTheLogIsPlainAndTheSame(t *testing.T) {
	for name, text := range map[string]string{
		"plain": "service web", "letters of all kinds": "größe 版本 👩", "a colour": "\x1b[31mred", "controls of eight bits": "\u009b2J", "a direction": "user\u202egnp.exe",
		"a delete": "a\x7fb", "ends of lines": "a\r\nb\u0085c\u2028d", "beyond 16 bits": "a\U000e0041b", "a no-break space": "a\u00a0b", "quotes and backslashes": `a"\u202e\b`,
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			session.NewLogger(&out).Info("said", "text", text, "reply", json.RawMessage(`{"inside":`+quoted(t, text)+`}`))
			var line struct {
				Text  string
				Reply struct{ Inside string }
			}
			if err := json.Unmarshal([]byte(out.String()), &line); err != nil || line.Text != text || line.Reply.Inside != text {
				t.Errorf("%q: %v, %+q", out.String(), err, line)
			}
			if whole := strings.TrimSuffix(out.String(), "\n"); strings.ContainsFunc(whole, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("not plain: %q", whole)
			}
		})
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
