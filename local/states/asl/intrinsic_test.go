package asl_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"fairlead/local/states/asl"
)

func call(t *testing.T, text, input string) (string, error) {
	t.Helper()
	e, err := asl.ParseExpression(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s := scope(t)
	s.Input, s.Random = decode(t, input), func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	v, err := e.Eval(s, "field.$")
	return string(asl.Encode(v)), err
}

// The values are those that Step Functions was recorded to return, where a recording exists.
func TestIntrinsicFunctions(t *testing.T) {
	for _, test := range []struct{ call, input, want string }{
		{`States.Format('Hello, my name is {}.', $.name)`, `{"name":"Arnav"}`, `"Hello, my name is Arnav."`},
		{`States.Format('{} {} {} {}', null, 1.10, true, 'a')`, `{}`, `"null 1.10 true a"`},
		{`States.Format('fst={} and snd={}.', $, $.Arg2)`, `{"Arg1":1,"Arg2":[]}`, `"fst={Arg1=1, Arg2=[]} and snd=[]."`},
		{`States.Format('\{\} \\ \' {}', 1)`, `{}`, `"{} \\ ' 1"`},
		{`States.Format($.template, 1)`, `{"template":"<{}>"}`, `"<1>"`},
		{`States.Format('')`, `{}`, `""`},
		{`States.StringToJson('')`, `{}`, `null`},
		{`States.StringToJson($)`, `"{\"Arg1\": 1, \"Arg2\": []}"`, `{"Arg1":1,"Arg2":[]}`},
		{`States.StringToJson('{"a": "b"}')`, `{}`, `{"a":"b"}`},
		{`States.JsonToString($)`, `{"Arg1": 1, "Arg2": ["<&>"]}`, `"{\"Arg1\":1,\"Arg2\":[\"<&>\"]}"`},
		{`States.JsonToString(null)`, `{}`, `"null"`},
		{`States.Array()`, `{}`, `[]`},
		{`States.Array( 1 , 'two' , States.Array($.three) )`, `{"three":3}`, `[1,"two",[3]]`},
		{`States.ArrayPartition($, 2)`, `[0,1,2]`, `[[0,1],[2]]`},
		{`States.ArrayPartition($, 4)`, `[]`, `[]`},
		{`States.ArrayContains($, States.Array(1,2,3))`, `[[1,2,3],2]`, `true`},
		{`States.ArrayContains($, 2.0)`, `[1,2]`, `true`},
		{`States.ArrayContains($, '2')`, `[1,2]`, `false`},
		{`States.ArrayContains($, null)`, `[]`, `false`},
		{`States.ArrayRange(0, 10, 3)`, `{}`, `[0,3,6,9]`},
		{`States.ArrayRange(1, 9, 9)`, `{}`, `[1]`},
		{`States.ArrayRange(3, 1, -1)`, `{}`, `[3,2,1]`},
		{`States.ArrayGetItem($, 5)`, `[1,2,3,4,5,6]`, `6`},
		{`States.ArrayLength($)`, `[1,2]`, `2`},
		{`States.ArrayUnique($)`, `[1,1.0,"1",null,null,{"a":1},{"a":1}]`, `[1,"1",null,{"a":1}]`},
		{`States.Base64Encode('Data to encode')`, `{}`, `"RGF0YSB0byBlbmNvZGU="`},
		{`States.Base64Decode('RGVjb2RlZCBkYXRh')`, `{}`, `"Decoded data"`},
		{`States.Hash('abc', 'SHA-1')`, `{}`, `"a9993e364706816aba3e25717850c26c9cd0d89d"`},
		{`States.Hash('abc', 'MD5')`, `{}`, `"900150983cd24fb0d6963f7d28e17f72"`},
		{`States.Hash('abc', 'SHA-256')`, `{}`, `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
		{`States.ArrayLength(States.Array(States.Hash('a', 'SHA-384'), States.Hash($, 'SHA-512')))`, `{"b":1}`, `2`},
		{`States.JsonMerge($.a, $.b, false)`, `{"a":{"a":{"a1":1},"b":2,"d":3},"b":{"a":{"a3":1},"c":3,"d":4}}`, `{"a":{"a3":1},"b":2,"c":3,"d":4}`},
		{`States.MathAdd(-9, 3)`, `{}`, `-6`},
		{`States.MathAdd(1.5, 1.51)`, `{}`, `4`},
		{`States.MathAdd(-1.5, -1.51)`, `{}`, `-3`},
		{`States.MathAdd(-0.5, 0.5)`, `{}`, `1`},
		{`States.StringSplit('This.is+a,test=string', '.+,=')`, `{}`, `["This","is","a","test","string"]`},
		{`States.StringSplit(',,,,', ',')`, `{}`, `[]`},
		{`States.StringSplit($, 'T' )`, `"split on T and \nline"`, `["split on "," and \nline"]`},
		{`States.UUID()`, `{}`, `"a-uuid"`},
		{`States.ArrayGetItem(States.StringSplit($$.Execution.Name, 'u'), States.MathAdd(1, 0))`, `{}`, `"n"`},
		{`States.Format('{}', $['a,b)'][0])`, `{"a,b)":["x"]}`, `"x"`},
	} {
		if got, err := call(t, test.call, test.input); err != nil || got != test.want {
			t.Errorf("%s of %s is %s (%v), want %s", test.call, test.input, got, err, test.want)
		}
	}
}

func TestMathRandomKeepsItsRange(t *testing.T) {
	for _, text := range []string{`States.MathRandom(5, 6)`, `States.MathRandom(5, 6, 42)`} {
		if got, err := call(t, text, `{}`); err != nil || got != "5" && got != "6" {
			t.Errorf("%s is %s (%v)", text, got, err)
		}
	}
	a, _ := call(t, `States.MathRandom(0, 1000000, 7)`, `{}`)
	b, _ := call(t, `States.MathRandom(0, 1000000, 7)`, `{}`)
	if a != b {
		t.Errorf("one seed gave %s and %s", a, b)
	}
}

func TestIntrinsicFailures(t *testing.T) {
	for text, want := range map[string]string{
		`States.Format('{} {}', 1)`:                                 "there are more {} than arguments",
		`States.Format('{}', 1, 2)`:                                 "there are fewer {} than arguments",
		`States.Format('{', 1)`:                                     `a { or } that is not {} must be written \{ or \}`,
		`States.Format(7)`:                                          "7 is not a string",
		`States.StringToJson('{')`:                                  "read JSON: unexpected EOF",
		`States.ArrayGetItem($, 3)`:                                 "there is no item 3 in an array of 2",
		`States.ArrayGetItem($, -1)`:                                "there is no item -1 in an array of 2",
		`States.ArrayLength('text')`:                                `"text" is not an array`,
		`States.ArrayPartition($, 0)`:                               "the size of a part must be positive",
		`States.ArrayRange(1, 5000, 1)`:                             "the range has more than 1000 items",
		`States.ArrayRange(1, 5, 0)`:                                "the step must not be 0",
		`States.Base64Decode('!')`:                                  "illegal base64 data at input byte 0",
		`States.Hash('a', 'CRC')`:                                   `"CRC" is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512`,
		`States.JsonMerge($, $, false)`:                             "the first two arguments must be objects",
		`States.JsonMerge($$, $$, true)`:                            "the third argument must be false: Step Functions merges only the first level",
		`States.MathAdd(1, 'a')`:                                    `"a" is not a number`,
		`States.MathAdd(2147483648, 1)`:                             "2147483648 is not between -2147483648 and 2147483647",
		`States.MathRandom(5, 5)`:                                   "the end must be greater than the start",
		`States.StringSplit($, ',')`:                                "[1,2] is not a string",
		`States.Base64Encode('` + strings.Repeat("a", 10001) + `')`: "the string is longer than 10000 characters",
	} {
		_, err := call(t, text, `[1,2]`)
		wantFault(t, err, asl.ErrorIntrinsic, "The function '"+text+"' had the following error: "+want)
	}
}

func TestAnArgumentThatIsMissingIsAPathFault(t *testing.T) {
	_, err := call(t, `States.Format('{}', $.none)`, `{}`)
	wantFault(t, err, asl.ErrorRuntime, `The JSONPath '$.none' specified for the field 'States.Format('{}', $.none)' could not be found in the input '{}'`)
}

func TestCallsThatAreRefused(t *testing.T) {
	deep := strings.Repeat("States.Array(", 11) + strings.Repeat(")", 11)
	for _, text := range []string{
		"", "States", "States.", "States.Format", "States.Format(", "States.Format('a'", "States.Format('a)", "States.Format('a',)", "States.Format('a' 'b')", "States.Format()",
		"States.UUID(1)", "States.None()", "States.ArrayLength(a)", "States.ArrayLength({})", "States.ArrayLength([1])", "States.UUID() ", "States.UUID())", `States.Format('\n')`,
		"States.Format('a', $..b)", "Format('a')", deep,
	} {
		if _, err := asl.ParseExpression(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzParseExpression(f *testing.F) {
	for _, seed := range []string{`States.Format('{} \'', $.a, States.Array(1, true, null))`, `States.JsonMerge($$.a, $['b)'], false)`, `$.a[0]`, `States.ArrayRange(1,2,3)`} {
		f.Add(seed, `{"a":[1]}`)
	}
	f.Fuzz(func(t *testing.T, text, input string) {
		e, err := asl.ParseExpression(text)
		if err != nil {
			return
		}
		v, err := asl.Decode([]byte(input))
		if err != nil {
			return
		}
		s := asl.Scope{Input: v, Context: map[string]any{}, UUID: func() string { return "u" }, Random: func() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }}
		if got, err := e.Eval(s, "f"); err == nil && !json.Valid(asl.Encode(got)) {
			t.Errorf("%q of %s is no JSON: %s", text, input, asl.Encode(got))
		}
	})
}
