// Package asl reads Amazon States Language definitions and evaluates what they say about data: paths, payload
// templates, intrinsic functions, choice rules, retriers and catchers. It answers two questions: would Step Functions
// accept this definition, and what does this state do with this input? It runs nothing; package states does.
//
// It speaks the JSONPath query language (https://states-language.net/spec.html and
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html). What a definition may say on AWS but
// is not implemented here (JSONata, variables, Map, Parallel, path filters) is refused when the definition is read,
// never ignored.
//
// JSON values are what encoding/json decodes into an any, with numbers as [json.Number] so that they keep their digits.
// The members of an object have no order; they are written in the order of their names.
package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxPayload is the largest input, output or result of a state or an execution, in bytes of UTF-8.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const MaxPayload = 262144

// Decode reads one JSON value, with nothing after it.
func Decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read JSON: there is more than one value")
	}
	return v, nil
}

// Encode writes a value as compact JSON, without escaping <, > and &.
func Encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("asl: a value that was decoded from JSON cannot be written as JSON: %v", err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
