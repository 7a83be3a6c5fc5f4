package pattern_test

import (
	"strings"
	"testing"

	"fairlead/local/events/pattern"
)

const push = `{"source":"aws.ecr","detail-type":"ECR Image Action","resources":[],
 "detail":{"result":"SUCCESS","repository-name":"shop/web","action-type":"PUSH","image-tag":"v1.2.3","size":42,"ip":"10.0.1.7","tags":["a","b"],"none":null}}`

func TestMatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pattern string
		want    bool
	}{
		"every named field must match":                 {`{"source":["aws.ecr"],"detail":{"result":["SUCCESS"]}}`, true},
		"one field that differs is enough to miss":     {`{"source":["aws.ecr"],"detail":{"result":["FAILURE"]}}`, false},
		"a list means or":                              {`{"detail":{"result":["FAILURE","SUCCESS"]}}`, true},
		"an array in the event matches by any element": {`{"detail":{"tags":["b"]}}`, true},
		"an absent field does not match a literal":     {`{"detail":{"nothing":[""]}}`, false},
		"prefix":                                               {`{"detail":{"image-tag":[{"prefix":"v1."}]}}`, true},
		"prefix without regard to case":                        {`{"detail":{"repository-name":[{"prefix":{"equals-ignore-case":"SHOP"}}]}}`, true},
		"suffix":                                               {`{"detail":{"image-tag":[{"suffix":".4"}]}}`, false},
		"equals-ignore-case":                                   {`{"detail":{"action-type":[{"equals-ignore-case":"push"}]}}`, true},
		"wildcard over the whole value":                        {`{"detail":{"image-tag":[{"wildcard":"v*.*.3"}]}}`, true},
		"wildcard parts keep their order":                      {`{"detail":{"image-tag":[{"wildcard":"*3*2*"}]}}`, false},
		"wildcard parts do not overlap":                        {`{"detail":{"repository-name":[{"wildcard":"shop/web*web"}]}}`, false},
		"anything-but a literal":                               {`{"detail":{"image-tag":[{"anything-but":["latest",""]}]}}`, true},
		"anything-but does not match an absent field":          {`{"detail":{"nothing":[{"anything-but":""}]}}`, false},
		"anything-but a wildcard":                              {`{"detail":{"image-tag":[{"anything-but":{"wildcard":"v1*"}}]}}`, false},
		"anything-but a list of prefixes":                      {`{"detail":{"image-tag":[{"anything-but":{"prefix":["x","v2"]}}]}}`, true},
		"exists true of a leaf":                                {`{"detail":{"image-tag":[{"exists":true}]}}`, true},
		"exists true is not true of an object":                 {`{"detail":[{"exists":true}]}`, false},
		"exists false of an absent field":                      {`{"detail":{"nothing":[{"exists":false}]}}`, true},
		"exists true of an empty array finds no element":       {`{"resources":[{"exists":true}]}`, false},
		"numeric range":                                        {`{"detail":{"size":[{"numeric":[">",40,"<=",42]}]}}`, true},
		"a number is not its text":                             {`{"detail":{"size":["42"]}}`, false},
		"null matches null":                                    {`{"detail":{"none":[null]}}`, true},
		"cidr":                                                 {`{"detail":{"ip":[{"cidr":"10.0.0.0/16"}]}}`, true},
		"$or: one alternative":                                 {`{"$or":[{"source":["x"]},{"detail":{"size":[42]}}]}`, true},
		"$or: no alternative":                                  {`{"$or":[{"source":["x"]},{"detail":{"size":[41]}}]}`, false},
		"a pattern for an object does not match a string":      {`{"source":{"x":["y"]}}`, false},
		"a nested pattern of exists false matches when absent": {`{"other":{"x":[{"exists":false}]}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.Parse([]byte(test.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Matches([]byte(push)); got != test.want {
				t.Errorf("%s matches: %v, want %v", test.pattern, got, test.want)
			}
		})
	}
}

func TestWhatEventBridgeRefusesIsRefused(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"not JSON":                      `{`,
		"a scalar instead of a list":    `{"source":"aws.ecr"}`,
		"an empty list":                 `{"source":[]}`,
		"an empty object":               `{"detail":{}}`,
		"an unknown operator":           `{"source":[{"regex":"a"}]}`,
		"two operators in one object":   `{"source":[{"prefix":"a","suffix":"b"}]}`,
		"two stars in a row":            `{"source":[{"wildcard":"a**b"}]}`,
		"a bad escape":                  `{"source":[{"wildcard":"a\\b"}]}`,
		"a list in a list":              `{"source":[["a"]]}`,
		"exists of a string":            `{"source":[{"exists":"yes"}]}`,
		"a numeric operator of no kind": `{"source":[{"numeric":["~",1]}]}`,
		"2,049 characters":              `{"source":["` + strings.Repeat("a", 2049-len(`{"source":[""]}`)) + `"]}`,
		"an $or of one":                 `{"$or":[{"source":["a"]}]}`,
		"anything-but an operator list": `{"source":[{"anything-but":[{"prefix":"a"}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := pattern.Parse([]byte(raw)); err == nil {
				t.Errorf("%s was taken", raw)
			}
		})
	}
}

func FuzzPattern(f *testing.F) {
	f.Add([]byte(`{"source":["aws.ecr"],"detail":{"image-tag":[{"anything-but":{"wildcard":"a*"}}]}}`), []byte(push))
	f.Add([]byte(`{"$or":[{"a":[1]},{"b":[{"numeric":["<",2]}]}]}`), []byte(`{"a":[1,{"b":null}]}`))
	f.Fuzz(func(_ *testing.T, raw, event []byte) {
		if p, err := pattern.Parse(raw); err == nil {
			p.Matches(event)
		}
	})
}
