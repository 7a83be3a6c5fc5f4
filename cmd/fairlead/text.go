package main

import (
	"strings"
	"unicode"
)

// clean makes one harmless line of text that others wrote: what is neither printable nor a blank cannot reach the
// terminal, and nothing can look like a line of our own.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}
