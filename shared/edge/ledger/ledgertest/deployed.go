package ledgertest

import (
	"testing"

	"fairlead/shared/edge/ledger"
)

// deployedTests are the part of the suite that is about what a service was deployed with.
func deployedTests() map[string]func(*testing.T, Ledger) {
	return map[string]func(*testing.T, Ledger){
		"a service that was never deployed has nothing":              neverDeployed,
		"what a service was deployed with is read as it was written": deployedRead,
		"a newer execution takes the place of an older one":          deployedReplaced,
		"an older execution never takes the place of a newer one":    deployedKept,
		"the same execution may say again what it deployed":          deployedAgain,
	}
}

func aDeployed(execution string, sequence int64) ledger.Deployed {
	return ledger.Deployed{Service: "web", Digest: "sha256:" + execution, Tag: "v1", TaskDefinition: "web:7", Execution: execution, Sequence: sequence, At: at(3)}
}

func wantDeployed(t *testing.T, l Ledger, want ledger.Deployed) {
	t.Helper()
	got, found, err := l.Deployed.Deployed(t.Context(), want.Service)
	check(t, err)
	if !found {
		t.Error("nothing is kept")
	}
	equal(t, want, got)
}

func neverDeployed(t *testing.T, l Ledger) {
	got, found, err := l.Deployed.Deployed(t.Context(), "web")
	check(t, err)
	equal(t, false, found)
	equal(t, ledger.Deployed{}, got)
}

func deployedRead(t *testing.T, l Ledger) {
	other := aDeployed("b", 9)
	other.Service = "web2"
	for _, d := range []ledger.Deployed{aDeployed("a", 1), other} {
		check(t, l.Deployed.SetDeployed(t.Context(), d))
	}
	wantDeployed(t, l, aDeployed("a", 1))
	wantDeployed(t, l, other)
}

func deployedReplaced(t *testing.T, l Ledger) {
	for _, d := range []ledger.Deployed{aDeployed("a", 1), aDeployed("b", 9), aDeployed("c", 10)} { // 10 is more than 9
		check(t, l.Deployed.SetDeployed(t.Context(), d))
		wantDeployed(t, l, d)
	}
}

func deployedKept(t *testing.T, l Ledger) {
	newest := aDeployed("c", 10)
	for _, d := range []ledger.Deployed{newest, aDeployed("b", 9), aDeployed("other", 10)} {
		check(t, l.Deployed.SetDeployed(t.Context(), d))
		wantDeployed(t, l, newest)
	}
}

func deployedAgain(t *testing.T, l Ledger) {
	d := aDeployed("a", 4)
	for range 2 {
		check(t, l.Deployed.SetDeployed(t.Context(), d))
		wantDeployed(t, l, d)
	}
	d.TaskDefinition = "web:8"
	check(t, l.Deployed.SetDeployed(t.Context(), d))
	wantDeployed(t, l, d)
}
