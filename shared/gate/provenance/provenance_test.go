package provenance_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/intoto"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/image"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")

	hosted = "https://github.com/actions/runner/github-hosted"
	source = "https://github.com/shop/web"
)

func TestPolicies(t *testing.T) {
	for name, test := range map[string]struct {
		policy provenance.Policy
		wrong  []string
	}{
		"GitHub's":                    {provenance.Policy{Builder: hosted, Source: source}, nil},
		"another host and a path":     {provenance.Policy{Builder: "https://gitlab.example/-/runners/1", Source: "https://gitlab.example/a/b/c"}, nil},
		"a builder that is no URL":    {provenance.Policy{Builder: "tekton://chains", Source: source}, nil},
		"nothing":                     {provenance.Policy{}, []string{"builder", "source"}},
		"any builder":                 {provenance.Policy{Builder: "https://github.com/*", Source: source}, []string{"builder"}},
		"a word":                      {provenance.Policy{Builder: "github", Source: source}, []string{"builder"}},
		"a source with a branch":      {provenance.Policy{Builder: hosted, Source: source + "@refs/heads/main"}, []string{"source"}},
		"a source for git":            {provenance.Policy{Builder: hosted, Source: "git+" + source}, []string{"source"}},
		"a source that git clones":    {provenance.Policy{Builder: hosted, Source: source + ".git"}, []string{"source"}},
		"a source that ends in slash": {provenance.Policy{Builder: hosted, Source: source + "/"}, []string{"source"}},
		"a host alone":                {provenance.Policy{Builder: hosted, Source: "https://github.com/"}, []string{"source"}},
		"owner and name":              {provenance.Policy{Builder: hosted, Source: "shop/web"}, []string{"source"}},
	} {
		if diff := cmp.Diff(test.wrong, slices.Sorted(maps.Keys(test.policy.Check()))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// statement says what the predicate says of an image.
func statement(predicateType string, digest image.Digest, predicate string) intoto.Statement {
	return intoto.Statement{Type: "https://in-toto.io/Statement/v1", PredicateType: predicateType, Predicate: json.RawMessage(predicate),
		Subject: []intoto.Subject{{Name: "other", Digest: map[string]string{"sha256": "0"}}, {Name: "web", Digest: map[string]string{"sha256": strings.TrimPrefix(string(digest), "sha256:")}}}}
}

func TestCheck(t *testing.T) {
	const v1, v02 = "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"
	run := `"runDetails":{"builder":{"id":"` + hosted + `"}}`
	parameters := func(p string) string {
		return `{"buildDefinition":{"externalParameters":{` + p + `}},` + run + `}`
	}
	old := func(builder, uri string) string {
		return `{"builder":{"id":"` + builder + `"},"invocation":{"configSource":{"uri":"` + uri + `"}}}`
	}
	for name, test := range map[string]struct {
		statement intoto.Statement
		source    string // that is found
		want      string // in the error; "" for none
	}{
		"GitHub's own":            {statement(v1, one, parameters(`"workflow":{"repository":"`+source+`","ref":"refs/heads/main"}`)), source + "@refs/heads/main", ""},
		"slsa-github-generator's": {statement(v1, one, parameters(`"source":"git+`+source+`@refs/tags/v1"`)), "git+" + source + "@refs/tags/v1", ""},
		"BuildKit's":              {statement(v1, one, parameters(`"configSource":{"uri":"`+source+`.git#refs/heads/main","path":"Dockerfile"}`)), source + ".git#refs/heads/main", ""},
		"version 0.2":             {statement(v02, one, old(hosted, "git+"+source+"@refs/heads/main")), "git+" + source + "@refs/heads/main", ""},

		"of another image":                     {statement(v1, two, parameters(`"source":"`+source+`"`)), "", "it is about sha256:0, " + string(two)},
		"another builder":                      {statement(v02, one, old("https://evil.example/builder", source)), source, `built by "https://evil.example/builder", want "` + hosted + `"`},
		"a builder that begins as ours":        {statement(v02, one, old(hosted+"-not", source)), source, `built by "` + hosted + `-not"`},
		"no builder":                           {statement(v1, one, `{"buildDefinition":{"externalParameters":{"source":"`+source+`"}}}`), source, `built by ""`},
		"another source":                       {statement(v1, one, parameters(`"workflow":{"repository":"https://github.com/shop/web2"}`)), "https://github.com/shop/web2", `built from "https://github.com/shop/web2"`},
		"a source before a user's name":        {statement(v1, one, parameters(`"source":"https://github.com@evil.example/shop/web"`)), "https://github.com@evil.example/shop/web", "built from"},
		"a source that is a fork":              {statement(v1, one, parameters(`"source":"git+https://github.com/evil/web@refs/heads/main"`)), "git+https://github.com/evil/web@refs/heads/main", "built from"},
		"no source":                            {statement(v1, one, parameters(``)), "", `built from ""`},
		"a source among the dependencies only": {statement(v1, one, `{"buildDefinition":{"resolvedDependencies":[{"uri":"git+`+source+`"}]},`+run+`}`), "", `built from ""`},
		"a source in the other version's form": {statement(v02, one, parameters(`"source":"`+source+`"`)), "", `built by ""`},
		"a source that is an object":           {statement(v1, one, parameters(`"source":{"uri":"`+source+`"}`)), "", `built from ""`},
		"a predicate that is a list":           {statement(v1, one, `[]`), "", "cannot be read"},
		"no predicate":                         {statement(v02, one, ``), "", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := provenance.Check(test.statement, provenance.Policy{Builder: hosted, Source: source}, one)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%+v, %v; want %q", found, err, test.want)
			}
			if found.Source != test.source || err == nil && found.Builder != hosted {
				t.Errorf("found %+v", found)
			}
		})
	}
	if _, err := provenance.Check(statement("https://spdx.dev/Document", one, `{}`), provenance.Policy{}, one); !errors.Is(err, provenance.ErrOther) {
		t.Errorf("a bill of materials is a provenance: %v", err)
	}
}

// FuzzCheck attacks the promise that only a provenance by the builder and from the source passes.
func FuzzCheck(f *testing.F) {
	f.Add(string(gatetest.Provenance(f, one, hosted, source)))
	f.Add(`{"predicateType":"https://slsa.dev/provenance/v0.2","subject":[{"digest":{"sha256":"` + string(one[7:]) + `"}}],"predicate":{"builder":{"id":"` + hosted + `"}}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var s intoto.Statement
		if json.Unmarshal([]byte(raw), &s) != nil {
			return
		}
		found, err := provenance.Check(s, provenance.Policy{Builder: hosted, Source: source}, one)
		if err == nil && (found.Builder != hosted || !strings.Contains(found.Source, source) || !strings.Contains(raw, string(one[7:]))) {
			t.Fatalf("%s passes: %+v", raw, found)
		}
	})
}
