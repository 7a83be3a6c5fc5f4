// Package ledgertest holds what every ledger must do: the table in DynamoDB and the one in memory pass the same suite.
package ledgertest

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
)

// Ledger is one ledger, seen through each of its interfaces.
type Ledger struct {
	Claims   Claims
	Parked   ledger.TokenWriter
	Waiting  Waiting
	History  ledger.Historian
	Past     ledger.HistoryReader
	Asked    ledger.QuarantineReader
	Setter   ledger.QuarantineWriter
	Keeper   ledger.QuarantineKeeper
	Deployed ledger.DeployedKeeper
	Sweeps   ledger.Sweeper
	Held     ledger.HoldReader
	Holds    ledger.HoldKeeper
}

// Claims reads and replaces claims.
type Claims interface {
	ledger.ClaimReader
	ledger.ClaimWriter
}

// Waiting finds tokens and takes them away.
type Waiting interface {
	ledger.TokenReader
	DeleteToken(ctx context.Context, token ledger.Token) error
}

// Run runs the suite; open returns a new, empty ledger each time.
func Run(t *testing.T, open func(t *testing.T) Ledger) {
	t.Helper()
	tests := map[string]func(*testing.T, Ledger){
		"a service that was never claimed has the zero claim":          neverClaimed,
		"a claim is read as it was written":                            claimRead,
		"a claim is replaced only while it is the one that was read":   claimReplaced,
		"the claims of two services are apart":                         claimsApart,
		"a token is found as it was stored, with those of the service": tokenFound,
		"a later attempt's token takes the place of an earlier one":    tokenReplaced,
		"an older attempt's token never takes the place of a later":    tokenKept,
		"the same token may be stored again":                           tokenAgain,
		"only the very token is taken away":                            tokenDeleted,
		"history is newest first and limited":                          historyRead,
		"an entry that is written twice stands once":                   historyTwice,
		"an outcome is announced once":                                 announcedOnce,
		"what a sweep has seen is read as it was written":              sweepRead,
		"the most that a sweep may have seen fits into an item":        largestSweepRead,
		"of two sweeps at once one is recorded":                        sweptOnce,
	}
	maps.Copy(tests, quarantineTests())
	maps.Copy(tests, deployedTests())
	maps.Copy(tests, holdTests())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// at is a moment with the nanoseconds that a table must keep.
func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 1, 123456789, time.UTC) }

func aClaim(sequence int64, holder string) claim.Claim {
	return claim.Claim{
		Sequence: sequence, Holder: holder, Digest: "sha256:abc", Tag: "v1",
		Mark:           claim.Mark{Order: claim.Order{Version: "1.2.3", Time: at(1), Start: at(2)}, Back: at(0)},
		TaskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7", UpdatedAt: at(3),
	}
}

func neverClaimed(t *testing.T, l Ledger) {
	got, err := l.Claims.Claim(t.Context(), "web")
	check(t, err)
	equal(t, claim.Claim{}, got)
}

func claimRead(t *testing.T, l Ledger) {
	want := aClaim(4, "execution a")
	check(t, l.Claims.ReplaceClaim(t.Context(), "web", claim.Claim{}, want))
	got, err := l.Claims.Claim(t.Context(), "web")
	check(t, err)
	equal(t, want, got)
}

func claimReplaced(t *testing.T, l Ledger) {
	first, second := aClaim(1, "execution a"), aClaim(2, "execution b")
	check(t, l.Claims.ReplaceClaim(t.Context(), "web", claim.Claim{}, first))
	check(t, l.Claims.ReplaceClaim(t.Context(), "web", first, second))
	stale := map[string]claim.Claim{
		"none": {}, "an earlier sequence": first, "another holder": aClaim(2, "execution a"), "a later sequence": aClaim(3, "execution b"),
	}
	for name, held := range stale {
		if err := l.Claims.ReplaceClaim(t.Context(), "web", held, aClaim(9, "execution c")); !errors.Is(err, ledger.ErrChanged) {
			t.Errorf("replace held %s: got error %v, want ErrChanged", name, err)
		}
	}
	got, err := l.Claims.Claim(t.Context(), "web")
	check(t, err)
	equal(t, second, got)
}

func claimsApart(t *testing.T, l Ledger) {
	check(t, l.Claims.ReplaceClaim(t.Context(), "web", claim.Claim{}, aClaim(1, "execution a")))
	got, err := l.Claims.Claim(t.Context(), "web2")
	check(t, err)
	equal(t, claim.Claim{}, got)
}

func aToken(token string, attempt ledger.Attempt) ledger.Token {
	return ledger.Token{
		Service: "web", Execution: "execution a", State: "AwaitRollout", Token: token,
		TaskDefinition: "web:7", Since: at(1), Failed: "web:8", Image: "sha256:a", Attempt: attempt, StoredAt: at(2), Expires: at(3).Truncate(time.Second),
	}
}

func tokenFound(t *testing.T, l Ledger) {
	mine, other, elsewhere := aToken("one", ledger.Attempt{Redrive: 1, Entered: at(4), Retry: 2}), aToken("two", ledger.Attempt{}), aToken("three", ledger.Attempt{})
	other.Execution, elsewhere.Service = "execution b", "web2"
	for _, token := range []ledger.Token{mine, other, elsewhere} {
		store(t, l, token, true)
	}
	got, err := l.Waiting.Tokens(t.Context(), "web")
	check(t, err)
	byToken := cmpopts.SortSlices(func(a, b ledger.Token) bool { return a.Token < b.Token })
	if diff := cmp.Diff([]ledger.Token{mine, other}, got, byToken); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

func tokenReplaced(t *testing.T, l Ledger) {
	inOrder := []ledger.Attempt{
		{Entered: at(4)},
		{Entered: at(4), Retry: 2},
		{Entered: at(4), Retry: 10},
		{Entered: at(4).Add(time.Nanosecond)},
		{Entered: at(4).Truncate(time.Second).Add(time.Second)}, // fewer digits must not sort later
		{Redrive: 1, Entered: at(9)},
		{Redrive: 10, Entered: at(10)},
	}
	for _, attempt := range inOrder {
		token := aToken(attempt.String(), attempt)
		store(t, l, token, true)
		wantTokens(t, l, token)
	}
}

func tokenKept(t *testing.T, l Ledger) {
	later := aToken("later", ledger.Attempt{Redrive: 1, Entered: at(4), Retry: 1})
	store(t, l, later, true)
	for _, older := range []ledger.Attempt{{Redrive: 1, Entered: at(4)}, {Redrive: 1, Entered: at(3), Retry: 5}, {Entered: at(9), Retry: 9}} {
		store(t, l, aToken("older", older), false)
	}
	wantTokens(t, l, later)
}

func tokenAgain(t *testing.T, l Ledger) {
	token := aToken("one", ledger.Attempt{Entered: at(4)})
	store(t, l, token, true)
	store(t, l, token, true)
	wantTokens(t, l, token)
}

func tokenDeleted(t *testing.T, l Ledger) {
	mine := aToken("mine", ledger.Attempt{Entered: at(4)})
	store(t, l, mine, true)
	older := mine
	older.Token = "older"
	gone := mine
	gone.Execution = "execution gone"
	for _, token := range []ledger.Token{older, gone} {
		check(t, l.Parked.DeleteToken(t.Context(), token))
		check(t, l.Waiting.DeleteToken(t.Context(), token))
	}
	wantTokens(t, l, mine)
	check(t, l.Waiting.DeleteToken(t.Context(), mine))
	wantTokens(t, l)
	store(t, l, mine, true)
	check(t, l.Parked.DeleteToken(t.Context(), mine))
	wantTokens(t, l)
}

func anEntry(id string, minute int) ledger.Entry {
	return ledger.Entry{
		Service: "web", At: at(minute), ID: id, Name: "RolledBack", Error: "Rollout.Failed", Cause: "it crashed",
		Execution: "execution a", Tag: "v1", Digest: "sha256:abc", TaskDefinition: "web:7", Base: "web:6",
		StartedBy: "push", StartedAt: at(minute - 1), Held: true, Pushed: at(minute - 2), DryRun: true, Follow: "execution b", Expires: at(50).Truncate(time.Second),
	}
}

func historyRead(t *testing.T, l Ledger) {
	second, first, third := anEntry("b", 2), anEntry("a", 1), anEntry("c", 3)
	elsewhere := anEntry("d", 4)
	elsewhere.Service = "web2"
	for _, entry := range []ledger.Entry{second, first, third, elsewhere} {
		check(t, l.History.Append(t.Context(), entry))
	}
	for limit, want := range map[int][]ledger.Entry{0: {}, 2: {third, second}, 9: {third, second, first}} {
		got, err := l.Past.History(t.Context(), "web", limit)
		check(t, err)
		equal(t, want, got)
	}
}

func historyTwice(t *testing.T, l Ledger) {
	entry := anEntry("a", 1)
	check(t, l.History.Append(t.Context(), entry))
	check(t, l.History.Append(t.Context(), entry))
	got, err := l.Past.History(t.Context(), "web", 9)
	check(t, err)
	equal(t, []ledger.Entry{entry}, got)
}

func announcedOnce(t *testing.T, l Ledger) {
	announced := func(service, id string, want bool) {
		t.Helper()
		got, err := l.History.Announced(t.Context(), service, id)
		check(t, err)
		equal(t, want, got)
	}
	mark := func(service, id string, want bool) {
		t.Helper()
		first, err := l.History.MarkAnnounced(t.Context(), service, id, at(50))
		check(t, err)
		equal(t, want, first)
	}
	announced("web", "a", false)
	mark("web", "a", true)
	announced("web", "a", true)
	mark("web", "a", false)
	announced("web", "b", false)
	mark("web2", "a", true)
}

func store(t *testing.T, l Ledger, token ledger.Token, want bool) {
	t.Helper()
	stored, err := l.Parked.StoreToken(t.Context(), token)
	check(t, err)
	if stored != want {
		t.Errorf("StoreToken(%s %v) = %v, want %v", token.Token, token.Attempt, stored, want)
	}
}

func wantTokens(t *testing.T, l Ledger, want ...ledger.Token) {
	t.Helper()
	got, err := l.Waiting.Tokens(t.Context(), "web")
	check(t, err)
	equal(t, want, got)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
