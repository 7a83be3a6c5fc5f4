package expression

import (
	"fmt"
	"strings"
)

// maxLength is the largest expression, in bytes.
const maxLength = 4096

// scan cuts an expression into its words.
func scan(text string) ([]string, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	var tokens []string
	for text = strings.TrimLeft(text, " \t\r\n"); text != ""; text = strings.TrimLeft(text, " \t\r\n") {
		n := length(text)
		if n == 0 {
			return nil, fmt.Errorf("Invalid character; character: %q", text[:1])
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens, nil
}

// length is how long the first word of text is; 0 if it is none.
func length(text string) int {
	for _, operator := range []string{"<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "."} {
		if strings.HasPrefix(text, operator) {
			return len(operator)
		}
	}
	n := 0
	if text[0] == '#' || text[0] == ':' {
		n = 1
	}
	for n < len(text) && wordByte(text[n]) {
		n++
	}
	if n == 1 && !wordByte(text[0]) {
		return 0
	}
	return n
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
