package revision

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// differences returns the paths at which two requests differ, sorted.
func differences(want, got object) []string {
	var d difference
	d.values("", reflect.TypeFor[ecs.RegisterTaskDefinitionInput](), want, got)
	slices.Sort(d.paths)
	return d.paths
}

// difference walks two JSON values side by side with the SDK's type of them, which is nil below a field that the SDK
// does not know.
type difference struct{ paths []string }

// values compares what stands at a path.
func (d *difference) values(path string, of reflect.Type, want, got any) {
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	wantObject, gotObject, objects := both[object](want, got)
	wantList, gotList, lists := both[[]any](want, got)
	switch {
	case nothing(want) && nothing(got):
	case objects:
		d.objects(path, of, wantObject, gotObject)
	case lists && len(wantList) == len(gotList):
		d.lists(path, of, wantList, gotList)
	case lists || !same(want, got):
		d.paths = append(d.paths, path)
	}
}

// both returns two values as what they are; one of them may be absent.
func both[T any](want, got any) (wantT, gotT T, ok bool) {
	wantT, isWant := want.(T)
	gotT, isGot := got.(T)
	return wantT, gotT, isWant && isGot || isWant && got == nil || isGot && want == nil
}

// objects compares the fields of two objects; nil is an object without any.
func (d *difference) objects(path string, of reflect.Type, want, got object) {
	keys := slices.Collect(maps.Keys(want))
	for key := range got {
		if _, ok := want[key]; !ok {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		member, always := field(of, key)
		if always && zero(want[key]) && zero(got[key]) {
			continue
		}
		d.values(strings.TrimPrefix(path+"."+key, "."), member, want[key], got[key])
	}
}

// lists compares two lists of one length.
func (d *difference) lists(path string, of reflect.Type, want, got []any) {
	if of != nil && of.Kind() == reflect.Slice {
		of = of.Elem()
	} else {
		of = nil
	}
	for i := range want {
		d.values(fmt.Sprintf("%s[%d]", path, i), of, want[i], got[i])
	}
}

// field finds the type of a member of a JSON object. always says that the SDK has it without a pointer, so that it
// cannot tell its zero from its absence.
func field(of reflect.Type, key string) (member reflect.Type, always bool) {
	switch {
	case of == nil || key == "":
		return nil, false
	case of.Kind() == reflect.Map:
		return of.Elem(), false
	case of.Kind() != reflect.Struct:
		return nil, false
	}
	found, ok := of.FieldByName(strings.ToUpper(key[:1]) + key[1:])
	if !ok || !found.IsExported() {
		return nil, false
	}
	switch found.Type.Kind() {
	case reflect.Bool, reflect.String, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return found.Type, true
	default:
		return found.Type, false
	}
}

// nothing says whether a value says nothing: it is absent or null, or an empty list or object.
func nothing(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case []any:
		return len(value) == 0
	case object:
		return len(value) == 0
	default:
		return false
	}
}

// zero says whether a value is the zero of a scalar, or absent.
func zero(value any) bool {
	switch value := value.(type) {
	case json.Number:
		number, err := value.Float64()
		return err == nil && number == 0
	case nil, bool, string:
		return value == nil || value == false || value == ""
	default:
		return false
	}
}

// same compares two scalars, numbers by their value.
func same(want, got any) bool {
	a, numberA := want.(json.Number)
	b, numberB := got.(json.Number)
	if !numberA || !numberB {
		return reflect.DeepEqual(want, got)
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return a == b || (errX == nil && errY == nil && x == y)
}
