package expression_test

import (
	"testing"

	"fairlead/local/dynamodb/expression"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	item := expression.Item{"sequence": {"N": "10"}, "holder": {"S": "arn:b"}, "mark": {"M": map[string]any{"time": map[string]any{"S": "2026-11-23"}}}}
	names := map[string]string{"#s": "sequence"}
	values := map[string]expression.Value{":nine": {"N": "9"}, ":ten": {"N": "10.0"}, ":b": {"S": "arn:b"}, ":arn": {"S": "arn:"}, ":t": {"S": "2026-11-24"}, ":kind": {"S": "N"}}
	for condition, want := range map[string]bool{
		"#s = :ten":                                 true, // numbers compare as numbers
		"#s > :nine AND holder = :b":                true,
		"NOT #s > :nine OR holder <> :b":            false,
		"attribute_exists(mark.time)":               true,
		"attribute_not_exists(mark.start)":          true,
		"attribute_not_exists(holder)":              false,
		"begins_with(holder, :arn)":                 true,
		"contains(holder, :b)":                      true,
		"attribute_type(#s, :kind)":                 true,
		"mark.time < :t":                            true,
		"#s BETWEEN :nine AND :ten":                 true,
		"holder IN (:arn, :b)":                      true,
		"holder = :ten":                             false, // types differ
		"missing < :ten":                            false,
		"(#s = :nine OR #s = :ten) AND holder = :b": true,
		"size(holder) = :ten":                       false,
	} {
		c, err := expression.Parse(condition, names, values)
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if got := c.Holds(item); got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}

func TestWhatDynamoDBRefusesIsRefused(t *testing.T) {
	t.Parallel()
	for _, condition := range []string{"", "a =", "a = :undefined", "#undefined = :v", "a == :v", "(a = :v", "a = :v b", "nonsense(a)", "a IN ()", "NOT", "size(a)", "a BETWEEN :v", "& = :v"} {
		if _, err := expression.Parse(condition, nil, map[string]expression.Value{":v": {"S": ""}}); err == nil {
			t.Errorf("%q was taken", condition)
		}
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("attribute_not_exists(#a) OR (#a.b BETWEEN :v AND :v) AND NOT size(x) <> :v")
	f.Fuzz(func(_ *testing.T, text string) {
		c, err := expression.Parse(text, map[string]string{"#a": "a"}, map[string]expression.Value{":v": {"N": "1"}})
		if err == nil {
			c.Holds(expression.Item{"a": {"N": "1"}})
		}
	})
}
