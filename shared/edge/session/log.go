package session

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// NewLogger returns a logger that writes JSON, a line for each record. What a terminal would act upon, or nobody would see, is
// escaped as JSON has it: slog leaves the controls of eight bits and the marks of direction as they are, people read logs in
// terminals, and some of what is logged was written by others.
func NewLogger(to io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(escaping{to}, nil)) }

// escaping escapes what is not printable in lines of JSON, which holds it in strings alone.
type escaping struct{ to io.Writer }

// Write writes a line.
func (e escaping) Write(line []byte) (int, error) {
	hidden := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if !strings.ContainsFunc(string(line), hidden) {
		return e.to.Write(line)
	}
	escaped := make([]byte, 0, 2*len(line))
	for _, r := range string(line) {
		switch {
		case !hidden(r):
			escaped = utf8.AppendRune(escaped, r)
		case r > 0xffff:
			first, second := utf16.EncodeRune(r)
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, first, second)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
	}
	_, err := e.to.Write(escaped)
	return len(line), err
}
