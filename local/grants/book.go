// Package grants holds what the roles of the stacks were allowed in a run against what the stacks grant them: whatever was
// let through must have been granted by exactly one grant of the templates, and every grant must have been needed.
//
// The policies are those that the embedded AWS has of the stacks that were deployed on it, and what is let through is what
// its IAM decides: calls, iam:PassRole in them, roles that are assumed, and what AWS's services do under a role.
package grants

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fairlead/local"
	"fairlead/local/iam"
	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// Grant is something that a role may do, or somebody may do to a resource that has a policy.
type Grant struct {
	Holder string // the role or the resource, by its name: "fairlead-web-look"
	What   string // "ecs:DescribeServices on arn:…"
}

func (g Grant) String() string { return g.Holder + ": " + g.What }

// Book says of each grant how often it was needed. Several goroutines may use it.
type Book struct {
	mu      sync.Mutex
	granted map[Grant]int       // how many requests it let through
	foreign map[Grant]string    // what let a request through and is no grant of the stacks
	double  map[string]struct{} // what was let through by two grants
	apart   map[asked][]policy.Grant
}

// asked is an action that a document was asked for, by its first statement: documents of one text share their statements.
type asked struct {
	of     *policy.Statement
	action string
}

// New is a book in which nothing is granted yet.
func New() *Book {
	return &Book{granted: map[Grant]int{}, foreign: map[Grant]string{}, double: map[string]struct{}{}, apart: map[asked][]policy.Grant{}}
}

// Enter enters all that is granted in an embedded AWS on which stacks were deployed as they were synthesised.
func (b *Book) Enter(a *local.AWS) (err error) {
	entries := map[string][]policy.Grant{}
	a.Core.Do(func(*world.World) {
		if entries, err = a.IAM.Grants(); err != nil {
			return
		}
		policies := a.Lambda.Policies()
		maps.Copy(policies, a.Queues.Policies())
		for arn, text := range policies {
			if err == nil {
				entries[arn], err = a.IAM.GrantsOf(text)
			}
		}
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	for holder, grants := range entries {
		for _, g := range grants {
			b.granted[grant(holder, g)] += 0
		}
	}
	return err
}

// Watch counts what is allowed in an embedded AWS from now on.
func (b *Book) Watch(a *local.AWS) { a.Core.Do(func(*world.World) { a.IAM.Observe(b.allowed) }) }

// allowed finds the grants that let a request through, among those of the caller's role and among the resource's own.
func (b *Book) allowed(was iam.Allowed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was.Request.Caller.RoleARN != "" {
		b.count(was.Request, was.Request.Caller.RoleARN, was.Policies.Identity...)
	}
	if was.Policies.Resource != nil {
		b.count(was.Request, was.Request.Resource, *was.Policies.Resource)
	}
}

func (b *Book) count(r policy.Request, holder string, documents ...policy.Document) {
	var by []Grant
	for _, d := range documents {
		for _, g := range b.grantsOf(d, r.Action) {
			if g.Covers(r) {
				by = append(by, grant(holder, g))
			}
		}
	}
	for _, g := range by {
		if _, ok := b.granted[g]; ok {
			b.granted[g]++
		} else {
			b.foreign[g] = r.Action + " on " + r.Resource
		}
	}
	if len(by) > 1 {
		b.double[fmt.Sprintf("%s, and by %s", by[0], by[1])] = struct{}{}
	}
}

// grantsOf are a document's grants of an action; they are found once.
func (b *Book) grantsOf(d policy.Document, action string) []policy.Grant {
	if len(d.Statements) == 0 {
		return nil
	}
	key := asked{&d.Statements[0], action}
	known, ok := b.apart[key]
	if !ok {
		known = slices.DeleteFunc(d.Grants(), func(g policy.Grant) bool { return !g.Names(action) })
		b.apart[key] = known
	}
	return known
}

// Uses are how often each grant of the holders that are meant was needed.
func (b *Book) Uses(meant func(holder string) bool) map[Grant]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	uses := map[Grant]int{}
	for g, n := range b.granted {
		if meant(g.Holder) {
			uses[g] = n
		}
	}
	return uses
}

// Excess says what was let through by something that the stacks do not grant, and by two grants where one would do.
func (b *Book) Excess(meant func(holder string) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var faults []string
	for g, request := range b.foreign {
		if meant(g.Holder) {
			faults = append(faults, fmt.Sprintf("%s was let through by what no template grants: %s", request, g))
		}
	}
	for twice := range b.double {
		if holder, _, _ := strings.Cut(twice, ": "); meant(holder) {
			faults = append(faults, "one request is granted twice: "+twice)
		}
	}
	slices.Sort(faults)
	return faults
}

// grant is a grant of the role or resource with that ARN. What CloudFormation has named is named by its logical id alone,
// for it makes other names at each deployment.
func grant(holder string, g policy.Grant) Grant {
	return Grant{nameless(name(holder)), nameless(g.String())}
}

func nameless(text string) string { return generated.ReplaceAllString(text, "") }

var generated = regexp.MustCompile(`-[0-9A-Z]{12}\b`)

// name is the last part of an ARN.
func name(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }
