package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxNesting is how deep calls of intrinsic functions may stand in one another.
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
const maxNesting = 10

// call is a call of an intrinsic function.
type call struct {
	text string
	name string // without "States."
	args []argument
}

// argument is one argument of a call: exactly one of its fields is set.
type argument struct {
	path    *Path
	call    *call
	literal any
	raw     string // of a string literal: the text with its escapes, for States.Format
}

var errIntrinsic = errors.New("not a call of an intrinsic function")

// parseIntrinsic reads States.Name(arguments…).
func parseIntrinsic(text string) (*call, error) {
	p := &intrinsicParser{text: text}
	c, err := p.call(1)
	if err != nil {
		return nil, err
	}
	if p.at != len(text) {
		return nil, fmt.Errorf("%w: %q stands behind it", errIntrinsic, text[p.at:])
	}
	return c, nil
}

type intrinsicParser struct {
	text string
	at   int
}

func (p *intrinsicParser) rest() string { return p.text[p.at:] }

func (p *intrinsicParser) skip() {
	p.at += len(p.rest()) - len(strings.TrimLeft(p.rest(), " \t\n\r"))
}

func (p *intrinsicParser) take(prefix string) bool {
	p.skip()
	if !strings.HasPrefix(p.rest(), prefix) {
		return false
	}
	p.at += len(prefix)
	return true
}

func (p *intrinsicParser) call(depth int) (*call, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%w: more than %d calls in one another", errIntrinsic, maxNesting)
	}
	start := p.at
	if !p.take("States.") {
		return nil, fmt.Errorf("%w: %q does not start with States", errIntrinsic, p.rest())
	}
	name, _, ok := strings.Cut(p.rest(), "(")
	if !ok {
		return nil, fmt.Errorf("%w: there is no ( behind its name", errIntrinsic)
	}
	p.at += len(name) + 1
	c := &call{name: name}
	if err := p.arguments(c, depth); err != nil {
		return nil, err
	}
	c.text = p.text[start:p.at]
	return c, c.check()
}

// check refuses a function that does not exist or a wrong number of arguments.
func (c *call) check() error {
	f, ok := functions()[c.name]
	if !ok {
		return fmt.Errorf("%w: there is no function States.%s", errIntrinsic, c.name)
	}
	if len(c.args) < f.least || f.most >= 0 && len(c.args) > f.most {
		return fmt.Errorf("%w: States.%s does not take %d arguments", errIntrinsic, c.name, len(c.args))
	}
	return nil
}

func (p *intrinsicParser) arguments(c *call, depth int) error {
	if p.take(")") {
		return nil
	}
	for {
		p.skip()
		a, err := p.argument(depth)
		if err != nil {
			return err
		}
		c.args = append(c.args, a)
		if p.take(")") {
			return nil
		}
		if !p.take(",") {
			return fmt.Errorf("%w: neither , nor ) follows argument %d", errIntrinsic, len(c.args))
		}
	}
}

func (p *intrinsicParser) argument(depth int) (argument, error) {
	switch rest := p.rest(); {
	case strings.HasPrefix(rest, "'"):
		return p.quoted()
	case strings.HasPrefix(rest, "States."):
		c, err := p.call(depth + 1)
		return argument{call: c}, err
	case strings.HasPrefix(rest, "$"):
		path, err := ParsePath(p.untilDelimiter())
		return argument{path: &path}, err
	default:
		return p.constant()
	}
}

// quoted reads 'text'; \' \{ \} and \\ stand for the character itself.
func (p *intrinsicParser) quoted() (argument, error) {
	var text strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\'':
			raw := p.text[p.at+1 : i]
			p.at = i + 1
			return argument{literal: text.String(), raw: raw}, nil
		case c == '\\' && i+1 < len(p.text) && strings.IndexByte(`'{}\`, p.text[i+1]) >= 0:
			i++
			text.WriteByte(p.text[i])
		case c == '\\':
			return argument{}, fmt.Errorf(`%w: a \ stands only before ' { } and \`, errIntrinsic)
		default:
			text.WriteByte(c)
		}
	}
	return argument{}, fmt.Errorf("%w: a string has no closing quote", errIntrinsic)
}

// untilDelimiter takes the text up to the , or ) that ends an argument; brackets and quotes in a path protect both.
func (p *intrinsicParser) untilDelimiter() string {
	start, brackets := p.at, 0
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '[':
			brackets++
		case c == ']':
			brackets--
		case brackets > 0 && (c == '\'' || c == '"'):
			p.at = closing(p.text, p.at)
		case brackets <= 0 && (c == ',' || c == ')'):
			return strings.TrimRight(p.text[start:p.at], " \t\n\r")
		}
	}
	p.at = len(p.text)
	return strings.TrimRight(p.text[start:], " \t\n\r")
}

// closing returns where the quote at i is closed; the end of the text if it is not.
func closing(text string, i int) int {
	quote := text[i]
	for i++; i < len(text) && text[i] != quote; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

// constant reads a number, true, false or null.
func (p *intrinsicParser) constant() (argument, error) {
	text := p.untilDelimiter()
	v, err := Decode([]byte(text))
	if err != nil {
		return argument{}, fmt.Errorf("%w: %q is no argument", errIntrinsic, text)
	}
	switch v.(type) {
	case json.Number, bool, nil:
		return argument{literal: v}, nil
	}
	return argument{}, fmt.Errorf("%w: %q is no argument", errIntrinsic, text)
}
