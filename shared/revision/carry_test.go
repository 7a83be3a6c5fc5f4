package revision

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go/middleware"

	"fairlead/shared/fault"
)

// wire answers the SDK with one description, and keeps the body of the registration.
type wire struct{ description, request []byte }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	answer := w.description
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".RegisterTaskDefinition") {
		w.request, answer = body, []byte(`{}`)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, nil
}

// carry lets a description travel: through the real SDK into its types, through Next, and out again. It returns the raw
// request.
func carry(t testing.TB, description []byte, change Change) []byte {
	t.Helper()
	w := &wire{description: description}
	client := ecs.New(ecs.Options{
		Region: "eu-west-1", HTTPClient: w, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, nil }),
	})
	base, err := client.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")})
	if err != nil {
		t.Fatalf("%v\n%s", err, description)
	}
	next, err := Next(base.TaskDefinition, base.Tags, change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.RegisterTaskDefinition(t.Context(), next, unchecked); err != nil {
		t.Fatal(err)
	}
	return w.request
}

// unchecked sends also what the SDK believes to be incomplete.
func unchecked(o *ecs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		_, err := stack.Initialize.Remove("OperationInputValidation")
		return err
	})
}

// generator makes descriptions from the SDK's own types, so that it knows every field that the SDK knows.
type generator struct {
	*rand.Rand
	sparse bool // some fields are absent, null, empty or zero
}

// value makes the JSON of a value of a type.
func (g generator) value(of reflect.Type) any {
	if of == reflect.TypeFor[time.Time]() {
		return 1700000000.5
	}
	if of == reflect.TypeFor[types.SharingStrategy]() { // a union, of one member so far
		return map[string]any{"nvidiaMps": g.value(reflect.TypeFor[types.NvidiaMpsAllocation]())}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return g.value(of.Elem())
	case reflect.Struct:
		return g.object(of)
	case reflect.Slice:
		list := []any{}
		for range g.length() {
			list = append(list, g.value(of.Elem()))
		}
		return list
	case reflect.Map:
		object := map[string]any{}
		for i := range g.length() {
			object[fmt.Sprint("key", i)] = g.value(of.Elem())
		}
		return object
	default:
		return g.scalar(of)
	}
}

func (g generator) object(of reflect.Type) any {
	object := map[string]any{}
	for member := range of.Fields() {
		if !member.IsExported() || g.sparse && g.IntN(3) == 0 {
			continue
		}
		name := strings.ToLower(member.Name[:1]) + member.Name[1:]
		object[name] = g.value(member.Type)
		if g.sparse && g.IntN(12) == 0 {
			object[name] = nil
		}
	}
	return object
}

func (g generator) length() int {
	if g.sparse {
		return g.IntN(3)
	}
	return 2
}

func (g generator) scalar(of reflect.Type) any {
	zero := g.sparse && g.IntN(5) == 0
	switch of.Kind() {
	case reflect.String:
		if zero {
			return ""
		}
		return []string{"a", "ü\"\\\n\t\u2028", "<&>", "${x}"}[g.IntN(4)]
	case reflect.Bool:
		return !zero
	case reflect.Int32, reflect.Int64:
		if zero {
			return 0
		}
		return 1 + g.IntN(1<<30)
	default:
		panic("the SDK has a field of type " + of.String())
	}
}

// description makes the answer of a DescribeTaskDefinition call, whose containers are named apart.
func (g generator) description() (map[string]any, Change) {
	definition := g.value(reflect.TypeFor[types.TaskDefinition]()).(map[string]any)
	change := Change{Images: map[string]string{}, Mark: Mark{Execution: "arn:x", Sequence: 4, Base: 7}}
	containers, _ := definition["containerDefinitions"].([]any)
	for i, container := range containers {
		name := fmt.Sprint("container", i)
		container.(map[string]any)["name"] = name
		if g.IntN(2) == 0 {
			change.Images[name] = fmt.Sprint("registry/shop/web@sha256:", i)
		}
	}
	tags := []any{
		map[string]any{"key": "team", "value": "shop"}, map[string]any{"key": "aws:cloudformation:stack-name", "value": "s"},
		map[string]any{"key": TagSequence, "value": "3"}, map[string]any{"key": "empty"}, map[string]any{"key": "blank", "value": ""},
	}
	return map[string]any{"taskDefinition": definition, "tags": tags[:g.IntN(len(tags)+1)]}, change
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryDescriptionIsCarriedWhole(t *testing.T) {
	for name, seeds := range map[string]uint64{"with every field of the SDK": 20, "with some fields absent, null, empty or zero": 150} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds {
				g := generator{rand.New(rand.NewPCG(seed, 1)), seeds > 20}
				made, change := g.description()
				raw := encode(t, made)
				if err := Compare(raw, carry(t, raw, change), change); err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, raw)
				}
			}
		})
	}
}

// TestALostFieldIsNamed takes one value out of the request, or adds one to the description, anywhere, and wants to hear
// of it.
func TestALostFieldIsNamed(t *testing.T) {
	for seed := range uint64(60) {
		g := generator{rand.New(rand.NewPCG(seed, 2)), false}
		made, change := g.description()
		raw := encode(t, made)
		request := carry(t, raw, change)

		var tree map[string]any
		if err := json.Unmarshal(request, &tree); err != nil {
			t.Fatal(err)
		}
		path := spoil(g.Rand, tree)
		if err := Compare(raw, encode(t, tree), change); fault.From(err).Kind() != fault.Fail || !strings.Contains(fmt.Sprint(err), path) {
			t.Fatalf("seed %d: without %s: got %v", seed, path, err)
		}

		path = extend(g.Rand, made["taskDefinition"].(map[string]any))
		raw = encode(t, made)
		if err := Compare(raw, request, change); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "secret value") {
			t.Fatalf("seed %d: with the unknown field %s: got %v", seed, path, err)
		}
	}
}

// spoil deletes or alters a leaf of a tree, and returns the name of the field it is in.
func spoil(random *rand.Rand, tree map[string]any) string {
	name := keys(tree)[random.IntN(len(tree))]
	switch value := tree[name].(type) {
	case map[string]any:
		return spoil(random, value)
	case []any:
		if inner, ok := value[random.IntN(len(value))].(map[string]any); ok {
			return spoil(random, inner)
		}
		tree[name] = value[1:]
	default:
		if delete(tree, name); random.IntN(2) == 0 {
			tree[name] = "another"
		}
	}
	return name
}

// extend adds a field that no SDK knows to some object of a tree, and returns its name.
func extend(random *rand.Rand, tree map[string]any) string {
	for {
		var inner map[string]any
		name := keys(tree)[random.IntN(len(tree))]
		if slices.Contains(outputOnly(), name) {
			continue
		}
		switch value := tree[name].(type) {
		case map[string]any:
			inner = value
		case []any:
			inner, _ = value[0].(map[string]any)
		}
		if inner == nil || random.IntN(3) == 0 || len(inner) == 0 || slices.ContainsFunc(keys(inner), func(k string) bool { return strings.HasPrefix(k, "key") && k != "key" }) {
			break
		}
		tree = inner
	}
	tree["brandNew"] = []any{map[string]any{"deep": "secret value"}, false, 0}[random.IntN(3)]
	return "brandNew"
}

func keys(tree map[string]any) []string {
	var names []string
	for name := range tree {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestNextKnowsEveryField fails when the SDK gains a field of a task definition that is neither copied nor known to be
// of the description alone.
func TestNextKnowsEveryField(t *testing.T) {
	request, description := reflect.TypeFor[ecs.RegisterTaskDefinitionInput](), reflect.TypeFor[types.TaskDefinition]()
	for member := range description.Fields() {
		if !member.IsExported() {
			continue
		}
		only := slices.Contains(outputOnly(), strings.ToLower(member.Name[:1])+member.Name[1:])
		if _, ok := request.FieldByName(member.Name); ok == only {
			t.Errorf("field %s: in a request: %v, in outputOnly: %v", member.Name, ok, only)
		}
	}
}

// FuzzCompare wants that no bytes make Compare panic, and that it finds no difference between a thing and itself.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(`{"taskDefinition":{"family":"web","containerDefinitions":[{"name":"web","image":"a","cpu":0}]},"tags":[{"key":"a"}]}`), []byte(`{}`))
	f.Add([]byte(`{"taskDefinition":{"volumes":[{"host":{}}],"cpu":1e3,"containerDefinitions":[3]},"tags":{}}`), []byte(`{"tags":[1,{"key":2}]}`))
	change := Change{Images: map[string]string{"web": "b"}}
	f.Fuzz(func(t *testing.T, description, request []byte) {
		_ = Compare(description, request, change)
		var made struct {
			TaskDefinition object `json:"taskDefinition"`
			Tags           []any  `json:"tags"`
		}
		if decode(description, &made) != nil {
			return
		}
		if err := Compare(description, encode(t, change.wanted(made.TaskDefinition, made.Tags)), change); err != nil {
			t.Errorf("a copy differs: %v", err)
		}
	})
}
