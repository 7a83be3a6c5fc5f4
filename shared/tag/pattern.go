package tag

import "strings"

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

// regexpPattern passes tags that begin as every tag of the expression does, if they begin alike.
func (p Policy) regexpPattern() []any {
	if prefix, _ := p.expression.LiteralPrefix(); prefix != "" {
		return prefixes(prefix)
	}
	return notEmpty()
}
