package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden stands for what was taken out.
const hidden = "[redacted]"

// Line makes a text fit to be shown: one line of valid UTF-8 without control and direction characters, without
// credentials of the forms that can be told for sure, of at most limit bytes. It is for texts that AWS wrote. Doing it twice
// changes nothing.
func Line(text string, limit int) string { return settle(text, limit, forms) }

// LogLine is [Line] for what a container wrote, of 200 bytes at most: what only looks like a secret is taken out as well.
func LogLine(text string) string {
	return settle(text, width, slices.Concat(forms, guesses))
}

// settle repeats until nothing changes: what a cut leaves may look like something else.
func settle(text string, limit int, all []form) string {
	text = clip(text)
	for range 8 {
		next := bound(redact(printable(text), all), limit)
		if next == text {
			break
		}
		text = next
	}
	return text
}

// form is how a secret looks, and what is left of it. Where with is empty, [plain] decides.
type form struct {
	pattern *regexp.Regexp
	with    string
}

// forms are credentials whose form leaves no doubt.
//
//nolint:gochecknoglobals // patterns, compiled once
var forms = []form{
	{regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`), hidden},                                                        // access key ids
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?`), hidden},                                       // JSON web tokens
	{regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|xox[abprs]-|sk-|glpat-)[A-Za-z0-9_-]{8,}`), hidden},                           // tokens that say whose they are
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}`), "$1 " + hidden},                                          // authorization headers
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@\[\]]*(?:\[redacted\])?@`), "$1" + hidden + "@"},                        // user and password of a URL
	{regexp.MustCompile(`(?i)([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig|signature|token)=)[^&\s]+`), "$1" + hidden}, // signed URLs
	{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----.*`), hidden},
}

// keyForm is how the names of secrets end or begin, in variables, JSON keys and options.
const keyForm = `[A-Za-z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|session[_-]?id)[A-Za-z0-9_-]*`

// inner is a text within a text of JSON.
const inner = `\\"(?:[^"\\]|\\\\(?:\\.|[^\\]))*(?:\\")?`

// guesses are what may well be a secret.
//
//nolint:gochecknoglobals // patterns, compiled once
var guesses = []form{
	{regexp.MustCompile(`(?i)("` + keyForm + `"\s*:\s*)("(?:[^"\\]|\\.)*"?|\[(?:"(?:[^"\\]|\\.)*"?|[^\]"])*\]?|[^\s,}"]+)`), `$1"` + hidden + `"`}, // JSON, a list of texts too
	{regexp.MustCompile(`(?i)(\\"` + keyForm + `\\"\s*:\s*)(` + inner + `|\[[^\]]*\]?|[^\s,}"\\]+)`), `${1}\"` + hidden + `\"`},                    // JSON within a text of JSON
	{regexp.MustCompile(`(?i)("` + keyForm + `\s*=\s*)(` + inner + `|[^\s,;&}"'\\]+)`), "${1}" + hidden},                                           // a variable at the beginning of a text
	{regexp.MustCompile(`(?i)((?:^|[^A-Za-z0-9_.:"-])` + keyForm + `["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&}"']+)`), "$1" + hidden},
	{regexp.MustCompile(`(?i)(?:sha(?:256|384|512):)?[A-Za-z0-9+/_=-]{40,}`), ""},
}

func redact(text string, all []form) string {
	for _, f := range all {
		if f.with != "" {
			text = f.pattern.ReplaceAllString(text, f.with)
			continue
		}
		text = f.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if plain(found) {
				return found
			}
			return hidden
		})
	}
	return text
}

// plain says whether a long run of characters is no secret: a digest with its name, a path, or a word. A secret of base 64 has
// strokes too, and in nearly every run of this length letters of both cases and digits.
func plain(run string) bool {
	if strings.HasPrefix(strings.ToLower(run), "sha") {
		return true
	}
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(run, is) }
	if strings.Count(run, "/") > 1 {
		return !has(unicode.IsDigit) || !has(unicode.IsUpper) || !has(unicode.IsLower)
	}
	return !has(unicode.IsDigit) || !has(unicode.IsLetter)
}

// keyLine is a line of a private key, of which the last may be too short to be told by itself.
var keyLine = regexp.MustCompile(`^(?:[A-Za-z0-9+/=]+|[A-Za-z-]+: \S+)$`)

// withoutKeys hides the lines of private keys after the one that begins them. Between that and the key may stand headers.
func withoutKeys(lines []string) []string {
	shown, within := make([]string, 0, len(lines)), false
	for _, line := range lines {
		begins := strings.Contains(line, "-----BEGIN ") && strings.Contains(line, "PRIVATE KEY")
		if within = begins || within && keyLine.MatchString(line); within && !begins {
			line = hidden
		}
		shown = append(shown, line)
	}
	return shown
}

// escape is a whole terminal sequence: without its first character the rest of it would stay behind as noise.
var escape = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])`)

// printable keeps what can be shown on one line: an escape sequence or a direction mark cannot reach a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '?'
		case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r) || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.IsPrint(r):
			return r
		default: // control (Cc), format and direction (Cf), private use and unassigned
			return -1
		}
	}, strings.TrimSpace(strings.ToValidUTF8(escape.ReplaceAllString(text, ""), "?")))
}

// longest is as much of one text as is looked at, in bytes: an event of a log may have a megabyte.
const longest = 4096

func clip(text string) string { return text[:min(len(text), longest)] }

const cut = "…"

// bound cuts a text to at most limit bytes, between characters.
func bound(text string, limit int) string {
	if len(text) <= limit {
		return strings.TrimSpace(text)
	}
	end := max(0, limit-len(cut))
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimSpace(text[:end]) + cut
}
