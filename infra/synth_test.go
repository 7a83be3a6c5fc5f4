package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden templates")

func TestMain(m *testing.M) {
	code := m.Run()
	if !raceDetector {
		// With -race it would end in a report: two goroutines of jsii 1.139 wait for its one process. Without it the
		// worst is a line on stderr, and jsii's files are tidied away.
		jsii.Close()
	}
	os.Exit(code)
}

// notCompiled stands for a function's executable where a test is not about it.
func notCompiled(_ context.Context, f function, to string) error {
	return os.WriteFile(to, []byte(f.Package()), 0o600)
}

// made is what this repository's cdk.json becomes.
type made struct {
	dir     string
	reasons *reasons
}

// synthesised is the assembly of this repository's cdk.json, synthesised once for all tests.
var synthesised = sync.OnceValues(func() (made, error) {
	dir, err := os.MkdirTemp("", "fairlead-synth-")
	if err != nil {
		return made{}, err
	}
	why, err := synthTo(dir, "..", notCompiled)
	return made{dir, why}, err
})

// synthTo synthesises the cdk.json below root to a directory.
func synthTo(dir, root string, compile compiler) (*reasons, error) {
	given, err := readContext(root, func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	in, err := newInput(given, nil)
	if err != nil {
		return nil, err
	}
	encoded, err := in.Config.Encode()
	if err != nil {
		return nil, err
	}
	if in.Assets, err = buildAssets(context.Background(), filepath.Join(dir, "built"), compile, encoded); err != nil {
		return nil, err
	}
	_, why, err := synth(in, filepath.Join(dir, "cdk.out"))
	return why, err
}

// templates returns the templates of this repository's cdk.json, fresh for each test, so that it may spoil them.
func templates(t *testing.T) map[string]template {
	t.Helper()
	whole, err := synthesised()
	if err != nil {
		t.Fatal(err)
	}
	read, err := readTemplates(filepath.Join(whole.dir, "cdk.out"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

var assetKey = regexp.MustCompile(`"[0-9a-f]{64}\.zip"`)

// The golden templates are what a reader of a change reviews. They are written by go test ./infra -update.
func TestTheTemplatesAreTheGoldenOnes(t *testing.T) {
	whole, err := synthesised()
	if err != nil {
		t.Fatal(err)
	}
	for stack := range templates(t) {
		t.Run(stack, func(t *testing.T) {
			got, err := os.ReadFile(filepath.Join(whole.dir, "cdk.out", stack+".template.json"))
			if err != nil {
				t.Fatal(err)
			}
			got = append(assetKey.ReplaceAll(got, []byte(`"<asset>.zip"`)), '\n')
			golden := filepath.Join("testdata", stack+".template.json")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
				t.Errorf("the template changed; if that is meant, write it with -update (-golden +now):\n%s", diff)
			}
		})
	}
}

func TestTheAssemblyHasTheThreeStacksOfTheSample(t *testing.T) {
	read := templates(t)
	for _, stack := range []string{deployerStack, registryStack, sampleStack} {
		if len(read[stack].Resources) == 0 {
			t.Errorf("no stack %s", stack)
		}
	}
}

// Nothing of where and when a template was made is in it, or each synth would be a deployment.
func TestTwoSynthsFromTwoDirectoriesAreEqual(t *testing.T) {
	first, err := synthesised()
	if err != nil {
		t.Fatal(err)
	}
	second, moved := t.TempDir(), t.TempDir()
	raw, err := os.ReadFile(filepath.Join("..", "cdk.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(moved, "cdk.json"), string(raw))
	if _, err := synthTo(second, moved, notCompiled); err != nil {
		t.Fatal(err)
	}
	for stack := range templates(t) {
		name := filepath.Join("cdk.out", stack+".template.json")
		one, err := os.ReadFile(filepath.Join(first.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(second, name))
		if diff := cmp.Diff(string(one), string(other)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", stack, err, diff)
		}
	}
}

// CDK's own checks of the templates are errors, by a feature flag in cdk.json. The flag must not get lost.
func TestTheCDKChecksTheTemplates(t *testing.T) {
	given, err := readContext("..", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	var on bool
	if err := json.Unmarshal(given["@aws-cdk/core:validateAgainstDefaultRules"], &on); err != nil || !on {
		t.Errorf("the flag is %v, %v", on, err)
	}
}
