package asl_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/states/asl"
)

const document = `{"a":{"b":[10,20,{"c":null}],"x-y":"z","":1},"items":[{"id":1},{"id":2},{"other":3}],"é":true,"it's":"quoted"}`

func decode(t *testing.T, text string) any {
	t.Helper()
	v, err := asl.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func scope(t *testing.T) asl.Scope {
	return asl.Scope{Input: decode(t, document), Context: decode(t, `{"Execution":{"Name":"run"}}`), UUID: func() string { return "a-uuid" }}
}

func TestPaths(t *testing.T) {
	tests := map[string]struct{ path, want, fault string }{
		"the whole input":                             {path: "$", want: document},
		"a member of a member":                        {path: "$.a.x-y", want: `"z"`},
		"a null is found":                             {path: "$.a.b[2].c", want: `null`},
		"brackets and quotes":                         {path: `$['a']["b"][0]`, want: `10`},
		"an escaped quote":                            {path: `$['it\'s']`, want: `"quoted"`},
		"a name that is not ASCII":                    {path: "$.é", want: `true`},
		"an index from the end":                       {path: "$.a.b[-2]", want: `20`},
		"a wildcard gives an array":                   {path: "$.items[*].id", want: `[1,2]`},
		"a wildcard over an object":                   {path: "$.a.b[2].*", want: `[null]`},
		"a slice":                                     {path: "$.items[1:].id", want: `[2]`},
		"a slice from the end":                        {path: "$.a.b[-2:-1]", want: `[20]`},
		"a slice that is out of range is empty":       {path: "$.a.b[5:9]", want: `[]`},
		"a union of indexes":                          {path: "$.a.b[0,1,7]", want: `[10,20]`},
		"a union of names":                            {path: "$['é', 'none', 'it\\'s']", want: `[true,"quoted"]`},
		"a wildcard below nothing is an empty array":  {path: "$.none.deep[*].id", want: `[]`},
		"the context object":                          {path: "$$.Execution.Name", want: `"run"`},
		"the whole context object":                    {path: "$$", want: `{"Execution":{"Name":"run"}}`},
		"a member that is missing at the end":         {path: "$.a.none", fault: "Invalid path '$.a.none' : No results for path: $['a']['none']"},
		"a member that is missing on the way":         {path: "$.none.deep", fault: "Invalid path '$.none.deep' : Missing property in path $['none']"},
		"an index that is out of range":               {path: "$.a.b[3]", fault: "Invalid path '$.a.b[3]' : No results for path: $['a']['b'][3]"},
		"a name in an array":                          {path: "$.a.b.c", fault: "Invalid path '$.a.b.c' : No results for path: $['a']['b']['c']"},
		"a member of a number":                        {path: "$.a.b[0].c", fault: "Invalid path '$.a.b[0].c' : No results for path: $['a']['b'][0]['c']"},
		"an index into an object":                     {path: "$.a[0]", fault: "Invalid path '$.a[0]' : No results for path: $['a'][0]"},
		"a slice beyond the end takes what there is":  {path: "$.a.b[1:99]", want: `[20,{"c":null}]`},
		"a slice from before the start starts at one": {path: "$.a.b[-9:1]", want: `[10]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := asl.ParsePath(test.path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Eval(scope(t))
			if test.fault != "" {
				wantFault(t, err, asl.ErrorRuntime, test.fault)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decode(t, test.want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.path, diff)
			}
		})
	}
}

func wantFault(t *testing.T, err error, name, cause string) {
	t.Helper()
	var f *asl.Fault
	if !errors.As(err, &f) || f.Name != name || f.Cause != cause {
		t.Errorf("got %v\nwant %s: %s", err, name, cause)
	}
}

func TestPathsThatAreRefused(t *testing.T) {
	for _, path := range []string{
		"", "a", ".a", "$a", "$.", "$..", "$..a", "$.a.", "$.a..b", "$[", "$[]", "$['a]", "$['a'", "$[a]", "$[1", "$[1,]", "$[:]", "$[0:4:2]",
		"$[?(@.a)]", "$[(@.length-1)]", "$.a.length()", "$.a b", "$$$", "$['a'x]", `$['a\`,
	} {
		if p, err := asl.ParsePath(path); err == nil {
			t.Errorf("%q was read as %v", path, p)
		}
	}
}

func TestReferencePaths(t *testing.T) {
	for path, want := range map[string]bool{
		"$": true, "$.a.b": true, "$['a'][0].b": true,
		"$$.a": false, "$.a[*]": false, "$.a[0:1]": false, "$.a[0,1]": false, "$['a','b']": false, "$.a[-1]": false,
	} {
		p, err := asl.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if p.Reference() != want {
			t.Errorf("%s: a reference path is %t, want %t", path, p.Reference(), want)
		}
	}
}

func TestPlace(t *testing.T) {
	tests := map[string]struct{ path, want, fault string }{
		"everything is replaced":              {path: "$", want: `"R"`},
		"a member is added":                   {path: "$.new", want: `{"a":{"b":[1]},"new":"R","s":"text"}`},
		"members on the way are made":         {path: "$.new.deep.er", want: `{"a":{"b":[1]},"new":{"deep":{"er":"R"}},"s":"text"}`},
		"a member is replaced":                {path: "$.a.b", want: `{"a":{"b":"R"},"s":"text"}`},
		"an item is replaced":                 {path: "$.a.b[0]", want: `{"a":{"b":["R"]},"s":"text"}`},
		"a text cannot have members":          {path: "$.s.x", fault: `Unable to apply ReferencePath $.s.x to input {"a":{"b":[1]},"s":"text"}: "text" is no object`},
		"an array does not grow":              {path: "$.a.b[1]", fault: `Unable to apply ReferencePath $.a.b[1] to input {"a":{"b":[1]},"s":"text"}: the array has no index 1`},
		"an object has no indexes":            {path: "$.a[0]", fault: `Unable to apply ReferencePath $.a[0] to input {"a":{"b":[1]},"s":"text"}: {"b":[1]} is no array`},
		"a fault deeper in an array is found": {path: "$.a.b[0].x", fault: `Unable to apply ReferencePath $.a.b[0].x to input {"a":{"b":[1]},"s":"text"}: 1 is no object`},
	}
	const input = `{"a":{"b":[1]},"s":"text"}`
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := asl.ParsePath(test.path)
			if err != nil {
				t.Fatal(err)
			}
			before := decode(t, input)
			got, err := p.Place(before, "R")
			if test.fault != "" {
				wantFault(t, err, asl.ErrorResultPath, test.fault)
				return
			}
			if string(asl.Encode(got)) != test.want {
				t.Errorf("got %s (%v), want %s", asl.Encode(got), err, test.want)
			}
			if string(asl.Encode(before)) != input {
				t.Errorf("the input was changed: %s", asl.Encode(before))
			}
		})
	}
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"$", "$$.a", "$.a['b'][0][1:2][*]", "$['it\\'s','b']", "$..a", "$[?(@)]"} {
		f.Add(seed)
	}
	input, err := asl.Decode([]byte(document))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := asl.ParsePath(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("%q was read as %q", text, p)
		}
		_, _ = p.Eval(asl.Scope{Input: input})
		if p.Reference() {
			if placed, err := p.Place(input, "R"); err == nil {
				if got, err := p.Eval(asl.Scope{Input: placed}); err != nil || got != "R" {
					t.Errorf("what was placed at %s is not found there: %v, %v", p, got, err)
				}
			}
		}
	})
}
