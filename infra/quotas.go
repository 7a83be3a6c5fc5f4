package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// template is a synthesised template, as far as the checks look at it.
type template struct {
	Resources map[string]resource
	Outputs   map[string]any
	size      int
}

// resource is one resource of a template.
type resource struct {
	Type       string
	Properties map[string]any
}

// quota is a limit of AWS.
type quota struct {
	what  string
	limit int
	// raised says that AWS raises it on request, so that more is no error.
	raised bool
	// fix is what helps against too much of it, where that is not the same as for a long configuration.
	fix string
}

// The quotas that a long configuration meets first. AWS raises that of the patterns on request; we stay below what every
// account has.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func quotas() map[string]quota {
	return map[string]quota{
		"resources": {what: "resources of a stack", limit: 500},
		"outputs":   {what: "outputs of a stack", limit: 200},
		"template":  {what: "bytes of a template", limit: 1_000_000},
		"rules":     {what: "rules on an event bus", limit: 300, raised: true},
		"pattern":   {what: "characters of an event pattern", limit: 2048, fix: "shorten the tag policy"},
		"inline":    {what: "characters of a role's inline policies", limit: 10_240},
		"trust":     {what: "characters of a trust policy", limit: 2048},
		"queue":     {what: "bytes of a queue policy", limit: 8192},
	}
}

// usage is how much of a quota something takes.
type usage struct {
	quota string
	by    string // stack, or stack and resource
	count int
}

// checkQuotas returns an error that names every quota which the templates exceed, and a warning for each of which four
// fifths are used.
func checkQuotas(templates map[string]template) (near []string, err error) {
	var exceeded []error
	roles := map[string]string{}
	for _, stack := range slices.Sorted(maps.Keys(templates)) {
		for _, u := range templates[stack].usages(stack) {
			q := quotas()[u.quota]
			text := fmt.Sprintf("%s: %d of %d %s", u.by, u.count, q.limit, q.what)
			switch {
			case u.count > q.limit && !q.raised:
				exceeded = append(exceeded, errors.New(text+": "+cmp.Or(q.fix, "fewer services, or a second deployer in another account")))
			case u.count*5 >= q.limit*4:
				near = append(near, text)
			}
		}
		exceeded = append(exceeded, sharedRoleNames(stack, templates[stack], roles)...)
	}
	return near, errors.Join(exceeded...)
}

// usages lists what a stack takes of each quota.
func (t template) usages(stack string) []usage {
	all := []usage{
		{"resources", stack, len(t.Resources)},
		{"outputs", stack, len(t.Outputs)},
		{"template", stack, t.size},
		{"rules", stack, t.count("AWS::Events::Rule")},
	}
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r, by := t.Resources[id], stack+"/"+id
		switch r.Type {
		case "AWS::IAM::Role":
			all = append(all, usage{"inline", by, policiesLength(r)},
				usage{"trust", by, resolvedLength(r.Properties["AssumeRolePolicyDocument"])})
		case "AWS::Events::Rule":
			all = append(all, usage{"pattern", by, resolvedLength(r.Properties["EventPattern"])})
		case "AWS::SQS::QueuePolicy":
			all = append(all, usage{"queue", by, resolvedLength(r.Properties["PolicyDocument"])})
		}
	}
	return all
}

// count counts the resources of a type.
func (t template) count(kind string) int {
	n := 0
	for _, r := range t.Resources {
		if r.Type == kind {
			n++
		}
	}
	return n
}

// sharedRoleNames names the roles that have a name which another role has already, as IAM compares them.
func sharedRoleNames(stack string, t template, taken map[string]string) []error {
	var shared []error
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		name, ok := t.Resources[id].Properties["RoleName"].(string)
		if !ok {
			continue
		}
		key, by := strings.ToLower(name), stack+"/"+id
		if other, ok := taken[key]; ok {
			shared = append(shared, fmt.Errorf("%s and %s would both be the role %s: rename the service or the repository", other, by, name))
		}
		taken[key] = by
	}
	return shared
}

// policiesLength is the length of all inline policies of a role together.
func policiesLength(role resource) int {
	policies, _ := role.Properties["Policies"].([]any)
	length := 0
	for _, policy := range policies {
		if fields, ok := policy.(map[string]any); ok {
			length += resolvedLength(fields["PolicyDocument"])
		}
	}
	return length
}

// unresolved is what stands for a text that only CloudFormation knows: an ARN of ours, with a name that it made.
const unresolved = "arn:aws:lambda:ap-southeast-2:123456789012:function:fairlead-a-name-of-a-usual-length"

// placeholder is a ${…} in the text of an Fn::Sub.
var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// resolvedLength estimates how long a value becomes as JSON without blanks once CloudFormation has filled it in, rather
// too long than too short.
func resolvedLength(value any) int {
	written, err := json.Marshal(resolve(value))
	if err != nil { // what came out of JSON goes into it
		panic(err)
	}
	return len(written)
}

// resolve fills in a value's intrinsic functions with texts of about the right length.
func resolve(value any) any {
	switch v := value.(type) {
	case []any:
		resolved := make([]any, len(v))
		for i := range v {
			resolved[i] = resolve(v[i])
		}
		return resolved
	case map[string]any:
		if text, ok := v["Fn::Sub"].(string); ok {
			return placeholder.ReplaceAllStringFunc(text, fillIn)
		}
		if v["Fn::GetAtt"] != nil || v["Ref"] != nil {
			return unresolved
		}
		resolved := map[string]any{}
		for key := range v {
			resolved[key] = resolve(v[key])
		}
		return resolved
	default:
		return value
	}
}

// fillIn gives a pseudo parameter a value of its usual length.
func fillIn(name string) string {
	switch name {
	case partition:
		return "aws"
	case region:
		return "ap-southeast-2"
	case account:
		return "123456789012"
	default:
		return unresolved
	}
}
