package policy

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// token is one character of a pattern: itself, or a wildcard.
type token struct {
	wild rune // '*', '?', or 0
	char rune
}

// variable is a policy variable in a pattern: ${aws:username, 'nobody'}.
type variable struct {
	name        string // the key, as it is written
	key         string // the key in lower case
	fallback    string
	hasFallback bool
}

// piece is a part of a pattern: tokens, or a variable that stands for some.
type piece struct {
	tokens   []token
	variable *variable
}

// pattern is a string of a policy, with wildcards and variables.
type pattern struct {
	source string
	pieces []piece
}

// literal takes every character as it is.
func literal(s string) pattern { return pattern{source: s, pieces: []piece{{tokens: literals(s)}}} }

func literals(s string) []token {
	tokens := make([]token, 0, len(s))
	for _, r := range s {
		tokens = append(tokens, token{char: r})
	}
	return tokens
}

// compile reads the wildcards * and ? and, where the document has them, variables.
func compile(s string, wildcards, variables bool) (pattern, error) {
	p := pattern{source: s}
	for rest := s; rest != ""; {
		start := strings.Index(rest, "${")
		if !variables || start < 0 {
			p.add(rest, wildcards)
			break
		}
		end := strings.Index(rest[start:], "}")
		if end < 0 {
			return pattern{}, fmt.Errorf("the variable in %q has no end", s)
		}
		p.add(rest[:start], wildcards)
		if err := p.addVariable(rest[start+2 : start+end]); err != nil {
			return pattern{}, fmt.Errorf("%w in %q", err, s)
		}
		rest = rest[start+end+1:]
	}
	return p, nil
}

func (p *pattern) add(s string, wildcards bool) {
	tokens := literals(s)
	for i, t := range tokens {
		if wildcards && (t.char == '*' || t.char == '?') {
			tokens[i] = token{wild: t.char}
		}
	}
	p.pieces = append(p.pieces, piece{tokens: tokens})
}

func (p *pattern) addVariable(inner string) error {
	if inner == "*" || inner == "?" || inner == "$" { // the characters themselves
		p.pieces = append(p.pieces, piece{tokens: literals(inner)})
		return nil
	}
	m := variableForm.FindStringSubmatchIndex(inner)
	if m == nil {
		return fmt.Errorf("the variable ${%s} cannot be read", inner)
	}
	v := variable{name: inner[m[2]:m[3]], key: strings.ToLower(inner[m[2]:m[3]]), hasFallback: m[4] >= 0}
	if v.hasFallback {
		v.fallback = inner[m[4]:m[5]]
	}
	p.pieces = append(p.pieces, piece{variable: &v})
	return checkKey(v.key)
}

// variables returns the names of the keys that the pattern's variables stand for.
func (p pattern) variables() []string {
	var keys []string
	for _, piece := range p.pieces {
		if piece.variable != nil {
			keys = append(keys, piece.variable.name)
		}
	}
	return keys
}

// resolve puts the request's values in place of the variables, as literals. It returns false if a variable has no
// value: the pattern then matches nothing.
func (p pattern) resolve(keys Keys) ([]token, bool) {
	if len(p.pieces) == 1 && p.pieces[0].variable == nil {
		return p.pieces[0].tokens, true
	}
	var tokens []token
	for _, piece := range p.pieces {
		if piece.variable == nil {
			tokens = append(tokens, piece.tokens...)
			continue
		}
		value, ok := piece.variable.value(keys)
		if !ok {
			return nil, false
		}
		tokens = append(tokens, literals(value)...)
	}
	return tokens, true
}

// resolves reports whether each variable has a value.
func (p pattern) resolves(keys Keys) bool {
	_, ok := p.resolve(keys)
	return ok
}

// value is the request's; a key with several values cannot be used as a variable.
func (v variable) value(keys Keys) (string, bool) {
	if values := keys[v.key]; len(values) == 1 {
		return values[0], true
	}
	return v.fallback, v.hasFallback
}

// matches reports whether the whole of s fits the pattern.
func (p pattern) matches(s string, keys Keys) bool {
	tokens, ok := p.resolve(keys)
	return ok && glob(tokens, []rune(s), false)
}

// matchesFolded is matches without regard to case.
func (p pattern) matchesFolded(s string, keys Keys) bool {
	tokens, ok := p.resolve(keys)
	return ok && glob(tokens, []rune(s), true)
}

// glob matches in time len(tokens) × len(s): on a mismatch it goes back to the last *, and lets it take one more.
func glob(tokens []token, s []rune, fold bool) bool {
	t, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case t < len(tokens) && tokens[t].wild == '*':
			star, from = t, i
			t++
		case t < len(tokens) && tokens[t].takes(s[i], fold):
			t++
			i++
		case star >= 0:
			from++
			t, i = star+1, from
		default:
			return false
		}
	}
	for t < len(tokens) && tokens[t].wild == '*' {
		t++
	}
	return t == len(tokens)
}

func (t token) takes(r rune, fold bool) bool {
	if t.wild != 0 {
		return t.wild == '?'
	}
	return t.char == r || fold && unicode.ToLower(t.char) == unicode.ToLower(r)
}

var variableForm = regexp.MustCompile(`^([^\s,']+)(?:, '([^']*)')?$`)
