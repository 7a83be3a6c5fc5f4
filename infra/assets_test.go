package main

import (
	"context"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fairlead/shared/config"
)

func TestAHashChangesWithTheContentAndWithNothingElse(t *testing.T) {
	original := map[string]string{bootstrapFile: "program", config.FileName: "{}"}
	want := hashOf(t, original, 0o755)
	if got := hashOf(t, original, 0o755); got != want {
		t.Error("the same files in another directory have another hash")
	}
	for name, c := range map[string]struct {
		files map[string]string
		mode  os.FileMode
	}{
		"another program":                    {map[string]string{bootstrapFile: "Program", config.FileName: "{}"}, 0o755},
		"another configuration":              {map[string]string{bootstrapFile: "program", config.FileName: "[]"}, 0o755},
		"another name":                       {map[string]string{bootstrapFile: "program", "other.json": "{}"}, 0o755},
		"the border between two files moved": {map[string]string{bootstrapFile: "programf", config.FileName[1:]: "{}"}, 0o755},
		"a program that does not execute":    {original, 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			if hashOf(t, c.files, c.mode) == want {
				t.Error("the hash is the same")
			}
		})
	}
}

// hashOf writes files to a new directory and hashes it.
func hashOf(t *testing.T, files map[string]string, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		write(t, path, text)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	hash, err := contentHash(dir)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestAnAssetHoldsAnExecutableBootstrapAndTheConfiguration(t *testing.T) {
	assets, err := buildAssets(t.Context(), t.TempDir(), notCompiled, []byte(`{"a":1}`))
	if err != nil || len(assets) != len(functions()) {
		t.Fatal(len(assets), err)
	}
	for name, built := range assets {
		info, err := os.Stat(filepath.Join(built.Dir, bootstrapFile))
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: the bootstrap has the mode %v, %v", name, info.Mode(), err)
		}
		if got, err := os.ReadFile(filepath.Join(built.Dir, config.FileName)); err != nil || string(got) != `{"a":1}` {
			t.Errorf("%s: the configuration is %s, %v", name, got, err)
		}
	}
}

func TestAFunctionThatDoesNotBuildStopsTheSynth(t *testing.T) {
	broken := func(ctx context.Context, f function, to string) error {
		if f.Package() == "judgerollout" {
			return errors.New("build judgerollout: no")
		}
		return notCompiled(ctx, f, to)
	}
	if _, err := buildAssets(t.Context(), t.TempDir(), broken, nil); err == nil || !strings.Contains(err.Error(), "build judgerollout") {
		t.Error(err)
	}
}

// Functions are built from wherever the repository lies, and are the same bytes: otherwise each machine's synth would
// deploy all functions anew.
func TestAFunctionIsTheSameBytesFromTwoDirectories(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for Lambda")
	}
	f := functions()[0]
	here, there := t.TempDir(), t.TempDir()
	moved := copyModule(t)
	for root, dir := range map[string]string{"..": here, moved: there} {
		if _, err := buildAsset(t.Context(), dir, f, goCompiler(root), []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	one, err := contentHash(here)
	if err != nil {
		t.Fatal(err)
	}
	other, err := contentHash(there)
	if err != nil || one != other {
		t.Errorf("%s is not %s, %v", one, other, err)
	}
	binary, err := elf.Open(filepath.Join(here, bootstrapFile))
	if err != nil || binary.Machine != elf.EM_AARCH64 {
		t.Errorf("the bootstrap is for %v, %v", binary.Machine, err)
	}
}

// copyModule copies what the functions are made of to another directory.
func copyModule(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		raw, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(to, name), string(raw))
	}
	for _, name := range []string{"functions", "shared"} {
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join("..", name))); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestAFunctionThatIsLeftOutSaysSo(t *testing.T) {
	compile := compilerOf(func(name string) string { return map[string]string{withoutFunctions: "yes"}[name] })
	f := functions()[0]
	built, err := buildAsset(t.Context(), t.TempDir(), f, compile, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), filepath.Join(built.Dir, bootstrapFile)).CombinedOutput()
	if err == nil || !strings.Contains(string(said), f.Package()+" was left out") {
		t.Errorf("it says %q (%v)", said, err)
	}
}
