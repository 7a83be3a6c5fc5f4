package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"fairlead/shared/config"

	"golang.org/x/sync/errgroup"
)

// bootstrapFile is the executable that Lambda's OS-only runtimes start.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
const bootstrapFile = "bootstrap"

// compiler builds one function's executable into a file.
type compiler func(ctx context.Context, f function, to string) error

// goCompiler builds functions from the module at root for Lambda on arm64. The same source gives the same bytes, from
// any directory: no paths, no version control, no build id.
func goCompiler(root string) compiler {
	return func(ctx context.Context, f function, to string) error {
		// #nosec G204 -- the arguments are ours: the name comes from the table of functions.
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
			"-ldflags", "-s -w -buildid=", "-o", to, "./functions/"+f.Package()+"/lambda")
		build.Dir = root
		build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "GOARM64=v8.0", "CGO_ENABLED=0", "GOFLAGS=")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", f.Package(), err, strings.TrimSpace(string(said)))
		}
		return nil
	}
}

// leftOut writes, in the place of a function, a program that says what is missing and fails.
func leftOut(_ context.Context, f function, to string) error {
	script := "#!/bin/sh\necho '" + f.Package() + " was left out: synthesise without " + withoutFunctions + "' >&2\nexit 1\n"
	// #nosec G306 -- an executable, not a secret
	if err := os.WriteFile(to, []byte(script), 0o755); err != nil {
		return fmt.Errorf("leave out %s: %w", f.Package(), err)
	}
	return nil
}

// asset is a directory that becomes a function's zip, and the hash of its content.
type asset struct{ Dir, Hash string }

// buildAssets makes the asset of each function below dir, side by side, and returns them by the function's package.
func buildAssets(ctx context.Context, dir string, compile compiler, configuration []byte) (map[string]asset, error) {
	table := functions()
	built := make([]asset, len(table))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i, f := range table {
		group.Go(func() (err error) {
			built[i], err = buildAsset(ctx, filepath.Join(dir, f.Package()), f, compile, configuration)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	assets := map[string]asset{}
	for i, f := range table {
		assets[f.Package()] = built[i]
	}
	return assets, nil
}

// buildAsset makes one asset in dir.
func buildAsset(ctx context.Context, dir string, f function, compile compiler, configuration []byte) (asset, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return asset{}, fmt.Errorf("make the asset of %s: %w", f.Package(), err)
	}
	executable := filepath.Join(dir, bootstrapFile)
	if err := compile(ctx, f, executable); err != nil {
		return asset{}, err
	}
	// Lambda refuses to start a bootstrap that is not executable for everyone, whatever the umask here.
	// #nosec G302 -- an executable, not a secret
	if err := os.Chmod(executable, 0o755); err != nil {
		return asset{}, fmt.Errorf("make %s executable: %w", executable, err)
	}
	// #nosec G306 -- Lambda reads it as another user
	if err := os.WriteFile(filepath.Join(dir, config.FileName), configuration, 0o644); err != nil {
		return asset{}, fmt.Errorf("write the configuration of %s: %w", f.Package(), err)
	}
	hash, err := contentHash(dir)
	return asset{Dir: dir, Hash: hash}, err
}

// contentHash is the hash of a directory's files: their names, whether they are executable, and their bytes. The CDK's
// own leaves out the mode, so that a bootstrap which lost its x bit would never be uploaded again.
func contentHash(dir string) (string, error) {
	sum, files := sha256.New(), os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s\x00%t\x00%d\x00%s", name, info.Mode()&0o111 != 0, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash %s: %w", dir, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
