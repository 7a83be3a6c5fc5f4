package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The kinds of questions.
const (
	identities = "identity"                  // the caller's policies alone
	limited    = "limited"                   // and a boundary, a session policy, or both
	owned      = "resource"                  // and a policy of the resource
	trusting   = "trust"                     // a role's trust policy
	templated  = "stacks: what roles may do" // asked about what they may, and what others may
	trusted    = "stacks: who may be them"
)

// generator makes questions up.
type generator struct{ r *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](g generator, of ...T) T { return of[g.r.IntN(len(of))] }

func (g generator) chance(percent int) bool { return g.r.IntN(100) < percent }

// some picks one to n, with repetitions.
func (g generator) some(n int, of ...string) texts {
	var out texts
	for range 1 + g.r.IntN(n) {
		out = append(out, pick(g, of...))
	}
	return out
}

// call is an action and a resource that it is for; name is the last part of the resource.
type call struct{ action, resource string }

func (g generator) call() call {
	name := pick(g, "a", "ab", "b")
	return pick(g,
		call{"sqs:SendMessage", "arn:aws:sqs:eu-west-1:" + account + ":" + name},
		call{"sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:" + account + ":" + name},
		call{"ecs:UpdateService", "arn:aws:ecs:eu-west-1:" + account + ":service/prod/" + name},
		call{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:" + account + ":table/" + name},
		call{"lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:" + account + ":function:" + name},
		call{"ecr:PutImage", "arn:aws:ecr:eu-west-1:" + account + ":repository/shop/" + name},
		call{"iam:PassRole", "arn:aws:iam::" + account + ":role/" + name},
		call{"ecs:ListTaskDefinitions", "*"},
	)
}

// question makes the next one up.
func (g generator) question() question {
	c := g.call()
	q := question{Kind: pick(g, identities, limited, owned, trusting), Account: account, Action: c.action, Resource: c.resource, Caller: pick(g, session, session, user), Identity: []document{}}
	switch q.Kind {
	case limited:
		g.limit(&q, c)
	case owned:
		g.own(&q, c)
	case trusting:
		c = g.trust(&q)
	}
	q.Keys = g.keys(q.Caller)
	if q.Caller == session || q.Caller == user {
		for range g.r.IntN(3) {
			q.Identity = append(q.Identity, *g.document(c, 3, identities))
		}
	}
	return q
}

// own adds a policy of the resource.
func (g generator) own(q *question, c call) {
	q.Caller = pick(g, session, session, user, service)
	q.Own = g.document(c, 3, owned)
	if q.Caller != service && g.chance(40) {
		g.limit(q, c)
	}
}

// trust makes it a question of who may be a role.
func (g generator) trust(q *question) call {
	c := call{"sts:AssumeRole", "arn:aws:iam::" + account + ":role/target"}
	q.Caller = pick(g, session, session, user, service)
	if g.chance(15) {
		c.action, q.Caller = "sts:AssumeRoleWithWebIdentity", provider
	}
	q.Action, q.Resource, q.Own = c.action, c.resource, g.document(c, 2, trusting)
	if q.Caller == session && g.chance(25) {
		g.limit(q, c)
	}
	return c
}

// limit adds what can only take away.
func (g generator) limit(q *question, c call) {
	both := g.chance(30)
	if both || g.chance(50) || q.Caller != session {
		q.Boundary = g.document(c, 2, identities)
	}
	if q.Caller == session && (both || q.Boundary == nil) {
		q.Session = g.document(c, 2, identities)
	}
}

func (g generator) document(c call, most int, kind string) *document {
	d := &document{Version: "2012-10-17"}
	if g.chance(4) {
		d.Version = "2008-10-17"
	}
	for i := range 1 + g.r.IntN(most) {
		d.Statement = append(d.Statement, g.statement(fmt.Sprintf("S%d", i), c, kind))
	}
	return d
}

func (g generator) statement(sid string, c call, kind string) statement {
	s := statement{Sid: sid, Effect: "Allow"}
	if g.chance(30) {
		s.Effect = "Deny"
	}
	if kind == owned || kind == trusting {
		g.principals(&s, kind)
	}
	g.about(&s, c, kind)
	for range g.r.IntN(3) {
		g.condition(&s)
	}
	if g.chance(1) {
		g.unread(&s, c)
	}
	return s
}

// about adds actions and, but for a trust policy, resources.
func (g generator) about(s *statement, c call, kind string) {
	s.Action = g.some(2, actions(c)...)
	if kind == trusting {
		return
	}
	s.Resource = g.some(2, resources(c.resource)...)
	if g.chance(15) {
		s.Action, s.NotAction = nil, s.Action
	}
	if g.chance(15) {
		s.Resource, s.NotResource = nil, s.Resource
	}
}

// unread puts something into a statement that the embedded AWS says it does not read: it must say so, and never pass over it.
func (g generator) unread(s *statement, c call) {
	vendor, _, _ := strings.Cut(c.action, ":")
	switch g.r.IntN(5) {
	case 0:
		s.Resource, s.NotResource = texts{"arn:aws:" + vendor + ":*"}, nil
	case 1:
		s.Resource, s.NotResource = texts{"arn:*:*:*:*:*"}, nil
	case 2:
		s.Condition = map[string]map[string]texts{"IpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}}
	case 3:
		s.Condition = map[string]map[string]texts{"ArnLike": {"aws:SourceArn": {"arn:aws:events:*"}}}
	default:
		s.Condition = map[string]map[string]texts{pick(g, "StringMatches", "stringequals", "NullIfExists"): {"aws:PrincipalTag/team": {"true"}}}
	}
}

func (g generator) principals(s *statement, kind string) {
	var who any = map[string]texts{"AWS": g.some(2, role, role, session, user, account, root, "*", "arn:aws:iam::"+account+":role/other", "210987654321")}
	switch g.r.IntN(6) {
	case 0:
		who = map[string]texts{"Service": g.some(2, service, "lambda.amazonaws.com")}
	case 1:
		who = "*"
	case 2:
		if kind == trusting {
			who = map[string]texts{"Federated": {provider}}
		}
	}
	if s.Effect == "Deny" && kind == owned && g.chance(15) {
		s.NotPrincipal = who
		return
	}
	s.Principal = who
}

// actions are patterns for actions: of this one, in other letters, with wildcards, and of others.
func actions(c call) []string {
	vendor, name, _ := strings.Cut(c.action, ":")
	if vendor == "sts" {
		return []string{c.action, c.action, "sts:AssumeRole", "sts:*", "sts:AssumeRole*", "sts:TagSession"}
	}
	return []string{c.action, c.action, "*", vendor + ":*", strings.ToLower(c.action), vendor + ":" + name[:3] + "*", vendor + ":?" + name[1:], vendor + ":*" + name[len(name)-4:],
		vendor + ":" + name[:len(name)-1], "s3:GetObject", vendor + ":" + name + "?"}
}

// resources are patterns for resources: of this one, with wildcards and variables, and of others.
func resources(resource string) []string {
	if resource == "*" {
		return []string{"*", "*", "arn:aws:ecs:eu-west-1:" + account + ":task-definition/*"}
	}
	head, name := resource[:len(resource)-1], resource[len(resource)-1:]
	if strings.HasSuffix(head, "a") { // of ab
		head, name = head[:len(head)-1], "ab"
	}
	parts := strings.SplitN(resource, ":", 6)
	return []string{resource, resource, "*", head + "*", head + "?", head + "?" + name[1:], head + "x",
		"arn:aws:" + parts[2] + ":*:*:*", "arn:aws:" + parts[2] + ":*:" + account + ":*" + name, "arn:*:" + parts[2] + ":*:*:" + parts[5], "arn:aws:s3:::bucket/*",
		head + "${aws:PrincipalTag/team}", head + "${aws:PrincipalTag/team, 'b'}", head + "${*}", head + "${aws:username}*"}
}
