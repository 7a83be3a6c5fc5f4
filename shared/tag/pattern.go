package tag

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// EventPattern returns what an EventBridge pattern can say about detail.image-tag so that the tags of this policy pass
// and as few others as possible start anything. The list is an OR, so that nothing can be matched and excluded at once:
// ignoreTags, and what a pattern cannot express, are left to [Policy.Match]. An absent tag passes none of them.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func (p Policy) EventPattern() []any {
	switch p.kind {
	case Exact:
		return []any{p.text}
	case Glob:
		if strings.ContainsAny(p.text, `?[\`) {
			return notEmpty()
		}
		return []any{map[string]any{"wildcard": singleStars(p.text)}}
	case Regexp:
		return p.regexpPattern()
	case Semver:
		return prefixes("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "v")
	default:
		return notEmpty()
	}
}

// notEmpty passes every push that has a tag.
func notEmpty() []any {
	return []any{map[string]any{"anything-but": []any{""}}}
}

// prefixes passes tags that begin with one of the strings.
func prefixes(begin ...string) []any {
	pattern := make([]any, len(begin))
	for i, prefix := range begin {
		pattern[i] = map[string]any{"prefix": prefix}
	}
	return pattern
}

// singleStars makes one * of several: EventBridge refuses two in a row.
func singleStars(glob string) string {
	for strings.Contains(glob, "**") {
		glob = strings.ReplaceAll(glob, "**", "*")
	}
	return glob
}

// regexpPattern passes tags that begin as those of the expression do: with the text that all of them begin with, or else
// with one of the characters that any of them can begin with.
func (p Policy) regexpPattern() []any {
	if unanchored, err := regexp.Compile(p.text); err == nil {
		if prefix, _ := unanchored.LiteralPrefix(); prefix != "" {
			return prefixes(prefix)
		}
	}
	first := firstCharacters(p.expression.String())
	if len(first) == 0 || len(first) == len(tagBegins) {
		return notEmpty()
	}
	return prefixes(first...)
}

// tagBegins are the characters that a tag can begin with.
const tagBegins = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// firstCharacters returns those of tagBegins that a text which the expression matches can begin with; it may return too
// many, never too few.
func firstCharacters(expression string) []string {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil
	}
	begins := beginnings(program)
	var first []string
	for _, character := range tagBegins {
		if slices.ContainsFunc(begins, func(i *syntax.Inst) bool { return i.MatchRune(character) }) {
			first = append(first, string(character))
		}
	}
	return first
}

// beginnings returns the program's instructions that can consume the first character.
func beginnings(program *syntax.Prog) []*syntax.Inst {
	var consume []*syntax.Inst
	seen := make([]bool, len(program.Inst))
	for queue := []uint32{uint32(program.Start)}; len(queue) > 0; { //nolint:gosec // an index into Inst
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		switch inst := &program.Inst[at]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			consume = append(consume, inst)
		case syntax.InstAlt, syntax.InstAltMatch:
			queue = append(queue, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			queue = append(queue, inst.Out)
		case syntax.InstMatch, syntax.InstFail: // a tag is never empty
		}
	}
	return consume
}
