package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The page is what a person reads who has to answer for what Fairlead may do. It is written by go test ./infra -update.
func TestThePageOfThePermissionsIsTheGoldenOne(t *testing.T) {
	whole, err := synthesised()
	if err != nil {
		t.Fatal(err)
	}
	got := permissionsPage(templates(t), whole.reasons.noted)
	page := filepath.Join("..", "docs", "permissions.md")
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("docs/permissions.md is out of date; write it with -update, and read what changed (-page +now):\n%s", diff)
	}
}

// permissionsPage writes the page.
func permissionsPage(all map[string]template, noted []reason) string {
	var b strings.Builder
	b.WriteString(pageHead)
	stack := ""
	for _, held := range byHolder(noted) {
		if held[0].stack != stack {
			stack = held[0].stack
			fmt.Fprintf(&b, "\n## %s\n", stack)
		}
		b.WriteString(holderTable(all[stack].Resources[held[0].id], held))
	}
	b.WriteString(pageForced)
	for _, f := range forced() {
		fmt.Fprintf(&b, "| %s | %s | %s | [source](%s) |\n", code(f.action), strings.Join(holders(all, noted, f.action), ", "), f.why, f.page)
	}
	b.WriteString(pageOpen)
	for _, on := range wildcards(noted) {
		why := slices.IndexFunc(open(), func(o wide) bool { return o.form.MatchString(on) })
		fmt.Fprintf(&b, "| %s | %s |\n", code(on), open()[why].why)
	}
	return b.String()
}

// byHolder groups reasons by the resource that holds the policy, in the order in which they were noted.
func byHolder(noted []reason) [][]reason {
	var groups [][]reason
	at := map[string]int{}
	for _, n := range noted {
		key := n.stack + "/" + n.id
		if _, ok := at[key]; !ok {
			at[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[key]] = append(groups[at[key]], n)
	}
	return groups
}

// holderTable writes the table of one role, or of one policy of a resource.
func holderTable(r resource, held []reason) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", holderName(r, held[0].id))
	if what, ok := r.Properties["Description"].(string); ok {
		b.WriteString(what + "\n\n")
	}
	b.WriteString("| step | call | resource | condition | why |\n|---|---|---|---|---|\n")
	for _, row := range rows(held) {
		call := codes(row.Actions)
		if row.effect != "Allow" {
			call = "**" + row.effect + "** " + call
		}
		on := codes(row.Resources)
		if row.kind == trustPolicy {
			on = "this role"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.by, call, on, code(written(row.Conditions)), row.Why)
	}
	return b.String()
}

// holderName is the name of a role, or what a policy is for.
func holderName(r resource, id string) string {
	if name, ok := r.Properties["RoleName"].(string); ok {
		return name
	}
	return id
}

// rows joins the reasons that differ in who needs them alone.
func rows(held []reason) []reason {
	var joined []reason
	for _, n := range held {
		if n.kind == trustPolicy {
			n.by = code(strings.TrimPrefix(n.principal, "Service "))
		}
		if n.kind == resourcePolicy {
			n.by = code(n.by)
		}
		i := slices.IndexFunc(joined, func(j reason) bool { return sameButBy(j, n) })
		if i < 0 {
			joined = append(joined, n)
		} else if !strings.Contains(joined[i].by, n.by) {
			joined[i].by += ", " + n.by
		}
	}
	return joined
}

// sameButBy reports whether two reasons are the same but for who needs them.
func sameButBy(a, b reason) bool {
	return a.kind == b.kind && a.effect == b.effect && a.Why == b.Why && written(a.Conditions) == written(b.Conditions) &&
		slices.Equal(a.Actions, b.Actions) && slices.Equal(a.Resources, b.Resources)
}

// holders names the roles that have an action on everything.
func holders(all map[string]template, noted []reason, action string) []string {
	var names []string
	for _, n := range noted {
		if n.effect == "Allow" && slices.Contains(n.Actions, action) && slices.Contains(n.Resources, "*") {
			names = append(names, holderName(all[n.stack].Resources[n.id], n.id))
		}
	}
	return slices.Compact(names)
}

// wildcards lists the ARNs with a wildcard that something is granted on and that the list of exceptions knows.
func wildcards(noted []reason) []string {
	var found []string
	for _, n := range noted {
		for _, on := range n.Resources {
			if slices.ContainsFunc(open(), func(o wide) bool { return o.form.MatchString(on) }) {
				found = append(found, on)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// codes writes texts as code, one below the other.
func codes(texts []string) string {
	written := make([]string, len(texts))
	for i, text := range texts {
		written[i] = code(text)
	}
	return strings.Join(written, "<br>")
}

// code writes a text as code in a table's cell, with CloudFormation's words for a place as short ones.
func code(text string) string {
	if text == "" {
		return ""
	}
	short := strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "<region>", "${AWS::AccountId}", "<account>", "|", `\|`)
	return "`" + short.Replace(text) + "`"
}

const pageHead = `# Permissions

Every role, trust and policy of the stacks that this repository's ` + "`cdk.json`" + ` becomes: the deployer, CI's side, and the sample
service ` + "`web`" + `. This page is written by ` + "`make golden`" + ` from the templates and from the reasons that stand beside the code of each grant;
a test fails when it is out of date, when the templates grant what has no row here, and when a row is granted by nothing.

- **step** is who acts: a state of the workflow, a function beside it, a service of AWS, CI, a person.
- The first row of a role is its trust: who may take it on.
- ` + "`${Ledger.Arn}`" + ` and the like are resources of the same stack. Whatever a role has no row for, it may not do.
- No session narrows or widens a role: a step takes on the role of its service for one execution, without a session policy.
`

const pageForced = `
## What stands on *

AWS knows no resource for these calls, or asks for ` + "`*`" + ` whatever its reference says. Nothing else is granted on ` + "`*`" + `: a test refuses it.

| call | roles | why | |
|---|---|---|---|
`

const pageOpen = `
## Wildcards within an ARN

| resource | why |
|---|---|
`
