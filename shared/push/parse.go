package push

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/tag"
)

// fix is what an operator does about an input that cannot be read.
const fix = "start a new execution with an input as in the folder events/"

// inputKeys are the keys of an input; stepKeys are those that the steps add to it. A finished document that is pasted whole
// is refused: what its steps once said would be read as what this execution's steps say.
func inputKeys() []string {
	return []string{"service", "event", "tag", "digest", "dryRun", "allowOlder", "sweep"}
}

func stepKeys() []string {
	return []string{"version", "image", "scan", "signature", "claim", "revision", "update", "rollout", "diagnosis", "rollback", "restoration", "outcome", "fault"}
}

// Parse reads the document of an execution that started at start. Whatever is wrong with it is a fault
// [fault.InputInvalid] that names the key. An event for which nothing is to be done (another action, a failed push) is
// no fault: see Push.NotPushed.
func Parse(document json.RawMessage, start time.Time) (Push, error) {
	fields, err := readObject(document)
	if err != nil {
		return Push{}, err
	}
	p := Push{Time: start.UTC()}
	if err := fields.read("service", &p.Service); err != nil {
		return Push{}, err
	}
	if p.Service == "" {
		return Push{}, invalid("service: say which service of the configuration is meant")
	}
	if err := fields.read("dryRun", &p.DryRun); err != nil {
		return Push{}, err
	}
	switch {
	case fields.has("sweep"):
		err = p.readSweep(fields, start)
	case fields.has("event"):
		err = p.readEvent(fields, start)
	default:
		err = p.readOperator(fields)
	}
	if err != nil {
		return Push{}, err
	}
	return p, nil
}

// readOperator reads the operator's form: a tag or a digest, and what it may replace; or a dry run without an image.
func (p *Push) readOperator(fields object) error {
	var digest string
	if err := cmp.Or(fields.read("tag", &p.Tag), fields.read("digest", &digest)); err != nil {
		return err
	}
	p.Inspect = p.DryRun && p.Tag == "" && digest == "" && !fields.has("allowOlder")
	if p.Inspect {
		return nil
	}
	if err := p.readImage(digest); err != nil {
		return err
	}
	return p.readAllowOlder(fields)
}

// readImage reads which image an operator names: by a tag, or by its digest.
func (p *Push) readImage(digest string) error {
	var err error
	switch {
	case (p.Tag == "") == (digest == ""):
		return invalid(`say what to deploy: exactly one of "tag" and "digest" (or "event", an ECR event)`)
	case p.Tag != "":
		if err = tag.Check(p.Tag); err != nil {
			return invalid("tag: %w", err)
		}
	default:
		if p.Digest, err = image.ParseDigest(digest); err != nil {
			return invalid("digest: %w", err)
		}
	}
	return nil
}

// readAllowOlder reads {"replaces": digest}.
func (p *Push) readAllowOlder(fields object) error {
	if !fields.has("allowOlder") {
		return nil
	}
	older, err := readNested("allowOlder", fields["allowOlder"])
	if err != nil {
		return err
	}
	var replaces string
	if err := older.read("replaces", &replaces); err != nil || len(older) != 1 {
		return invalid(`allowOlder: want {"replaces": "sha256:…"}, the digest that runs now, and nothing else`)
	}
	if p.Replaces, err = image.ParseDigest(replaces); err != nil {
		return invalid("allowOlder.replaces: %w", err)
	}
	return nil
}

// object is a JSON object whose keys are looked up by their exact name.
type object map[string]json.RawMessage

// readObject reads the document and refuses keys that mean nothing here.
func readObject(document json.RawMessage) (object, error) {
	var fields object
	if err := json.Unmarshal(document, &fields); err != nil || fields == nil {
		return nil, invalid("the input is no JSON object")
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(stepKeys(), key) {
			return nil, invalid("key %q was added by a step of another execution: paste its input alone (%s)", key, strings.Join(inputKeys(), ", "))
		}
		if !slices.Contains(inputKeys(), key) {
			return nil, invalid("unknown key %q: the keys are %s", key, strings.Join(inputKeys(), ", "))
		}
	}
	return fields, nil
}

// readNested reads an object within the document.
func readNested(path string, value json.RawMessage) (object, error) {
	var fields object
	if err := json.Unmarshal(value, &fields); err != nil || fields == nil {
		return nil, invalid("%s: want a JSON object", path)
	}
	return fields, nil
}

// has reports whether the key is there with another value than null.
func (o object) has(key string) bool {
	value, ok := o[key]
	return ok && string(value) != "null"
}

// read decodes the value of a key, if it is there.
func (o object) read(key string, into any) error {
	if !o.has(key) {
		return nil
	}
	if err := json.Unmarshal(o[key], into); err != nil {
		return invalid("%s: want %s", key, wanted(into))
	}
	return nil
}

// wanted names the JSON type that a variable takes.
func wanted(into any) string {
	if _, ok := into.(*bool); ok {
		return "true or false"
	}
	return "a string"
}

func invalid(format string, args ...any) error {
	return fault.New(fault.InputInvalid, fix, "the execution's input: %w", fmt.Errorf(format, args...))
}
