package asl

import (
	"errors"
	"fmt"
	"strings"
)

// Expression is a path or a call of an intrinsic function.
type Expression struct {
	path *Path
	call *call
}

// ParseExpression reads a path or a call of an intrinsic function.
func ParseExpression(text string) (Expression, error) {
	if strings.HasPrefix(text, "$") {
		p, err := ParsePath(text)
		return Expression{path: &p}, err
	}
	c, err := parseIntrinsic(text)
	return Expression{call: c}, err
}

// Eval returns the expression's value; field is the name of the field whose value it is, for the fault's words.
func (e Expression) Eval(s Scope, field string) (any, error) {
	if e.call != nil {
		return e.call.eval(s)
	}
	v, err := e.path.find(s)
	if _, ok := errors.AsType[*missing](err); ok {
		return nil, notFound(*e.path, s, field)
	}
	return v, err
}

func notFound(p Path, s Scope, field string) *Fault {
	searched := s.Input
	if p.context {
		searched = s.Context
	}
	return runtimeFault("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", p.text, field, Encode(searched))
}

func expressionProblem(field, at string, err error) Problem {
	if _, ok := errors.AsType[*unsupportedPath](err); ok {
		return Problem{Code: NotImplemented, Message: fmt.Sprintf("the field '%s': %v", field, err), Location: at, NotImplemented: true}
	}
	return schema(at, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", field)
}
