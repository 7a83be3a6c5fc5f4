package mutants_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fairlead/local/simulate"
)

// script makes a plan of acts that are written one after the other, "2s push apple; 0s throttle UpdateService 3", about the service
// that comes first:
//
//	web; 0s push apple; 0s unheard 1 10m; 5m back 1; 1s slow PutItem 20s; 1s kill-after UpdateService 1; 1s outage events 5m
//
// A number names the push that it is about, or says how many times; a span says how long. The seed decides how long each call takes.
func script(text string, seed uint64) (simulate.Plan, error) {
	service, acts, _ := strings.Cut(text, ";")
	plan, pushes, err := simulate.Plan{Seed: seed}, []int(nil), error(nil)
	for i, line := range strings.Split(acts, ";") {
		words := strings.Fields(line)
		if len(words) < 2 {
			return plan, fmt.Errorf("%q is no act", line)
		}
		at, failed := time.ParseDuration(words[0])
		a := simulate.Act{N: i + 1, At: at, Kind: simulate.Kind(words[1]), Service: service}
		for _, word := range words[2:] {
			of := argument(&a, word)
			if of > 0 && of <= len(pushes) {
				a.Of = pushes[of-1]
			}
		}
		if a.Kind == simulate.Push {
			pushes = append(pushes, a.N)
			a.Tag = fmt.Sprintf("%040x-100", a.N)
			if semver(service) {
				a.Tag = fmt.Sprintf("2.0.%d", a.N)
			}
		}
		plan.Acts, err = append(plan.Acts, a), errors.Join(err, failed)
	}
	slices.SortStableFunc(plan.Acts, func(a, b simulate.Act) int { return cmp.Compare(a.At, b.At) })
	return plan, err
}

func semver(service string) bool {
	return slices.ContainsFunc(simulate.Targets(), func(t simulate.Target) bool { return t.Name == service && t.Semver })
}

// argument reads an argument of an act, and returns the number of a push if it is one.
func argument(a *simulate.Act, word string) (of int) {
	n, notNumber := strconv.Atoi(word)
	span, notSpan := time.ParseDuration(word)
	switch {
	case notNumber == nil && slices.Contains([]simulate.Kind{simulate.Unheard, simulate.Deliver, simulate.Start, simulate.Back, simulate.Release}, a.Kind):
		return n
	case notNumber == nil:
		a.Times = n
	case notSpan == nil:
		a.For = span
	case a.Kind == simulate.Push || a.Kind == simulate.Update:
		a.Word = word
	default:
		a.Call = word
	}
	return 0
}

func TestScript(t *testing.T) {
	plan, err := script("worker; 0s push apple; 2s push birch; 0s unheard 2 10m; 1s throttle UpdateService 3", 7)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, a := range plan.Acts {
		told = append(told, a.At.String()+" "+a.String())
	}
	want := []string{"0s [1] push apple to shop/worker as 0000000000000000000000000000000000000001-100", "0s [3] unheard push 2, for 10m0s",
		"1s [4] throttle UpdateService, 3 times", "2s [2] push birch to shop/worker as 0000000000000000000000000000000000000002-100"}
	if !slices.Equal(told, want) || plan.Seed != 7 {
		t.Errorf("got %q", told)
	}
}
