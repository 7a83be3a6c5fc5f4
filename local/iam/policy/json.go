package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// member is a key of a JSON object and its value.
type member struct {
	name string
	raw  json.RawMessage
}

// members reads a JSON object. A key that stands there twice is an error ("Individual elements must not contain
// multiple instances of the same key", says the policy grammar): encoding/json would take the last one.
func members(raw []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	var list []member
	seen := map[string]bool{}
	for d.More() {
		m, err := nextMember(d)
		if err != nil {
			return nil, err
		}
		if seen[m.name] {
			return nil, fmt.Errorf("the key %q stands there twice", m.name)
		}
		seen[m.name] = true
		list = append(list, m)
	}
	return list, atEnd(d)
}

func nextMember(d *json.Decoder) (member, error) {
	key, err := d.Token()
	if err != nil {
		return member{}, fmt.Errorf("it is not JSON: %w", err)
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return member{}, fmt.Errorf("it is not JSON: %w", err)
	}
	name, _ := key.(string)
	return member{name: name, raw: raw}, nil
}

func atEnd(d *json.Decoder) error {
	if _, err := d.Token(); err != nil { // the closing brace
		return fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON object")
	}
	return nil
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, error) {
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", fmt.Errorf("%s is not a string", raw)
	}
	return *s, nil
}

// list reads one value or a list of values, at least one.
func list(raw json.RawMessage) ([]json.RawMessage, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return []json.RawMessage{raw}, nil
	}
	var values []json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if len(values) == 0 {
		return nil, errors.New("the list is empty")
	}
	return values, nil
}

// texts reads one string or a list of strings, at least one.
func texts(raw json.RawMessage) ([]string, error) { return mapped(raw, text) }

// scalars reads one or several strings, numbers or booleans, as strings: "Quotation marks are optional for numeric and
// Boolean values".
func scalars(raw json.RawMessage) ([]string, error) { return mapped(raw, scalar) }

func mapped(raw json.RawMessage, read func(json.RawMessage) (string, error)) ([]string, error) {
	values, err := list(raw)
	if err != nil {
		return nil, err
	}
	read1 := make([]string, len(values))
	for i, v := range values {
		if read1[i], err = read(v); err != nil {
			return nil, err
		}
	}
	return read1, nil
}

func scalar(raw json.RawMessage) (string, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("%s is not JSON: %w", raw, err)
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("%s is not a string, number or boolean", raw)
}
