package main

// keyed is a condition key with the operators that it is for, the values that policies give it, and those of requests.
type keyed struct {
	name      string
	operators []string
	policy    []string
	request   []string
	several   bool // the request may have several values
}

func strings6() []string {
	return []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"}
}

func arns() []string {
	return []string{"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike"}
}

func ordered(kind string) []string {
	return []string{kind + "Equals", kind + "NotEquals", kind + "LessThan", kind + "LessThanEquals", kind + "GreaterThan", kind + "GreaterThanEquals"}
}

// keyedBy are the keys of which conditions are made. All of them are served, and known to the oracle for every action.
func keyedBy() []keyed {
	words := []string{"a", "b", "ab", "A", "a*", "?b", "*", "${aws:PrincipalTag/team}", "${aws:username, 'a'}", "${aws:username}", "${*}", "x${?}", ""}
	times := []string{"2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00", "2026-11-24", "2026-11-22T00:00:00Z", "2027-01-01T00:00:00Z"}
	rule := "arn:aws:events:eu-west-1:" + account + ":rule/"
	return []keyed{
		{"aws:PrincipalTag/team", strings6(), words, []string{"a", "b", "ab", "A", "*", ""}, false},
		{"aws:PrincipalTag/Stage", strings6(), words, []string{"a", "prod"}, false},
		{"aws:TagKeys", strings6(), words, []string{"a", "b", "ab", "A"}, true},
		{"aws:PrincipalType", strings6(), []string{"User", "AssumedRole", "assumedrole", "*"}, nil, false},
		{"aws:PrincipalArn", arns(), []string{role, user, "arn:aws:iam::" + account + ":role/*", "arn:aws:iam::*:*/ann", "arn:aws:iam::" + account + ":role/we?", "arn:*:iam::*:role/web", session}, nil, false},
		{"aws:SourceArn", arns(), []string{rule + "push", rule + "*", "arn:aws:events:*:*:rule/push", "arn:aws:*:*:*:*", "arn:aws:events:eu-west-1:" + account + ":${aws:PrincipalTag/team}"},
			[]string{rule + "push", rule + "pull", "arn:aws:sns:eu-west-1:" + account + ":topic", "arn:aws:events:eu-west-1:" + account + ":a"}, false},
		{"aws:CurrentTime", ordered("Date"), times, []string{"2026-11-23T12:00:00Z", "2026-11-24T00:00:00Z"}, false},
		{"aws:TokenIssueTime", ordered("Date"), times, []string{"2026-11-23T12:00:00Z"}, false},
		{"aws:MultiFactorAuthAge", ordered("Numeric"), []string{"10", "10.0", "300", "-1", "0"}, []string{"10", "299", "3600"}, false},
		{"aws:SecureTransport", []string{"Bool"}, []string{"true", "false", "True"}, []string{"true", "false"}, false},
		{"aws:ViaAWSService", []string{"Bool"}, []string{"true", "false"}, []string{"true", "false"}, false},
		{"aws:VpcSourceIp", []string{"IpAddress", "NotIpAddress"}, []string{"10.0.0.0/8", "10.1.2.3", "10.1.2.3/32", "192.168.0.0/16", "2001:db8::/32", "0.0.0.0/0"}, []string{"10.1.2.3", "192.168.7.1", "2001:db8:0:0:0:0:0:1"}, false},
	}
}

// condition adds a key under an operator to a statement.
func (g generator) condition(s *statement) {
	k := pick(g, keyedBy()...)
	operator := pick(g, k.operators...)
	values := g.some(3, k.policy...)
	switch {
	case g.chance(10):
		operator, values = "Null", texts{pick(g, "true", "false")}
	case k.several && g.chance(90) || g.chance(6):
		operator = pick(g, "ForAllValues:", "ForAnyValue:") + operator
		if g.chance(20) {
			operator += "IfExists"
		}
	case g.chance(25):
		operator += "IfExists"
	}
	name := k.name
	if g.chance(10) {
		name = pick(g, "AWS", "aws") + name[3:]
	}
	if s.Condition == nil {
		s.Condition = map[string]map[string]texts{}
	}
	if s.Condition[operator] == nil {
		s.Condition[operator] = map[string]texts{}
	}
	s.Condition[operator][name] = values
}

// keys are those of a request of the caller; any of them may be missing, but for those that AWS always sets.
func (g generator) keys(caller string) map[string][]string {
	keys := map[string][]string{}
	for _, k := range keyedBy() {
		if len(k.request) == 0 || !g.chance(70) {
			continue
		}
		keys[k.name] = g.some(1, k.request...)
		if k.several {
			keys[k.name] = g.some(3, k.request...)
		}
	}
	switch caller {
	case session:
		keys["aws:PrincipalArn"], keys["aws:PrincipalType"] = []string{role}, []string{"AssumedRole"}
	case user:
		keys["aws:PrincipalArn"], keys["aws:PrincipalType"], keys["aws:username"] = []string{user}, []string{"User"}, []string{"ann"}
	}
	return keys
}
