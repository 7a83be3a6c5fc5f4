package revision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fairlead/shared/fault"
)

// Compare holds the body of a RegisterTaskDefinition call against the answer of the DescribeTaskDefinition call whose
// description was copied, both as they travel, and returns a fault that names every field by which they differ other
// than by the change. So nothing that this version of the SDK does not know is lost.
//
// What the SDK cannot express is no difference: null, an empty list and an empty object are the same as nothing, and so
// is a zero where the SDK has no pointer, such as a container's cpu. The order of tags means nothing. Values are never
// named, for some are secrets.
func Compare(rawDescription, rawRequest []byte, change Change) error {
	var description struct {
		TaskDefinition object `json:"taskDefinition"`
		Tags           any    `json:"tags"`
	}
	var request object
	if err := errors.Join(decode(rawDescription, &description), decode(rawRequest, &request)); err != nil {
		return fmt.Errorf("compare the next revision with its base: %w", err)
	}
	want := change.wanted(description.TaskDefinition, description.Tags)
	sortTags(request["tags"])
	lost := differences(want, request)
	if len(lost) == 0 {
		return nil
	}
	return fault.New(fault.RevisionFieldLost,
		"update Fairlead to a version whose AWS SDK knows these fields, or leave them out of the task definition; then redrive the execution",
		"the next revision of %v would not have these fields as its base has them: %s",
		description.TaskDefinition["taskDefinitionArn"], strings.Join(lost, ", "))
}

// object is a JSON object.
type object = map[string]any

// decode reads one JSON value, numbers as they are written.
func decode(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// wanted is what the request has to be, by the description.
func (c Change) wanted(description object, tags any) object {
	want := object{}
	for field, value := range description {
		if !slices.Contains(outputOnly(), field) {
			want[field] = value
		}
	}
	if containers, ok := want["containerDefinitions"].([]any); ok {
		want["containerDefinitions"] = c.wantedContainers(containers)
	}
	want["tags"] = c.wantedTags(tags)
	return want
}

// wantedContainers are the containers with the new image in those that get it.
func (c Change) wantedContainers(containers []any) []any {
	want := make([]any, 0, len(containers))
	for _, container := range containers {
		definition, ok := container.(object)
		name, _ := definition["name"].(string)
		if image, changed := c.Images[name]; ok && changed {
			next := object{"image": image}
			for field, value := range definition {
				if field != "image" {
					next[field] = value
				}
			}
			container = next
		}
		want = append(want, container)
	}
	return want
}

// wantedTags are the description's tags with ours in the place of those that an earlier execution set, sorted.
func (c Change) wantedTags(tags any) []any {
	var want []any
	list, _ := tags.([]any)
	for _, tag := range list {
		pair, ok := tag.(object)
		if key, _ := pair["key"].(string); !ok || carried(key) {
			want = append(want, tag)
		}
	}
	for _, tag := range c.Mark.tags() {
		want = append(want, object{"key": *tag.Key, "value": *tag.Value})
	}
	sortTags(want)
	return want
}

// sortTags sorts a list of tags by their keys.
func sortTags(tags any) {
	list, _ := tags.([]any)
	key := func(tag any) string {
		pair, _ := tag.(object)
		key, _ := pair["key"].(string)
		return key
	}
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(key(a), key(b)) })
}
