package asl

import (
	"fmt"
	"strconv"
	"strings"
)

// parseBracket reads what follows a [ : *, 'names', indexes or a slice, and the ] behind it.
func parseBracket(text string) (step, string, error) {
	switch {
	case strings.HasPrefix(text, "?"):
		return step{}, "", &unsupportedPath{"a filter [?(...)]"}
	case strings.HasPrefix(text, "("):
		return step{}, "", &unsupportedPath{"a script [(...)]"}
	case strings.HasPrefix(text, "*]"):
		return step{kind: stepWildcard}, text[2:], nil
	case strings.HasPrefix(text, "'"), strings.HasPrefix(text, `"`):
		return parseQuotedNames(text)
	}
	inside, rest, ok := strings.Cut(text, "]")
	if !ok {
		return step{}, "", fmt.Errorf("%w: [%s has no ]", errPath, text)
	}
	var s step
	var err error
	if strings.Contains(inside, ":") {
		s, err = parseSlice(inside)
	} else {
		s, err = parseIndexes(inside)
	}
	return s, rest, err
}

func parseQuotedNames(text string) (step, string, error) {
	var s step
	for {
		name, rest, err := parseQuoted(text)
		if err != nil {
			return step{}, "", err
		}
		s.names = append(s.names, name)
		rest = strings.TrimLeft(rest, " ")
		if after, ok := strings.CutPrefix(rest, "]"); ok {
			return s, after, nil
		}
		after, ok := strings.CutPrefix(rest, ",")
		if !ok {
			return step{}, "", fmt.Errorf("%w: neither , nor ] follows ['%s'", errPath, name)
		}
		text = strings.TrimLeft(after, " ")
	}
}

// parseQuoted reads 'name' or "name"; a backslash makes the next character stand for itself.
func parseQuoted(text string) (string, string, error) {
	if text == "" || text[0] != '\'' && text[0] != '"' {
		return "", "", fmt.Errorf("%w: %q is not quoted", errPath, text)
	}
	var name strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			return name.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text):
			i++
			name.WriteByte(text[i])
		default:
			name.WriteByte(text[i])
		}
	}
	return "", "", fmt.Errorf("%w: %q has no closing quote", errPath, text)
}

func parseSlice(inside string) (step, error) {
	parts := strings.Split(inside, ":")
	if len(parts) != 2 {
		return step{}, &unsupportedPath{"a slice with a step"}
	}
	s := step{kind: stepSlice}
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return step{}, fmt.Errorf("%w: [%s] is no slice", errPath, inside)
		}
		if i == 0 {
			s.from = &n
		} else {
			s.to = &n
		}
	}
	if s.from == nil && s.to == nil {
		return step{}, fmt.Errorf("%w: [%s] is no slice", errPath, inside)
	}
	return s, nil
}

func parseIndexes(inside string) (step, error) {
	s := step{kind: stepIndexes}
	for part := range strings.SplitSeq(inside, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return step{}, fmt.Errorf("%w: [%s] is no index", errPath, inside)
		}
		s.indexes = append(s.indexes, n)
	}
	return s, nil
}
