package outcome

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a cause's lines, in bytes: together under 4 KB, so that the console and a chat message hold it whole.
const (
	maxWhat = 900
	maxWhy  = 2000
	maxFix  = 900
)

// maxName is the longest name of a service or state.
const maxName = 80

// ID names the end of one execution and redrive.
func ID(executionARN string, redrive int) string {
	sum := sha256.Sum256([]byte(executionARN + "#" + strconv.Itoa(redrive)))
	return hex.EncodeToString(sum[:16])
}

// line is a further line of a cause, or nothing.
func line(s string, limit int) string {
	if s = clean(s, limit); s == "" {
		return ""
	}
	return "\n" + s
}

// clean makes one line of valid text out of s: control characters and runs of blanks become one blank, and what is
// longer than limit bytes is cut with an ellipsis.
func clean(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	cut := limit - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], " ") + ellipsis
}
