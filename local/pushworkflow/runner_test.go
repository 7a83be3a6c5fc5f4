package pushworkflow_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const file = "../../.github/workflows/push-image.yml"

// workflow is what of a workflow's file a runner acts on.
type workflow struct {
	Defaults struct{ Run struct{ Shell string } }
	On       struct {
		Call struct {
			Inputs map[string]struct {
				Default  any
				Required bool
			}
		} `yaml:"workflow_call"`
	}
	Jobs map[string]job
}

type job struct {
	If          string
	Needs       string
	Permissions map[string]string
	Env         map[string]string
	Outputs     map[string]string
	Steps       []step
}

type step struct {
	Name, ID, If, Uses, Run string
	Env                     map[string]string
	With                    map[string]any
}

func load(t *testing.T) workflow {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(raw, &w); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return w
}

// runner runs the shell steps of one job, as GitHub's runner does: each in a shell of its own that ends at the first error,
// with the outputs of the steps before it.
type runner struct {
	t       *testing.T
	w       workflow
	context map[string]string // what expressions can name: "inputs.role"
	env     map[string]string // of the machine
	summary string
	log     string
}

// run runs a job, but for the actions that it uses, and returns its outputs; the error is the step that failed.
func (r *runner) run(name string) (map[string]string, error) {
	r.t.Helper()
	j, temp := r.w.Jobs[name], r.env["RUNNER_TEMP"]
	var failed error
	for _, s := range j.Steps {
		if s.Run == "" || failed != nil && s.If != "always()" {
			continue
		}
		outputs := filepath.Join(temp, "outputs")
		env := maps.Clone(r.env)
		for _, more := range []map[string]string{j.Env, s.Env} {
			for k, v := range more {
				env[k] = r.value(v)
			}
		}
		env["GITHUB_OUTPUT"], env["GITHUB_STEP_SUMMARY"] = outputs, filepath.Join(temp, "summary")
		if err := r.shell(s, env); err != nil && failed == nil {
			failed = fmt.Errorf("step %q: %w", s.Name, err)
		}
		for key, value := range lines(r.t, outputs) {
			r.context["steps."+s.ID+".outputs."+key] = value
		}
	}
	summary, _ := os.ReadFile(filepath.Join(temp, "summary"))
	r.summary = string(summary)
	got := map[string]string{}
	for key, value := range j.Outputs {
		got[key] = r.value(value)
	}
	return got, failed
}

// shell runs a step's script as `shell: bash` does.
func (r *runner) shell(s step, env map[string]string) error {
	if r.w.Defaults.Run.Shell != "bash" {
		r.t.Fatal("without `shell: bash` a runner does not end a step at an error within a pipe")
	}
	if strings.Contains(s.Run, "${{") {
		r.t.Fatalf("step %q: an expression in a script is code from outside: pass it through env", s.Name)
	}
	command := exec.CommandContext(r.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	for _, key := range slices.Sorted(maps.Keys(env)) {
		command.Env = append(command.Env, key+"="+env[key])
	}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	r.log += out.String()
	if _, exit := errors.AsType[*exec.ExitError](err); err != nil && !exit {
		r.t.Fatal(err)
	}
	return err
}

var expression = regexp.MustCompile(`\$\{\{ *([a-z_.-]+) *\}\}`)

// value is a text with its expressions replaced. One that nobody has set is a mistake of the workflow.
func (r *runner) value(text string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := r.context[name]
		if !ok && !strings.HasPrefix(name, "steps.") { // the output of a step that did not run is empty
			r.t.Errorf("nothing is called %s", name)
		}
		return value
	})
}

// lines reads the name=value lines that a step has written.
func lines(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		found[key] = value
	}
	return found
}
