package functions_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestOnlyCheckSignatureHoldsTheLibrariesOfSignatures keeps what parses a stranger's envelopes, and the weight of it, out of the
// other functions.
func TestOnlyCheckSignatureHoldsTheLibrariesOfSignatures(t *testing.T) {
	mains, err := filepath.Glob("*/lambda")
	if err != nil || len(mains) < 15 {
		t.Fatalf("%d functions, %v", len(mains), err)
	}
	for _, dir := range mains {
		var found []string
		for path := range imported(t, "fairlead/functions/"+filepath.ToSlash(dir), map[string]bool{}) {
			if strings.HasPrefix(path, "github.com/notaryproject/") || path == "github.com/aws/aws-sdk-go-v2/service/signer" {
				found = append(found, path)
			}
		}
		if want := dir == filepath.Join("checksignature", "lambda"); len(found) > 0 != want {
			t.Errorf("%s holds %v", dir, found)
		}
	}
}

// imported adds to seen what a package of ours imports, by way of others of ours too. It reads the files itself, so that the
// test's result is not kept when they change.
func imported(t *testing.T, path string, seen map[string]bool) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", strings.TrimPrefix(path, "fairlead/"), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files: %v", path, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			other, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours := strings.HasPrefix(other, "fairlead/") && !seen[other]
			if seen[other] = true; ours {
				imported(t, other, seen)
			}
		}
	}
	return seen
}
