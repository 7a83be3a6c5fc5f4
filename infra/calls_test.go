package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// under lists the conditions without which a call may not be granted, by the call, each with what it keeps out.
func under() map[string]needed {
	items := needed{"ForAllValues:StringLike dynamodb:LeadingKeys", regexp.MustCompile(`^[a-z]+#(\*|[\w-]+)$`), "any item of the ledger"}
	return map[string]needed{
		"dynamodb:GetItem":           items,
		"dynamodb:PutItem":           items,
		"dynamodb:Query":             items,
		"dynamodb:DeleteItem":        items,
		"dynamodb:UpdateItem":        items,
		"ecs:RegisterTaskDefinition": {"Null aws:RequestTag/fairlead:execution", regexp.MustCompile("^false$"), "revisions that do not name their execution"},
		"ecs:TagResource":            {"StringEquals ecs:CreateAction", regexp.MustCompile("^RegisterTaskDefinition$"), "tags on what exists"},
		"ecs:ListTasks":              {"ArnEquals ecs:cluster", regexp.MustCompile(`:cluster/[\w-]+$`), "the tasks of every cluster"},
	}
}

// needed is a condition that a call is only granted under.
type needed struct {
	key      string // operator and key
	value    *regexp.Regexp
	keepsOut string
}

// conditionFaults says which condition a statement lacks for one of its calls.
func conditionFaults(action string, s map[string]any) []string {
	want, ok := under()[action]
	if !ok {
		return nil
	}
	operator, key, _ := strings.Cut(want.key, " ")
	operators, _ := s["Condition"].(map[string]any)
	block, _ := operators[operator].(map[string]any)
	values := list(block[key])
	if len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return !want.value.MatchString(v) }) {
		return []string{fmt.Sprintf("%s lets in %s: %s is %q", action, want.keepsOut, want.key, values)}
	}
	return nil
}

// homes lists the calls that change what runs or what may run, and the only roles that have them.
func homes() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"ecs:RegisterTaskDefinition":    regexp.MustCompile("-register$"),
		"ecs:TagResource":               regexp.MustCompile("-register$"),
		"ecs:UpdateService":             regexp.MustCompile("-update$"),
		"ecs:StopServiceDeployment":     regexp.MustCompile("-update$"),
		"iam:PassRole":                  regexp.MustCompile("-(register|update)$"),
		"ecr:PutImage":                  regexp.MustCompile("^fairlead-push-"),
		"ecr:InitiateLayerUpload":       regexp.MustCompile("^fairlead-push-"),
		"states:StartExecution":         regexp.MustCompile("^fairlead-(starter|sweep)$"),
		"states:SendTaskSuccess":        regexp.MustCompile("^fairlead-(await-rollout|await-scan|wake-execution)$"),
		"lambda:InvokeFunction":         regexp.MustCompile("^fairlead-workflow$"),
		"logs:GetLogEvents":             regexp.MustCompile("-look$"),
		"signer:GetRevocationStatus":    regexp.MustCompile("-look$"),
		"ssm:PutParameter":              regexp.MustCompile("^fairlead-record-outcome$"),
		"events:PutEvents":              regexp.MustCompile("^fairlead-(record-outcome|report-outcome|sweep)$"),
		"sts:AssumeRole":                regexp.MustCompile("^fairlead-[a-z-]+$"),
		"sts:AssumeRoleWithWebIdentity": nil,
	}
}

// writes are calls that change something, by their first word; each needs a home. Items of the ledger have conditions instead.
func writes() *regexp.Regexp {
	return regexp.MustCompile(`^(ecs|ecr|iam|lambda|sts|states|ssm|events|s3|kms|signer):` +
		`(Put|Create|Delete|Update|Register|Deregister|Tag|Untag|Start|Stop|Send|Run|Execute|Invoke|Pass|Assume|Initiate|Attach|Set|BatchDelete|Sign|Revoke|Cancel|Add|Remove)`)
}

// homeFaults says whether a call stands in a role that it does not belong to.
func homeFaults(role resource, action string) []string {
	name := fmt.Sprint(role.Properties["RoleName"])
	home, known := homes()[action]
	switch {
	case known && (home == nil || !home.MatchString(name)):
		return []string{action + " is not for the role " + name}
	case !known && writes().MatchString(action):
		return []string{action + " changes something, and no role is known to need it"}
	default:
		return nil
	}
}

// elsewhere matches ARNs that name an account which is not the stack's own.
func elsewhere() *regexp.Regexp { return regexp.MustCompile(`^arn:[^:]*:[^:]*:[^:]*:[0-9*]+:`) }

// pushFaults says what is wrong with a role that pushes: it logs in, and pushes to the one repository of its name.
func pushFaults(role resource) []string {
	name := strings.TrimPrefix(fmt.Sprint(role.Properties["RoleName"]), "fairlead-push-")
	if name == fmt.Sprint(role.Properties["RoleName"]) {
		return nil
	}
	var faults []string
	for _, s := range statements(role) {
		for _, action := range list(s["Action"]) {
			for _, on := range list(s["Resource"]) {
				_, repository, _ := strings.Cut(on, ":repository/")
				ours := strings.ReplaceAll(repository, "/", "-") == name && slices.Contains(pushStatements("x")[1].Actions, action)
				logsIn := action == "ecr:GetAuthorizationToken" && on == "*"
				if !ours && !logsIn {
					faults = append(faults, fmt.Sprintf("CI does more than push to its repository: %s on %s", action, on))
				}
			}
		}
	}
	return faults
}

// tokenFaults says what is wrong with the conditions under which GitHub's tokens are trusted: for AWS, of subjects that are
// written out, and of the repository with that number.
func tokenFaults(s map[string]any) []string {
	operators, _ := s["Condition"].(map[string]any)
	equals, _ := operators["StringEquals"].(map[string]any)
	var faults []string
	if len(operators) != 1 || equals == nil {
		faults = append(faults, fmt.Sprint("a token is compared by more than StringEquals: ", operators))
	}
	if got := list(equals[githubIssuer+":aud"]); !slices.Equal(got, []string{githubAudience}) {
		faults = append(faults, fmt.Sprint("tokens for another audience are trusted: ", got))
	}
	subjects := list(equals[githubIssuer+":sub"])
	whole := regexp.MustCompile(`^repo:[\w.-]+(@[0-9]+)?/[\w.-]+(@[0-9]+)?:(ref:refs/heads/|environment:)[^*?$]+$`)
	if len(subjects) == 0 || slices.ContainsFunc(subjects, func(sub string) bool { return !whole.MatchString(sub) }) {
		faults = append(faults, fmt.Sprintf("a subject is no branch and no environment that is written out: %q", subjects))
	}
	if got := list(equals[githubIssuer+":repository_id"]); len(got) != 1 || !regexp.MustCompile("^[0-9]+$").MatchString(got[0]) {
		faults = append(faults, fmt.Sprintf("who takes over the repository's name is trusted: repository_id is %q", got))
	}
	return faults
}
