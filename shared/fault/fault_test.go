package fault_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/fault"
)

// TestEveryCodeHasAKind reads the source, so that a new code cannot be forgotten in Codes.
func TestEveryCodeHasAKind(t *testing.T) {
	declared := declaredCodes(t)
	if len(declared) == 0 {
		t.Fatal("no code was found in fault.go")
	}
	codes := fault.Codes()
	for _, code := range declared {
		if _, ok := codes[code]; !ok {
			t.Errorf("%s has no kind", code)
		}
		// Names that begin with States. are reserved.
		if !regexp.MustCompile(`^[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+$`).MatchString(string(code)) || strings.HasPrefix(string(code), "States.") {
			t.Errorf("%s is no name that the workflow can match", code)
		}
	}
	if len(codes) != len(declared) {
		t.Errorf("%d codes have a kind, %d are declared", len(codes), len(declared))
	}
}

func declaredCodes(t *testing.T) []fault.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []fault.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			codes = append(codes, fault.Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`)))
		}
		return true
	})
	return codes
}

func TestOfKindIsSortedAndWhole(t *testing.T) {
	var all int
	for _, kind := range []fault.Kind{fault.Fail, fault.Retry, fault.Reject} {
		codes := fault.OfKind(kind)
		all += len(codes)
		if !slices.IsSorted(codes) || len(codes) == 0 {
			t.Errorf("kind %d: %v", kind, codes)
		}
	}
	if all != len(fault.Codes()) {
		t.Errorf("the kinds hold %d codes of %d", all, len(fault.Codes()))
	}
	if kind := fault.KindOf("No.Such"); kind != fault.Fail {
		t.Errorf("an unknown code is of kind %d", kind)
	}
}

func TestFromKeepsTheFault(t *testing.T) {
	inner := fault.New(fault.ImageNotFound, "push it again", "no image %s: %w", "v1", errors.New("gone"))
	if inner.Error() != "no image v1: gone. Fix: push it again" || inner.Kind() != fault.Reject {
		t.Errorf("%s, %d", inner, inner.Kind())
	}
	if got := fault.From(inner); got != inner {
		t.Errorf("an unwrapped fault becomes another: %+v", got)
	}
	outer := fault.From(fmt.Errorf("check image: %w", inner))
	if outer.Code != fault.ImageNotFound || outer.Message != "check image: no image v1: gone" || outer.Fix != "push it again" {
		t.Errorf("a wrapped fault becomes %s %q, fix %q", outer.Code, outer.Message, outer.Fix)
	}
	if got := fault.From(errors.New("odd")); got.Code != fault.Unexpected || got.Fix == "" {
		t.Errorf("another error becomes %+v", got)
	}
	if fault.From(nil) != nil {
		t.Error("nil becomes a fault")
	}
}
