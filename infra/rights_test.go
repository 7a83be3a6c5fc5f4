package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// star is an action that AWS grants on "*" only.
type star struct{ action, why, page string }

// forced lists the actions that AWS grants on "*" only, with the page that says so. Anything else on "*" is a fault.
func forced() []star {
	const (
		reference = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
		ecs       = reference + "list_amazonelasticcontainerservice.html"
		xray      = reference + "list_awsx-ray.html"
		delivery  = "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"
		none      = "it knows no resource"
		logs      = "log deliveries know no resources"
	)
	return []star{
		{"ecr:GetAuthorizationToken", none + "; the password opens what the other calls are granted on", reference + "list_amazonelasticcontainerregistry.html"},
		{"ecs:DescribeTaskDefinition", none, ecs},
		{"ecs:ListTaskDefinitions", none, ecs},
		{"ecs:ListTasks", "its only resource is a container instance, which Fargate has not; a condition names the cluster", ecs},
		{"ecs:RegisterTaskDefinition", "the reference knows the task definition, but IAM's own denials name the resource `*`", ecs},
		{"elasticloadbalancing:DescribeTargetHealth", none, reference + "list_awselasticloadbalancingv2.html"},
		{"states:SendTaskSuccess", none + "; the token says what it is for", reference + "list_awsstepfunctions.html"},
		{"logs:CreateLogDelivery", logs, delivery},
		{"logs:DeleteLogDelivery", logs, delivery},
		{"logs:DescribeLogGroups", logs, delivery},
		{"logs:DescribeResourcePolicies", logs, delivery},
		{"logs:GetLogDelivery", logs, delivery},
		{"logs:ListLogDeliveries", logs, delivery},
		{"logs:PutResourcePolicy", logs, delivery},
		{"logs:UpdateLogDelivery", logs, delivery},
		{"xray:GetSamplingRules", none, xray},
		{"xray:GetSamplingTargets", none, xray},
		{"xray:PutTelemetryRecords", none, xray},
		{"xray:PutTraceSegments", none, xray},
	}
}

// wide is a form of ARNs with a wildcard in them that may stand in a policy.
type wide struct {
	why  string
	form *regexp.Regexp
}

// open lists the forms of ARNs with a wildcard, each with the reason.
func open() []wide {
	return []wide{
		{"ECS makes the ids of a service's deployments and revisions", regexp.MustCompile(`:service-(deployment|revision)/[\w-]+/[\w-]+/\*$`)},
		{"the family is the base revision's, which people and stacks set", regexp.MustCompile(`:task-definition/\*$`)},
		{"ECS makes the ids of tasks, and no service is in their ARNs", regexp.MustCompile(`:task/[\w-]+/\*$`)},
		{"the log group is the task definition's, likewise", regexp.MustCompile(`:log-group:\*:log-stream:\*/\*/\*$`)},
		{"AWS Signer makes the ids of signing jobs, in the account of whoever signs", regexp.MustCompile(`:signer:[\w-]+:\*:/signing-jobs/\*$`)},
		{"Step Functions names executions, of our state machine alone", regexp.MustCompile(`:execution:[\w-]+:\*$`)},
	}
}

// Nothing is on the lists that the templates do not need any more.
func TestEachExceptionIsNeeded(t *testing.T) {
	used := map[string]bool{}
	for _, stack := range slices.Concat(slices.Collect(maps.Values(templates(t))), slices.Collect(maps.Values(gated(t, signerGate(t))))) {
		for _, r := range stack.Resources {
			for _, s := range statements(r) {
				for _, on := range list(s["Resource"]) {
					used[on] = true
					for _, action := range list(s["Action"]) {
						used[action+" on "+on] = true
					}
				}
			}
		}
	}
	for _, f := range forced() {
		if !used[f.action+" on *"] {
			t.Errorf("nothing is granted %s on *: take it off the list", f.action)
		}
	}
	for _, o := range open() {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(used)), o.form.MatchString) {
			t.Errorf("nothing is granted on %s: take it off the list", o.form)
		}
	}
}

// A permission that a test does not forbid is one that somebody will add in a hurry. So these rules hold for every role
// of every stack, whatever the functions' policies say.
func TestTheRightsAreNarrow(t *testing.T) {
	for _, fault := range rightsFaults(templates(t)) {
		t.Error(fault)
	}
}

// rightsFaults says what is wrong with the rights that the templates grant.
func rightsFaults(all map[string]template) []string {
	var faults []string
	for _, stack := range slices.Sorted(maps.Keys(all)) {
		for _, id := range slices.Sorted(maps.Keys(all[stack].Resources)) {
			r := all[stack].Resources[id]
			var found []string
			switch r.Type {
			case "AWS::IAM::Role":
				found = slices.Concat(roleFaults(r), trustFaults(r), pushFaults(r))
				if id == operatorID || id == holderID {
					found = slices.Concat(roleFaults(r), operatorFaults(id, r))
				}
			case "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::User", "AWS::IAM::AccessKey":
				found = []string{"rights belong to roles, inline"}
			case "AWS::Lambda::Permission":
				found = permissionFaults(r)
			}
			for _, fault := range found {
				faults = append(faults, fmt.Sprintf("%s/%s: %s", stack, id, fault))
			}
		}
	}
	return faults
}

// roleFaults says what is wrong with a role's policies.
func roleFaults(role resource) []string {
	var faults []string
	if role.Properties["ManagedPolicyArns"] != nil {
		faults = append(faults, "managed policies are wider than any step needs")
	}
	for _, s := range statements(role) {
		for _, action := range list(s["Action"]) {
			if strings.Contains(action, "*") {
				faults = append(faults, action+" is a wildcard")
			}
			faults = append(faults, slices.Concat(conditionFaults(action, s), homeFaults(role, action))...)
			if action == "iam:PassRole" {
				faults = append(faults, passRoleFaults(s)...)
			}
			for _, r := range list(s["Resource"]) {
				faults = append(faults, resourceFaults(action, r)...)
			}
		}
		if s["NotAction"] != nil || s["NotResource"] != nil || s["Effect"] != "Allow" {
			faults = append(faults, "a statement of another form than Allow, Action, Resource")
		}
	}
	return faults
}

// resourceFaults says what is wrong with the resource of an action.
func resourceFaults(action, on string) []string {
	switch {
	case elsewhere().MatchString(on) && action != "signer:GetRevocationStatus": // profiles are where the owner says
		return []string{action + " in another account: " + on}
	case on == "*" && !slices.ContainsFunc(forced(), func(f star) bool { return f.action == action }):
		return []string{action + " on *, which AWS does not force"}
	case on == "*" || !strings.Contains(on, "*") || slices.ContainsFunc(open(), func(o wide) bool { return o.form.MatchString(on) }):
		return nil
	default:
		return []string{action + " on " + on}
	}
}

// passRoleFaults says what is wrong with a statement that passes roles: it names the two roles of a service's tasks, and
// ECS's tasks as whom they are passed to, and nothing else.
func passRoleFaults(s map[string]any) []string {
	const want = "map[StringEquals:map[iam:PassedToService:ecs-tasks.amazonaws.com]]"
	var faults []string
	if got := fmt.Sprint(s["Condition"]); got != want {
		faults = append(faults, "PassRole under the conditions "+got+", not "+want)
	}
	if got := list(s["Action"]); len(got) != 1 {
		faults = append(faults, fmt.Sprint("PassRole among other actions: ", got))
	}
	got := list(s["Resource"])
	slices.Sort(got)
	const role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
	if exact := []string{role + "fairlead-sample-web-execution", role + "fairlead-sample-web-task"}; !slices.Equal(got, exact) {
		faults = append(faults, fmt.Sprint("PassRole for ", got, ", not for the service's two roles"))
	}
	return faults
}

// trustFaults says what is wrong with a role's trust policy.
func trustFaults(role resource) []string {
	var faults []string
	document, _ := role.Properties["AssumeRolePolicyDocument"].(map[string]any)
	written, _ := document["Statement"].([]any)
	if len(written) != 1 {
		faults = append(faults, "a trust policy has one statement")
	}
	for _, one := range written {
		s, _ := one.(map[string]any)
		if action := fmt.Sprint(s["Action"]); action != "sts:AssumeRole" && action != "sts:AssumeRoleWithWebIdentity" || s["Effect"] != "Allow" {
			faults = append(faults, fmt.Sprint("it is taken on by ", s["Effect"], " ", action))
		}
		principal, ok := s["Principal"].(map[string]any)
		if !ok || len(principal) != 1 {
			return append(faults, fmt.Sprint("it trusts ", s["Principal"]))
		}
		for kind, who := range principal {
			faults = append(faults, principalFaults(kind, list(who), s)...)
		}
	}
	return faults
}

// principalFaults says what is wrong with trusting a principal under a statement's conditions.
func principalFaults(kind string, who []string, s map[string]any) []string {
	condition := fmt.Sprint(s["Condition"])
	wants := func(parts ...string) []string {
		for _, part := range parts {
			if !strings.Contains(condition, part) {
				return []string{fmt.Sprintf("it trusts %s without %s: %s", who, part, condition)}
			}
		}
		return nil
	}
	const fromHere = "StringEquals:map[aws:SourceAccount:map[Ref:AWS::AccountId]]"
	switch kind + " " + strings.Join(who, " ") {
	case "Service lambda.amazonaws.com":
		return nil // it takes only roles of its own account
	case "Service events.amazonaws.com":
		return wants(fromHere)
	case "Service states.amazonaws.com":
		return wants(fromHere, "aws:SourceArn:map[Fn::Sub:arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:fairlead]")
	case "Service ecs-tasks.amazonaws.com":
		return wants(fromHere, "aws:SourceArn:map[Fn::Sub:arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*]")
	case "AWS arn:${AWS::Partition}:iam::${AWS::AccountId}:root":
		return wants("map[ArnEquals:map[aws:PrincipalArn:")
	case "Federated ${GitHubProvider.Arn}", "Federated arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com":
		return tokenFaults(s)
	default:
		return []string{fmt.Sprintf("it trusts %s %s", kind, who)}
	}
}

// operatorFaults says what is wrong with a role of the operators: people take it on by hand, so it is held against the whole
// of what it may be.
func operatorFaults(id string, role resource) []string {
	var faults []string
	document := role.Properties["AssumeRolePolicyDocument"]
	const trusted = "map[Statement:[map[Action:sts:AssumeRole Effect:Allow Principal:map[AWS:map[Fn::Sub:arn:${AWS::Partition}:iam::${AWS::AccountId}:root]]]] Version:2012-10-17]"
	if got := fmt.Sprint(document); got != trusted {
		faults = append(faults, "operators: it trusts "+got)
	}
	granted := map[string]string{
		operatorID: "map[Action:[dynamodb:GetItem dynamodb:PutItem dynamodb:Query] Condition:map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:quarantine#*]]" +
			" Effect:Allow Resource:[map[Fn::GetAtt:[Ledger Arn]]] Sid:LedgerQuarantine]",
		holderID: "map[Action:[dynamodb:GetItem dynamodb:PutItem] Condition:map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:hold#*]]" +
			" Effect:Allow Resource:[map[Fn::GetAtt:[Ledger Arn]]] Sid:LedgerHold]",
	}[id]
	for _, s := range statements(role) {
		if got := fmt.Sprint(s); got != granted {
			faults = append(faults, "operators: it grants "+got)
		}
	}
	if len(statements(role)) != 1 {
		faults = append(faults, fmt.Sprint("operators: ", len(statements(role)), " statements"))
	}
	return faults
}

// permissionFaults says what is wrong with who may invoke a function.
func permissionFaults(p resource) []string {
	if p.Properties["Principal"] != "events.amazonaws.com" || p.Properties["Action"] != "lambda:InvokeFunction" || p.Properties["SourceArn"] == nil {
		return []string{fmt.Sprint("only a rule of ours invokes a function: ", p.Properties)}
	}
	return nil
}

// A function may take on a service's role exactly if that role trusts the function: each alone would be a hole or a
// denial.
func TestAFunctionTakesOnTheRolesThatTrustIt(t *testing.T) {
	for _, fault := range assumeFaults(templates(t)[deployerStack]) {
		t.Error(fault)
	}
}

// assumeFaults compares who takes on what with who trusts whom.
func assumeFaults(deployer template) []string {
	takes, trusts := map[string]bool{}, map[string]bool{}
	for id, r := range deployer.Resources {
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		for _, s := range statements(r) {
			if slices.Contains(list(s["Action"]), "sts:AssumeRole") {
				for _, role := range list(s["Resource"]) {
					_, name, _ := strings.Cut(role, ":role/")
					takes[id+" -> "+name] = true
				}
			}
		}
		document, _ := r.Properties["AssumeRolePolicyDocument"].(map[string]any)
		for _, s := range anyList(document["Statement"]) {
			condition, _ := s["Condition"].(map[string]any)
			equals, _ := condition["ArnEquals"].(map[string]any)
			for _, who := range list(equals["aws:PrincipalArn"]) {
				trusts[strings.TrimSuffix(strings.TrimPrefix(who, "${"), ".Arn}")+" -> "+fmt.Sprint(r.Properties["RoleName"])] = true
			}
		}
	}
	var faults []string
	for pair := range takes {
		if !trusts[pair] {
			faults = append(faults, pair+": not trusted")
		}
	}
	for pair := range trusts {
		if !takes[pair] {
			faults = append(faults, pair+": trusted, but not allowed to")
		}
	}
	if len(takes) == 0 {
		faults = append(faults, "no function takes on any role")
	}
	slices.Sort(faults)
	return faults
}

// statements lists the statements of a role's inline policies.
func statements(role resource) []map[string]any {
	var all []map[string]any
	for _, policy := range anyList(role.Properties["Policies"]) {
		document, _ := policy["PolicyDocument"].(map[string]any)
		all = append(all, anyList(document["Statement"])...)
	}
	return all
}

// anyList reads a list of objects.
func anyList(value any) []map[string]any {
	items, _ := value.([]any)
	var objects []map[string]any
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// list reads a text or a list of texts, with Fn::Sub, Fn::GetAtt and Ref as the texts that they came from.
func list(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		var texts []string
		for _, item := range v {
			texts = append(texts, list(item)...)
		}
		return texts
	case map[string]any:
		if sub, ok := v["Fn::Sub"].(string); ok {
			return []string{sub}
		}
		if parts, ok := v["Fn::GetAtt"].([]any); ok {
			return []string{fmt.Sprintf("${%v.%v}", parts...)}
		}
		return []string{fmt.Sprintf("${%v}", v["Ref"])}
	default:
		return []string{fmt.Sprint(v)}
	}
}
