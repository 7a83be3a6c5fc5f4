package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"fairlead/local/states/asl"
)

// choose reads a machine whose only choice is rule, and says whether it holds.
func choose(t *testing.T, rule, input string) (bool, error) {
	t.Helper()
	definition := `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[` + strings.TrimSuffix(rule, "}") + `,"Next":"S"}]},"S":{"Type":"Succeed"}}}`
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		t.Fatalf("%s: %v", rule, err)
	}
	return m.States["C"].Choices[0].Matches(asl.Scope{Input: decode(t, input)})
}

func TestChoiceRules(t *testing.T) {
	for _, test := range []struct {
		rule, input string
		want        bool
	}{
		{`{"Variable":"$.v","StringEquals":"a"}`, `{"v":"a"}`, true},
		{`{"Variable":"$.v","StringEquals":"1"}`, `{"v":1}`, false},
		{`{"Variable":"$.v","StringEqualsPath":"$.o"}`, `{"v":"a","o":"a"}`, true},
		{`{"Variable":"$.v","StringEqualsPath":"$.o"}`, `{"v":"1","o":1}`, false},
		{`{"Variable":"$.v","StringLessThan":"b"}`, `{"v":"a"}`, true},
		{`{"Variable":"$.v","StringLessThanEquals":"b"}`, `{"v":"b"}`, true},
		{`{"Variable":"$.v","StringGreaterThan":"b"}`, `{"v":"b"}`, false},
		{`{"Variable":"$.v","StringGreaterThanEquals":"b"}`, `{"v":"b"}`, true},
		{`{"Variable":"$.v","StringGreaterThanPath":"$.o"}`, `{"v":"b","o":"a"}`, true},
		{`{"Variable":"$.v","StringMatches":"log-*.txt"}`, `{"v":"log-1.txt"}`, true},
		{`{"Variable":"$.v","StringMatches":"log-*.txt"}`, `{"v":"log.txt"}`, false},
		{`{"Variable":"$.v","StringMatches":"*a*b*"}`, `{"v":"xxaxxbxx"}`, true},
		{`{"Variable":"$.v","StringMatches":"*ab*ba"}`, `{"v":"aba"}`, false},
		{`{"Variable":"$.v","StringMatches":"\\*"}`, `{"v":"*"}`, true},
		{`{"Variable":"$.v","StringMatches":"\\*"}`, `{"v":"a"}`, false},
		{`{"Variable":"$.v","StringMatches":"*"}`, `{"v":1}`, false},
		{`{"Variable":"$.v","NumericEquals":0}`, `{"v":0.0}`, true},
		{`{"Variable":"$.v","NumericEquals":1}`, `{"v":"1"}`, false},
		{`{"Variable":"$.v","NumericEquals":0}`, `{"v":null}`, false},
		{`{"Variable":"$.v","NumericLessThan":2}`, `{"v":10}`, false},
		{`{"Variable":"$.v","NumericLessThanEqualsPath":"$.o"}`, `{"v":1e1,"o":10}`, true},
		{`{"Variable":"$.v","NumericGreaterThan":1.5}`, `{"v":2}`, true},
		{`{"Variable":"$.v","NumericGreaterThanEquals":2}`, `{"v":2}`, true},
		{`{"Variable":"$.v","BooleanEquals":true}`, `{"v":true}`, true},
		{`{"Variable":"$.v","BooleanEquals":true}`, `{"v":"true"}`, false},
		{`{"Variable":"$.v","BooleanEqualsPath":"$.o"}`, `{"v":false,"o":false}`, true},
		{`{"Variable":"$.v","TimestampEquals":"2026-11-23T09:00:00+01:00"}`, `{"v":"2026-11-23T08:00:00Z"}`, true},
		{`{"Variable":"$.v","TimestampLessThan":"2026-11-23T08:00:00Z"}`, `{"v":"2026-11-23T07:59:59.999Z"}`, true},
		{`{"Variable":"$.v","TimestampLessThanEquals":"2026-11-23T08:00:00Z"}`, `{"v":"2026-11-23 08:00:00"}`, false},
		{`{"Variable":"$.v","TimestampGreaterThanPath":"$.o"}`, `{"v":"2026-11-23T08:00:00Z","o":"2025-01-01T00:00:00Z"}`, true},
		{`{"Variable":"$.v","TimestampGreaterThanEquals":"2026-11-23T08:00:00Z"}`, `{"v":7}`, false},
		{`{"Variable":"$.v","IsNull":true}`, `{"v":null}`, true},
		{`{"Variable":"$.v","IsNull":false}`, `{"v":0}`, true},
		{`{"Variable":"$.v","IsString":true}`, `{"v":""}`, true},
		{`{"Variable":"$.v","IsNumeric":true}`, `{"v":"1"}`, false},
		{`{"Variable":"$.v","IsBoolean":true}`, `{"v":false}`, true},
		{`{"Variable":"$.v","IsTimestamp":true}`, `{"v":"2026-11-23T08:00:00Z"}`, true},
		{`{"Variable":"$.v","IsTimestamp":false}`, `{"v":"2026-11-23"}`, true},
		{`{"Variable":"$.v","IsPresent":true}`, `{"v":null}`, true},
		{`{"Variable":"$.v","IsPresent":false}`, `{}`, true},
		{`{"Variable":"$.a.b.c","IsPresent":true}`, `{"a":7}`, false},
		{`{"Variable":"$.a[*].b","IsPresent":true}`, `{"a":[]}`, false},
		{`{"Not":{"Variable":"$.v","IsPresent":true}}`, `{}`, true},
		{`{"And":[{"Variable":"$.v","IsPresent":true},{"Variable":"$.v","StringEquals":"a"}]}`, `{"v":"a"}`, true},
		{`{"And":[{"Variable":"$.v","IsPresent":true},{"Variable":"$.v","StringEquals":"a"}]}`, `{}`, false},
		{`{"Or":[{"Variable":"$.v","IsPresent":false},{"Variable":"$.v","StringEquals":"a"}]}`, `{}`, true},
		{`{"Or":[{"Variable":"$.v","StringEquals":"a"},{"Not":{"Variable":"$.v","StringEquals":"b"}}]}`, `{"v":"b"}`, false},
	} {
		t.Run(fmt.Sprintf("%s of %s is %t", test.rule, test.input, test.want), func(t *testing.T) {
			if got, err := choose(t, test.rule, test.input); err != nil || got != test.want {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
}

func TestAConditionWithoutItsValueIsAFault(t *testing.T) {
	for _, rule := range []string{`{"Variable":"$.none","StringEquals":"a"}`, `{"Variable":"$.none","IsNull":true}`, `{"Variable":"$.v","StringEqualsPath":"$.none"}`} {
		_, err := choose(t, rule, `{"v":"a"}`)
		wantFault(t, err, asl.ErrorRuntime, "Invalid path '$.none': The choice state's condition path references an invalid value.")
	}
}
