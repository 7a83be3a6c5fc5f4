package asl_test

import (
	"testing"

	"fairlead/local/states/asl"
)

func evaluate(t *testing.T, template, input string) (string, error) {
	t.Helper()
	tmpl, problems := asl.ParseTemplate(decode(t, template), "/States/S/Parameters")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := scope(t)
	s.Input = decode(t, input)
	v, err := tmpl.Eval(s)
	return string(asl.Encode(v)), err
}

func TestTemplates(t *testing.T) {
	const template = `{"plain":{"n":1.50,"list":[1,{"x.$":"$.a"},[{"y.$":"$$.Execution.Name"}]]},"copy.$":"$","call.$":"States.Format('{}-{}',$.a,$$.Execution.Name)"}`
	got, err := evaluate(t, template, `{"a":"A"}`)
	want := `{"call":"A-run","copy":{"a":"A"},"plain":{"list":[1,{"x":"A"},[{"y":"run"}]],"n":1.50}}`
	if got != want || err != nil {
		t.Errorf("got %s (%v)\nwant %s", got, err, want)
	}
}

func TestTemplateFaults(t *testing.T) {
	_, err := evaluate(t, `{"x":[{"digest.$":"$.image.digest"}]}`, `{"image":{}}`)
	wantFault(t, err, asl.ErrorRuntime, `The JSONPath '$.image.digest' specified for the field 'digest.$' could not be found in the input '{"image":{}}'`)
	_, err = evaluate(t, `{"x.$":"$$.Task.Token"}`, `{}`)
	wantFault(t, err, asl.ErrorRuntime, `The JSONPath '$$.Task.Token' specified for the field 'x.$' could not be found in the input '{"Execution":{"Name":"run"}}'`)
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for template, want := range map[string]string{
		`[]`:                              "SCHEMA_VALIDATION_FAILED: Expected value of type Object at /P",
		`{"a.$":"a"}`:                     "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /P",
		`{"a.$":7}`:                       "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /P",
		`{"l":[{"a.$":"States.None()"}]}`: "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /P/l[0]",
		`{"a":1,"a.$":"$"}`:               "SCHEMA_VALIDATION_FAILED: The field 'a' is given as 'a' and as 'a.$' at /P",
		`{"a.$":"$..b"}`:                  "NOT_IMPLEMENTED: the field 'a.$': path $..b: the deep scan .. in a path is not implemented by Fairlead's embedded AWS at /P",
	} {
		_, problems := asl.ParseTemplate(decode(t, template), "/P")
		if problems.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", template, problems, want)
		}
	}
}
