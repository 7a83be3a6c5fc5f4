package functions_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestOnlyCheckSignatureHoldsTheLibrariesOfSignatures keeps what parses a stranger's envelopes, and the weight of it, out of the
// other functions.
func TestOnlyCheckSignatureHoldsTheLibrariesOfSignatures(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	mains := 0
	for line := range strings.Lines(string(out)) {
		name, deps, _ := strings.Cut(line, " ")
		if !strings.HasSuffix(name, "/lambda") {
			continue
		}
		mains++
		holds := strings.Contains(deps, "github.com/notaryproject/") || strings.Contains(deps, "aws-sdk-go-v2/service/signer")
		if want := name == "fairlead/functions/checksignature/lambda"; holds != want {
			t.Errorf("%s holds the libraries of signatures: %t, want %t", name, holds, want)
		}
	}
	if mains < 15 {
		t.Errorf("only %d functions were looked at", mains)
	}
}
