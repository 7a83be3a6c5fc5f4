package asl

import (
	"fmt"
	"maps"
)

// Place puts result into a copy of input where the reference path p says, as ResultPath does: members that are missing
// on the way are made. The fault is States.ResultPathMatchFailure: something on the way is no object, or an array has no
// such index.
func (p Path) Place(input, result any) (any, error) {
	v, err := place(input, p.steps, result)
	if err != nil {
		return nil, &Fault{Name: ErrorResultPath, Cause: fmt.Sprintf("Unable to apply ReferencePath %s to input %s: %v", p.text, Encode(input), err)}
	}
	return v, nil
}

func place(into any, steps []step, result any) (any, error) {
	if len(steps) == 0 {
		return result, nil
	}
	if steps[0].kind == stepIndexes {
		return placeInArray(into, steps, result)
	}
	object, ok := into.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", Encode(into))
	}
	name := steps[0].names[0]
	member, ok := object[name]
	if !ok {
		member = map[string]any{}
	}
	member, err := place(member, steps[1:], result)
	if err != nil {
		return nil, err
	}
	copied := make(map[string]any, len(object)+1)
	maps.Copy(copied, object)
	copied[name] = member
	return copied, nil
}

func placeInArray(into any, steps []step, result any) (any, error) {
	array, ok := into.([]any)
	if !ok {
		return nil, fmt.Errorf("%s is no array", Encode(into))
	}
	i := steps[0].indexes[0]
	if i >= len(array) {
		return nil, fmt.Errorf("the array has no index %d", i)
	}
	item, err := place(array[i], steps[1:], result)
	if err != nil {
		return nil, err
	}
	copied := append([]any{}, array...)
	copied[i] = item
	return copied, nil
}
