package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Where the judges are installed, and what they look at.
const (
	python   = ".local/tools/judges/bin"
	scanner  = ".local/tools/govulncheck-" // and a version
	npm      = "node_modules"
	lookedAt = "infra/testdata"
	workflow = "infra/workflow.asl.json"
)

// verdict is what a judge has found.
type verdict struct {
	by       string
	took     time.Duration
	findings []finding
	note     string // why it could not be asked
}

// judge is one of them.
type judge struct {
	name string
	ask  func(context.Context) (verdict, error)
}

// judges lists them. Where they must, they reach what they need from outside, or fail.
func judges(must bool) []judge {
	return []judge{
		{"cdk-nag", askNag},
		{"checkov", func(ctx context.Context) (verdict, error) {
			return read(readCheckov)(execute(ctx, filepath.Join(python, "checkov"), "--directory", lookedAt, "--framework", "cloudformation",
				"--output", "json", "--quiet", "--compact", "--skip-download"))
		}},
		{"cfn-guard", askGuard},
		{"cfn-lint", func(ctx context.Context) (verdict, error) {
			files, err := filepath.Glob(filepath.Join(lookedAt, "*.template.json"))
			if err != nil {
				return verdict{}, err
			}
			return read(readLint)(execute(ctx, filepath.Join(python, "cfn-lint"), append([]string{"--format", "json", "--include-checks", "I", "--"}, files...)...))
		}},
		{"asl-validator", askStates},
		{"govulncheck", func(ctx context.Context) (verdict, error) { return askVulnerabilities(ctx, must) }},
	}
}

// execute runs a judge and returns what it writes. That it exits with a code is no error: so they say that they found
// something. What it did not write as its report is found when that is read.
func execute(ctx context.Context, name string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, name, args...) // #nosec G204 -- the arguments are ours
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	var exit *exec.ExitError
	if err := command.Run(); err != nil && (!errors.As(err, &exit) || out.Len() == 0) {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// read makes a verdict of a report: each rule once for each place.
func read(parse func([]byte) ([]finding, error)) func([]byte, error) (verdict, error) {
	return func(report []byte, err error) (verdict, error) {
		if err != nil {
			return verdict{}, err
		}
		found, err := parse(report)
		if err != nil {
			return verdict{}, fmt.Errorf("read its report: %w", err)
		}
		slices.SortFunc(found, func(a, b finding) int {
			return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Where, b.Where), cmp.Compare(a.what, b.what))
		})
		return verdict{findings: slices.CompactFunc(found, func(a, b finding) bool { return a.Rule == b.Rule && a.Where == b.Where })}, nil
	}
}

// askNag runs the wrapper that reads the templates into the CDK. The report is a file, and the exit code says only that
// there is one.
func askNag(ctx context.Context) (verdict, error) {
	files, err := filepath.Glob(filepath.Join(lookedAt, "*.template.json"))
	if err != nil {
		return verdict{}, err
	}
	out, err := os.MkdirTemp("", "fairlead-nag-")
	if err != nil {
		return verdict{}, err
	}
	defer os.RemoveAll(out) //nolint:errcheck // a temporary directory
	_, failed := execute(ctx, "node", append([]string{".ci/nag.mjs", out}, files...)...)
	report, err := os.ReadFile(filepath.Join(out, "validation-report.json")) // #nosec G304 -- just written
	if err != nil {
		return verdict{}, errors.Join(failed, err)
	}
	return read(readNag)(report, nil)
}

// askGuard runs cfn-guard, which stands in an npm package together with AWS Control Tower's rules.
func askGuard(ctx context.Context) (verdict, error) {
	system, okSystem := map[string]string{"linux": "ubuntu", "darwin": "macos"}[runtime.GOOS]
	machine, okMachine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if !okSystem || !okMachine {
		return verdict{note: "not made for " + runtime.GOOS + "/" + runtime.GOARCH}, nil
	}
	home := filepath.Join(npm, "@cdklabs", "cdk-validator-cfnguard")
	return read(readGuard)(execute(ctx, filepath.Join(home, "bin", system, machine, "cfn-guard"), "validate", "--structured", "--show-summary", "none",
		"--output-format", "json", "--rules", filepath.Join(home, "rules", "control-tower", "cfn-guard"), "--data", lookedAt))
}

// askStates runs asl-validator over the workflow. It has no report to read: it is content, or says why it is not.
func askStates(ctx context.Context) (verdict, error) {
	command := exec.CommandContext(ctx, filepath.Join(npm, ".bin", "asl-validator"), "--json-path", workflow) // #nosec G204 -- the arguments are ours
	said, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return verdict{findings: []finding{{"asl-validator", "invalid", workflow, strings.TrimSpace(string(said))}}}, nil
	case err != nil:
		return verdict{}, err
	default:
		return verdict{}, nil
	}
}

// askVulnerabilities runs govulncheck over the module. Its database is on the internet: where that is not reached, and
// need not be, it is not asked.
func askVulnerabilities(ctx context.Context, must bool) (verdict, error) {
	installed, err := filepath.Glob(scanner + "*")
	if err != nil || len(installed) != 1 {
		return verdict{}, fmt.Errorf("want one file %s*, there are %q: %w", scanner, installed, err)
	}
	command := exec.CommandContext(ctx, installed[0], "-format", "json", "./cmd/...", "./functions/...", "./infra/...") // #nosec G204 -- the arguments are ours
	var said bytes.Buffer
	command.Stderr = &said
	report, err := command.Output()
	if text := strings.TrimSpace(said.String()); err != nil { // with JSON, findings are no error
		if !must && strings.Contains(text, "fetching vulnerabilities") {
			return verdict{note: "NOT CHECKED: its database, vuln.go.dev, is not reached from here; CI on GitHub reaches it"}, nil
		}
		return verdict{}, fmt.Errorf("%w: %s", err, text)
	}
	return read(readVulnerabilities)(report, nil)
}
