package events

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// maxInput is the largest input of a target after transformation, in bytes.
const maxInput = 256 << 10

// input makes what the target gets of the event: the event itself, a constant, a part, or a template filled in
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).
func (t target) input(event json.RawMessage, r *rule, now time.Time) (string, error) {
	input := string(event)
	var err error
	switch {
	case t.Input != "":
		input = t.Input
	case t.InputPath != "":
		input, err = extract(event, t.InputPath)
	case t.InputTransformer != nil:
		input, err = t.transform(event, r, now)
	}
	if err == nil && !json.Valid([]byte(input)) {
		err = fmt.Errorf("the target's input is no valid JSON: %.200s", input)
	}
	if err == nil && len(input) > maxInput {
		err = fmt.Errorf("the target's input has %d bytes, more than %d", len(input), maxInput)
	}
	return input, err
}

func (t target) transform(event json.RawMessage, r *rule, now time.Time) (string, error) {
	values := map[string]string{
		"aws.events.event.json":           string(event),
		"aws.events.rule-arn":             quote(r.ARN),
		"aws.events.rule-name":            quote(r.Name),
		"aws.events.event.ingestion-time": quote(now.UTC().Format("2006-01-02T15:04:05.000Z")),
		"aws.events.event":                withoutDetail(event),
	}
	for name, path := range t.InputTransformer.InputPathsMap {
		value, err := extract(event, path)
		if err != nil {
			return "", err
		}
		values[name] = value
	}
	return fillTemplate(t.InputTransformer.InputTemplate, values), nil
}

var placeholder = regexp.MustCompile(`<[A-Za-z0-9_.-]+>`)

// fillTemplate replaces <name>. Outside a JSON string a value stands as JSON; inside one a string loses its quotes. What
// is not known stays out.
func fillTemplate(template string, values map[string]string) string {
	var out strings.Builder
	last := 0
	for _, at := range placeholder.FindAllStringIndex(template, -1) {
		out.WriteString(template[last:at[0]])
		value := values[template[at[0]+1:at[1]-1]]
		if insideString(template[:at[0]]) {
			value = strings.Trim(value, `"`)
		}
		out.WriteString(value)
		last = at[1]
	}
	return out.String() + template[last:]
}

// insideString tells whether a JSON string is open at the end of prefix.
func insideString(prefix string) bool {
	open := false
	for i := 0; i < len(prefix); i++ {
		switch {
		case prefix[i] == '\\' && open:
			i++
		case prefix[i] == '"':
			open = !open
		}
	}
	return open
}

// extract follows a path in dot notation: "$.detail.image-tag". What is missing is empty.
func extract(event json.RawMessage, path string) (string, error) {
	if path != "$" && !strings.HasPrefix(path, "$.") {
		return "", fmt.Errorf("the path %q does not begin with $", path)
	}
	at := event
	for step := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(path, "$"), "."), ".") {
		if step == "" {
			break
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(at, &object) != nil {
			return "", nil
		}
		at = object[step]
	}
	return string(at), nil
}

func withoutDetail(event json.RawMessage) string {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(event, &object) // our own event
	delete(object, "detail")
	raw, _ := json.Marshal(object) //nolint:errchkjson // what was just read
	return string(raw)
}

func quote(s string) string {
	raw, _ := json.Marshal(s) //nolint:errchkjson // a string
	return string(raw)
}
