package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead/local"
	"fairlead/local/iam"
	"fairlead/local/world"
)

// templateRole is a role of the stacks, with its policies as an embedded AWS has them.
type templateRole struct {
	name   string
	grants []document
	trust  document
}

// others is how many in a hundred of the requests that other roles are for each role is asked about.
const others = 20

// roles asks about each role of a cloud assembly: what it may do of all that any of them may do, under the keys that the
// statement asks for, under others and under none, on the resources themselves and on others; and who may be it.
func (c *comparison) roles(assembly string, g generator) error {
	all, err := rolesOf(assembly)
	if err != nil {
		return err
	}
	requests, callers := requestsOf(all), callersOf(all)
	for _, r := range all {
		own := requestsOf([]templateRole{r})
		foreign := slices.DeleteFunc(slices.Clone(requests), func(question) bool { return !g.chance(others) })
		for _, q := range slices.Concat(own, foreign) {
			q.Kind, q.Account, q.Caller, q.Identity = templated, account, sessionOf(r.name), r.grants
			if err := c.compare(q.clone()); err != nil {
				return err
			}
		}
		for _, who := range callers {
			action := "sts:AssumeRole"
			if strings.Contains(who, ":oidc-provider/") {
				action = "sts:AssumeRoleWithWebIdentity"
			}
			for _, keys := range keysOf(r.trust) {
				q := question{Kind: trusted, Account: account, Caller: who, Action: action, Resource: "arn:aws:iam::" + account + ":role/" + r.name, Keys: keys, Identity: []document{}, Own: &r.trust}
				if err := c.compare(q.clone()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rolesOf loads the assembly into an embedded AWS and reads the roles that it then has.
func rolesOf(assembly string) ([]templateRole, error) {
	aws := local.New(local.Options{Place: local.Place(), Seed: 1, Clock: time.Now, Host: func() string { return "127.0.0.1" }, Pace: 1})
	if _, err := aws.Deploy(assembly); err != nil {
		return nil, fmt.Errorf("load %s: %w", assembly, err)
	}
	var all []templateRole
	var err error
	aws.Core.Do(func(*world.World) {
		for _, stack := range slices.Sorted(maps.Keys(aws.Stacks.Outputs())) {
			for _, name := range aws.Stacks.IDs(stack, "AWS::IAM::Role") {
				if r, ok := aws.IAM.Role("arn:aws:iam::" + account + ":role/" + name); ok && err == nil {
					var read templateRole
					read, err = readRole(r)
					all = append(all, read)
				}
			}
		}
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s has no roles", assembly)
	}
	return all, err
}

func readRole(r *iam.Role) (templateRole, error) {
	out := templateRole{name: r.Name, grants: []document{}}
	if err := json.Unmarshal([]byte(r.Trust), &out.trust); err != nil {
		return out, fmt.Errorf("read the trust policy of %s: %w", r.Name, err)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		var d document
		if err := json.Unmarshal([]byte(r.Inline[name].Document), &d); err != nil {
			return out, fmt.Errorf("read the policy %s of %s: %w", name, r.Name, err)
		}
		out.grants = append(out.grants, d)
	}
	return out, nil
}

// requestsOf are what the roles' statements are about, each once, and what they are just not about.
func requestsOf(all []templateRole) []question {
	var requests []question
	seen := map[string]bool{}
	for _, r := range all {
		for _, d := range r.grants {
			for _, q := range requestsOfDocument(d) {
				if said := q.String(); !seen[said] {
					seen[said] = true
					requests = append(requests, q)
				}
			}
		}
	}
	return requests
}

func requestsOfDocument(d document) []question {
	var requests []question
	for _, s := range d.Statement {
		for _, keys := range keysOf(document{Statement: []statement{s}}) {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					for _, of := range near(resource) {
						requests = append(requests, question{Action: strings.ReplaceAll(action, "*", "x"), Resource: of, Keys: keys})
					}
				}
			}
		}
	}
	return requests
}

// near are resources that a pattern takes, and such as it does not.
func near(pattern string) []string {
	if pattern == "*" {
		return []string{"*"}
	}
	of := strings.ReplaceAll(pattern, "*", "x")
	return []string{of, of + "x", strings.Replace(of, "eu-west-1", "us-east-1", 1), strings.Replace(of, account, "210987654321", 1)}
}

// keysOf are requests' keys for the conditions of a document: as they want them, each with another value, and none.
func keysOf(d document) []map[string][]string {
	wanted := map[string][]string{}
	for _, s := range d.Statement {
		for _, keys := range s.Condition {
			for key, values := range keys {
				wanted[key] = []string{strings.ReplaceAll(values[0], "*", "x")}
			}
		}
	}
	all := []map[string][]string{wanted}
	if len(wanted) > 0 {
		all = append(all, map[string][]string{})
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		other := maps.Clone(wanted)
		other[key] = []string{wanted[key][0] + "x"}
		all = append(all, other)
	}
	return all
}

// callersOf are a session of each role, and whom the trust policies name.
func callersOf(all []templateRole) []string {
	callers := map[string]bool{user: true}
	for _, r := range all {
		callers[sessionOf(r.name)] = true
		for _, s := range r.trust.Statement {
			kinds, _ := s.Principal.(map[string]any)
			for _, kind := range []string{"Service", "Federated"} {
				if name, ok := kinds[kind].(string); ok {
					callers[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(callers))
}
