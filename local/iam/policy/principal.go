package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Caller is who makes a request, in the terms in which a policy can name it.
type Caller struct {
	ARN       string // the user's or the session's
	Account   string
	RoleARN   string // the role behind a session
	UserID    string // AIDA…, or AROA…:session
	Service   string // an AWS service that acts by itself
	Federated string // the ARN of the identity provider that vouches for an anonymous caller
	Bounded   bool   // a permissions boundary is attached to the user or role
}

// Principals are whom a statement of a resource or trust policy is about; Not says that it is about everyone else.
type Principals struct {
	Not       bool
	AWS       []string // "*", account ids, ARNs, unique ids
	Services  []string
	Federated []string
}

func (p Principals) empty() bool { return len(p.AWS)+len(p.Services)+len(p.Federated) == 0 }

// parse reads Principal or NotPrincipal: "*", or lists by kind.
func (p *Principals) parse(e member) error {
	if !p.empty() {
		return syntax("A statement has either Principal or NotPrincipal")
	}
	p.Not = e.name == "NotPrincipal"
	if s, err := text(e.raw); err == nil {
		if s != "*" {
			return malformed("Invalid principal in policy: %q", s)
		}
		p.AWS = []string{"*"}
		return nil
	}
	kinds, err := members(e.raw)
	if err != nil {
		return syntax("%s: %v", e.name, err)
	}
	for _, kind := range kinds {
		if err := p.parseKind(kind); err != nil {
			return err
		}
	}
	return nil
}

func (p *Principals) parseKind(kind member) error {
	names, err := texts(kind.raw)
	if err != nil {
		return syntax("Principal %s: %v", kind.name, err)
	}
	var form string
	switch kind.name {
	case "AWS":
		p.AWS, form = names, awsPrincipal
	case "Service":
		p.Services, form = names, servicePrincipal
	case "Federated":
		p.Federated, form = names, federatedPrincipal
	default:
		return malformed("Invalid principal in policy: %q is no kind of principal that the embedded AWS knows", kind.name)
	}
	for _, name := range names {
		if err := checkPrincipal(kind.name, name, form); err != nil {
			return err
		}
	}
	p.foldAccounts()
	return nil
}

func checkPrincipal(kind, name, form string) error {
	formed := regexp.MustCompile(form).MatchString(name)
	switch {
	case !formed && kind == "Federated":
		return malformed("Federated principals must be valid domain names or SAML metadata ARNs")
	case !formed, kind == "Service" && !knownService(name):
		return malformed("Invalid principal in policy: %q:%q", strings.ToUpper(kind), name)
	}
	return nil
}

// The forms of principals. An ARN must be whole: "you can use * only to specify everyone".
const (
	awsPrincipal = `^(\*|\d{12}|A(ROA|IDA)[A-Z0-9]{12,}` +
		`|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)` +
		`|arn:aws[a-z-]*:sts::\d{12}:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+)$`
	servicePrincipal   = `^[a-z0-9.-]+\.amazonaws\.com$`
	federatedPrincipal = `^arn:aws[a-z-]*:iam::\d{12}:oidc-provider/[\w./-]+$`
)

// knownService reports whether a service principal is one that this account could meet; IAM refuses one that does not
// exist, and so a mistyped one is refused here.
func knownService(name string) bool {
	return slices.Contains(strings.Fields(`apigateway application-autoscaling athena autoscaling backup batch
		cloudformation cloudfront cloudtrail cloudwatch codebuild codedeploy codepipeline config delivery.logs
		dynamodb ec2 ecr ecs ecs-tasks edgelambda elasticloadbalancing events firehose glue guardduty inspector2
		kinesis kms lambda lambda.alarms.cloudwatch logs monitoring pipes rds s3 scheduler secretsmanager
		servicediscovery ses sns sqs ssm states sts vpc-flow-logs xray`), strings.TrimSuffix(name, ".amazonaws.com"))
}

// Reach is how far a statement's Principal grants to a caller within its own account.
type Reach int

// The reaches, least first.
const (
	Nobody    Reach = iota // the caller is not meant
	ByAccount              // the account is named: its administrator may let the caller, by an identity policy
	ByRole                 // the role is named: a boundary and a session policy still limit the session
	Directly               // the caller itself, or everyone
)

// reach tells whether, and how far, a statement means the caller; trust says that it allows to assume a role.
func (p Principals) reach(c Caller, trust bool) Reach {
	if p.Not {
		return p.reachOfNot(c)
	}
	if c.Service != "" && slices.Contains(p.Services, c.Service) || c.Federated != "" && slices.Contains(p.Federated, c.Federated) {
		return Directly
	}
	reach := Nobody
	for _, name := range p.AWS {
		reach = max(reach, c.named(name, trust))
	}
	return reach
}

// reachOfNot: AWS may validate the account first, then the role, then the session, so only a caller whose account,
// role and session are all listed is surely left out; and one with a boundary never is
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
func (p Principals) reachOfNot(c Caller) Reach {
	if c.Service != "" && slices.Contains(p.Services, c.Service) {
		return Nobody
	}
	identities := c.identities()
	listed := func(name string) bool {
		return slices.ContainsFunc(p.AWS, func(entry string) bool { return entry == "*" || entry == name })
	}
	if c.Bounded || len(identities) == 0 {
		return Directly
	}
	for _, name := range identities {
		if !listed(name) {
			return Directly
		}
	}
	return Nobody
}

// identities are the names by which AWS may know the caller: account, role, session or user.
func (c Caller) identities() []string {
	if c.Account == "" || c.ARN == "" {
		return nil
	}
	names := []string{c.Account, c.ARN}
	if c.RoleARN != "" {
		names = append(names, c.RoleARN)
	}
	return names
}

// named tells how far the entry of a Principal's AWS list means the caller.
// Whom a trust policy allows by "*" needs a right to sts:AssumeRole of his own, as if his account were named.
func (c Caller) named(entry string, trust bool) Reach {
	if entry == "*" && !trust {
		return Directly
	}
	if c.ARN == "" {
		return Nobody
	}
	switch entry {
	case c.ARN, c.UserID:
		return Directly
	case c.RoleARN, c.roleID():
		return ByRole
	case c.Account, "*":
		return ByAccount
	}
	return Nobody
}

// roleID is the unique id of the role behind a session; of no role, what no policy names.
func (c Caller) roleID() string {
	id, _, isSession := strings.Cut(c.UserID, ":")
	if !isSession {
		return "none"
	}
	return id
}

// foldAccounts writes accounts as their numbers, where the policy names the ARN of their root.
func (p *Principals) foldAccounts() {
	for i, name := range p.AWS {
		if strings.HasSuffix(name, ":root") {
			p.AWS[i] = strings.Split(name, ":")[4]
		}
	}
}
