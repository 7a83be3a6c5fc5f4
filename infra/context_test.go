package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheContextComesFromTheCLIOrFromTheFile(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "cdk.json"), `{"app":"x","context":{"fairlead":"file"}}`)
	overflow := filepath.Join(root, "overflow.json")
	write(t, overflow, `{"fairlead":"overflow"}`)
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"without the CLI":                {nil, `"file"`},
		"with the CLI":                   {map[string]string{"CDK_CONTEXT_JSON": `{"fairlead":"cli"}`}, `"cli"`},
		"with more than the environment": {map[string]string{"CDK_CONTEXT_JSON": `{}`, "CONTEXT_OVERFLOW_LOCATION": overflow}, `"overflow"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readContext(root, func(key string) string { return c.env[key] })
			if err != nil || string(got[configurationKey]) != c.want {
				t.Errorf("%s, %v, want %s", got[configurationKey], err, c.want)
			}
		})
	}
}

func TestAnErrorOfTheContextSaysWhereItIs(t *testing.T) {
	const web = `"web":{"cluster":"c","repository":"shop/web","tagPolicy":{"newest":true}}`
	for name, c := range map[string]struct{ context, want string }{
		"no configuration":               {`{}`, "context.fairlead: it is missing"},
		"a field that nobody knows":      {`{"fairlead":{"services":{` + web + `},"x":1}}`, "context.fairlead.x: unknown field"},
		"a sample that is no text":       {`{"fairlead":{"services":{` + web + `}},"fairleadSample":true}`, "context.fairleadSample: want the name"},
		"services of one logical id":     {`{"fairlead":{"services":{"a-b":` + web[6:] + `,"a_b":` + strings.Replace(web[6:], `"c"`, `"d"`, 1) + `}}}`, "context.fairlead.services.a_b: it has the same letters"},
		"a repository that fills in":     {`{"fairlead":{"services":{` + web + `},"repositories":{"a":{"github":{"repository":"a/b","environment":"${x}"}}}}}`, "context.fairlead.repositories.a.github"},
		"a push role with a long name":   {`{"fairlead":{"services":{` + web + `},"repositories":{"` + strings.Repeat("a", 51) + `":{"github":{"repository":"a/b","branch":"main"}}}}}`, "would have 65 characters"},
		"repositories of one logical id": {`{"fairlead":{"services":{` + web + `},"repositories":{"a/b":{},"a-b":{}}}}`, "same logical id"},
	} {
		t.Run(name, func(t *testing.T) {
			given, err := readContext("", func(key string) string {
				return map[string]string{"CDK_CONTEXT_JSON": c.context}[key]
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := newInput(given, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestWithoutACDKJSONTheErrorSaysWhereToRun(t *testing.T) {
	_, err := readContext(t.TempDir(), func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "the directory of cdk.json") {
		t.Error(err)
	}
}

// write writes a file.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
