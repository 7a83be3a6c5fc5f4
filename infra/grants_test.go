package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What the templates grant and what the reasons say are the same: nothing is granted without a reason, and no reason is
// for nothing. So the page that is made of the reasons is the truth about the templates.
func TestEverythingThatIsGrantedHasAReason(t *testing.T) {
	whole, err := synthesised()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range reasonFaults(templates(t), whole.reasons.noted) {
		t.Error(fault)
	}
}

// reasonFaults compares what the templates grant with the reasons.
func reasonFaults(all map[string]template, noted []reason) []string {
	granted, explained := map[string]bool{}, map[string]bool{}
	var faults []string
	for stack, t := range all {
		for id, r := range t.Resources {
			for _, g := range granting(r) {
				granted[stack+"/"+id+": "+g] = true
			}
		}
	}
	for _, n := range noted {
		at := n.stack + "/" + n.id + ": "
		if n.by == "" || n.Why == "" {
			faults = append(faults, fmt.Sprint(at, n.Actions, ": nobody says who needs it and why"))
		}
		for _, one := range combined(n.effect, n.principal, n.Actions, list(subs(n.Resources)), written(n.Conditions)) {
			explained[at+one] = true
		}
	}
	for g := range granted {
		if !explained[g] {
			faults = append(faults, g+": granted, but not by a reason: add it with reasons.addRole or reasons.note")
		}
	}
	for e := range explained {
		if !granted[e] {
			faults = append(faults, e+": there is a reason, but no grant")
		}
	}
	slices.Sort(faults)
	return faults
}

// granting lists what the policies of a resource grant, each action on each resource by itself.
func granting(r resource) []string {
	switch r.Type {
	case "AWS::IAM::Role":
		var all []string
		for _, s := range slices.Concat(documented(r.Properties["AssumeRolePolicyDocument"]), statements(r)) {
			all = append(all, combinedStatement(s)...)
		}
		return all
	case "AWS::SQS::QueuePolicy":
		var all []string
		for _, s := range documented(r.Properties["PolicyDocument"]) {
			all = append(all, combinedStatement(s)...)
		}
		return all
	case "AWS::Lambda::Permission":
		return combined("Allow", "Service "+fmt.Sprint(r.Properties["Principal"]), list(r.Properties["Action"]),
			list(r.Properties["FunctionName"]), written(conditions{"ArnLike": {"aws:SourceArn": list(r.Properties["SourceArn"])}}))
	default:
		// Whatever else has a policy in it would be a grant that nobody has looked at.
		if raw, _ := json.Marshal(r.Properties); strings.Contains(string(raw), `"Effect"`) {
			return []string{"a policy in a resource of the type " + r.Type}
		}
		return nil
	}
}

// documented lists the statements of a policy document.
func documented(document any) []map[string]any {
	fields, _ := document.(map[string]any)
	return anyList(fields["Statement"])
}

// combinedStatement is [combined] for a statement of a template.
func combinedStatement(s map[string]any) []string {
	principal := ""
	switch p := s["Principal"].(type) {
	case map[string]any:
		for kind, who := range p {
			principal = kind + " " + strings.Join(list(who), " ")
		}
	case string:
		principal = p
	}
	for key := range s {
		if !slices.Contains([]string{"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}, key) {
			principal += " and " + key
		}
	}
	operators, _ := s["Condition"].(map[string]any)
	return combined(fmt.Sprint(s["Effect"]), principal, list(s["Action"]), list(s["Resource"]), written(operators))
}

// combined writes each action on each resource as a line.
func combined(effect, principal string, actions, resources []string, condition string) []string {
	if len(resources) == 0 {
		resources = []string{""} // a trust policy names none
	}
	var lines []string
	for _, action := range actions {
		for _, on := range resources {
			lines = append(lines, strings.Join([]string{effect, principal, action, on, condition}, " | "))
		}
	}
	return lines
}

// written writes the conditions of a template, or of a reason, in one way.
func written[T any](operators map[string]T) string {
	flat := map[string]map[string][]string{}
	for operator, keys := range operators {
		flat[operator] = map[string][]string{}
		switch keys := any(keys).(type) {
		case map[string]any:
			for key, values := range keys {
				flat[operator][key] = list(values)
			}
		case map[string][]string:
			for key, values := range keys {
				flat[operator][key] = list(subs(values))
			}
		}
	}
	var parts []string
	for _, operator := range slices.Sorted(maps.Keys(flat)) {
		for _, key := range slices.Sorted(maps.Keys(flat[operator])) {
			parts = append(parts, fmt.Sprint(operator, " ", key, " = ", strings.Join(flat[operator][key], " or ")))
		}
	}
	return strings.Join(parts, " and ")
}
