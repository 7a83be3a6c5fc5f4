package main

// callMutants widen a call, or move it to a role that it does not belong to.
func callMutants() []mutant {
	grant := func(id string, s map[string]any) func(map[string]template) {
		return inRole(id, func(p map[string]any) {
			document := anyList(p["Policies"])[0]["PolicyDocument"].(map[string]any)
			document["Statement"] = append(document["Statement"].([]any), s)
		})
	}
	allow := func(action, on string) map[string]any {
		return map[string]any{"Effect": "Allow", "Action": []any{action}, "Resource": []any{on}}
	}
	without := func(s map[string]any) { delete(s, "Condition") }
	return []mutant{
		{"PassRole for one of the two roles", inStatement("WebUpdateRole", "iam:PassRole", func(s map[string]any) {
			s["Resource"] = s["Resource"].([]any)[:1]
		}), "not for the service's two roles"},
		{"PassRole beside UpdateService", inStatement("WebUpdateRole", "iam:PassRole", func(s map[string]any) {
			s["Action"] = []any{"iam:PassRole", "ecs:UpdateService"}
		}), "PassRole among other actions"},
		{"PassRole for the role that only reads", grant("WebLookRole", map[string]any{"Effect": "Allow", "Action": []any{"iam:PassRole"},
			"Resource":  []any{map[string]any{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/fairlead-sample-web-task"}},
			"Condition": map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}),
			"iam:PassRole is not for the role fairlead-web-look"},
		{"a step updates the service itself", grant("CheckImageRole", allow("ecs:UpdateService", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/fairlead-sample/web")),
			"ecs:UpdateService is not for the role fairlead-check-image"},
		{"the one that registers updates too", grant("WebRegisterRole", allow("ecs:UpdateService", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/fairlead-sample/web")),
			"ecs:UpdateService is not for the role fairlead-web-register"},
		{"the deployer pushes images", grant("WebLookRole", allow("ecr:PutImage", "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/shop/web")),
			"ecr:PutImage is not for the role fairlead-web-look"},
		{"the deployer signs images", grant("WebLookRole", allow("signer:SignPayload", "arn:${AWS::Partition}:signer:${AWS::Region}:${AWS::AccountId}:/signing-profiles/shop")),
			"signer:SignPayload changes something"},
		{"another step than CheckSignature asks AWS Signer", grant("CheckImageRole", allow("signer:GetRevocationStatus", "arn:${AWS::Partition}:signer:${AWS::Region}:${AWS::AccountId}:/signing-profiles/shop")),
			"signer:GetRevocationStatus is not for the role fairlead-check-image"},
		{"a service is deleted", grant("WebUpdateRole", allow("ecs:DeleteService", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/fairlead-sample/web")),
			"ecs:DeleteService changes something"},
		{"a service of another account", inStatement("WebUpdateRole", "ecs:UpdateService", func(s map[string]any) {
			s["Resource"] = "arn:aws:ecs:eu-west-1:210987654321:service/prod/web"
		}), "in another account"},
		{"a service of every account", inStatement("WebUpdateRole", "ecs:UpdateService", func(s map[string]any) {
			s["Resource"] = map[string]any{"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:*:service/fairlead-sample/web"}
		}), "ecs:UpdateService"},
		{"every item of the ledger", inStatement("ClaimServiceRole", "dynamodb:PutItem", without), "any item of the ledger"},
		{"every kind of item", inStatement("RollBackRole", "dynamodb:PutItem", func(s map[string]any) {
			s["Condition"] = map[string]any{"ForAllValues:StringLike": map[string]any{"dynamodb:LeadingKeys": "*"}}
		}), "any item of the ledger"},
		{"the whole ledger is read at once", grant("SweepRole", allow("dynamodb:Scan", "*")), "dynamodb:Scan on *"},
		{"a revision that names no execution", inStatement("WebRegisterRole", "ecs:RegisterTaskDefinition", without), "revisions that do not name their execution"},
		{"tags on every revision", inStatement("WebRegisterRole", "ecs:TagResource", without), "tags on what exists"},
		{"the tasks of every cluster", inStatement("WebLookRole", "ecs:ListTasks", without), "the tasks of every cluster"},
		{"every log of the account", inStatement("WebLookRole", "logs:GetLogEvents", func(s map[string]any) { s["Resource"] = "*" }), "logs:GetLogEvents on *"},
		{"whatever is not listed", inStatement("WebLookRole", "ecs:DescribeServices", func(s map[string]any) {
			s["NotAction"], s["Action"] = s["Action"], nil
		}), "a statement of another form"},
		{"rights outside of roles", func(all map[string]template) {
			all[deployerStack].Resources["More"] = resource{Type: "AWS::IAM::Policy", Properties: map[string]any{}}
		}, "rights belong to roles, inline"},
		{"any rule of anybody's invokes a function", inProperties(deployerStack, "SweepDuePermission", func(p map[string]any) { delete(p, "SourceArn") }), "only a rule of ours"},
		{"anybody invokes a function", inProperties(deployerStack, "SweepDuePermission", func(p map[string]any) { p["Principal"] = "*" }), "only a rule of ours"},
		{"another service runs as a function", inTrust("CheckImageRole", func(s map[string]any) {
			s["Principal"] = map[string]any{"Service": []any{"lambda.amazonaws.com", "ec2.amazonaws.com"}}
		}), "it trusts Service [lambda.amazonaws.com ec2.amazonaws.com]"},
		{"tags come with the trust", inTrust("WebUpdateRole", func(s map[string]any) { s["Action"] = []any{"sts:AssumeRole", "sts:TagSession"} }), "it is taken on by Allow"},
		{"EventBridge for another customer", inTrust("StarterRole", without), "without StringEquals"},
	}
}

// pusherMutants let others push, or let CI do more than that.
func pusherMutants() []mutant {
	token := func(change func(equals map[string]any)) func(map[string]template) {
		return inProperties(registryStack, "ShopWebPushRole", func(p map[string]any) {
			s := anyList(p["AssumeRolePolicyDocument"].(map[string]any)["Statement"])[0]
			change(s["Condition"].(map[string]any)["StringEquals"].(map[string]any))
		})
	}
	pushes := func(change func(s map[string]any)) func(map[string]template) {
		return inProperties(registryStack, "ShopWebPushRole", func(p map[string]any) {
			change(anyList(anyList(p["Policies"])[0]["PolicyDocument"].(map[string]any)["Statement"])[1])
		})
	}
	return []mutant{
		{"any branch pushes", inProperties(registryStack, "ShopWebPushRole", func(p map[string]any) {
			trust := anyList(p["AssumeRolePolicyDocument"].(map[string]any)["Statement"])[0]
			trust["Condition"] = map[string]any{"StringLike": map[string]any{githubIssuer + ":sub": "repo:shop/web:*"}}
		}), "a token is compared by more than StringEquals"},
		{"a branch of any name pushes", token(func(equals map[string]any) { equals[githubIssuer+":sub"] = "repo:shop/web:ref:refs/heads/*" }), "a subject is no branch"},
		{"pull requests push", token(func(equals map[string]any) { equals[githubIssuer+":sub"] = "repo:shop/web:pull_request" }), "a subject is no branch"},
		{"whoever GitHub knows pushes", token(func(equals map[string]any) { delete(equals, githubIssuer+":sub") }), "a subject is no branch"},
		{"tokens for others are trusted", token(func(equals map[string]any) { delete(equals, githubIssuer+":aud") }), "another audience"},
		{"who takes over a name pushes", token(func(equals map[string]any) { delete(equals, githubIssuer+":repository_id") }), "who takes over the repository's name"},
		{"another repository's number is trusted too", token(func(equals map[string]any) {
			equals[githubIssuer+":repository_id"] = []any{"3950552388", "*"}
		}), "who takes over the repository's name"},
		{"CI deletes images", pushes(func(s map[string]any) { s["Action"] = append(s["Action"].([]any), "ecr:BatchDeleteImage") }), "CI does more than push"},
		{"CI pushes to another repository", pushes(func(s map[string]any) {
			s["Resource"] = append(s["Resource"].([]any), map[string]any{"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/shop/billing"})
		}), "CI does more than push"},
		{"CI starts the workflow", pushes(func(s map[string]any) { s["Action"] = []any{"states:StartExecution"} }), "states:StartExecution is not for the role fairlead-push-shop-web"},
	}
}
