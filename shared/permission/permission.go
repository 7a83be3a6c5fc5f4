// Package permission is how a step says which AWS calls it makes: the statements of the IAM policies that it runs
// under, as plain values.
//
// Each function's policy.go returns a [Policy]; infra/ turns it into roles, and a test holds it against the calls that
// the function's ports declare, in both directions.
package permission

// Statement is one Allow statement of an IAM policy.
type Statement struct {
	Sid       string
	Actions   []string
	Resources []string
	// Conditions maps a condition operator to its keys and their values: {"StringEquals": {"iam:PassedToService": {"…"}}}.
	Conditions map[string]map[string][]string
	// Why says what the step needs the calls for and, for a resource "*", why AWS forces it.
	Why string
}

// Policy is what one function may do: Own under its own role, the others under the service's three roles, which it
// assumes for one execution at a time.
type Policy struct {
	Own      func(Place) []Statement
	Look     func(Target) []Statement // reads
	Register func(Target) []Statement // RegisterTaskDefinition and what it needs
	Update   func(Target) []Statement // UpdateService and what it needs
}

// Place is where the deployer runs. Its fields may be CDK tokens: use them in strings, never parse them.
type Place struct {
	Partition, Region, Account string
	TableARN                   string // the ledger
	StateMachineARN            string
	EventBusARN                string // the bus that outcome events go to
	// ParameterARNs are those of the SSM parameters that name what each service was deployed with.
	ParameterARNs []string
}

// Target is one configured service. Its fields may be CDK tokens.
type Target struct {
	Place
	Cluster, Service string // ECS names
	Repository       string // ECR name
	TaskRoleARN      string
	ExecutionRoleARN string
	ScanGate         bool // the service's gate "scan" is on
	// Verified says that its images have to be signed, or their provenance attested.
	Verified bool
	// Revocable are the ARNs of what can be revoked of their signatures by AWS Signer, if they have to have such.
	Revocable []string
	// RegisterRoleARN and UpdateRoleARN are two of the service's own three roles.
	RegisterRoleARN, UpdateRoleARN string
}

// ECS composes the ARN of an ECS resource: t.ECS("service/prod/web").
func (t Target) ECS(resource string) string {
	return "arn:" + t.Partition + ":ecs:" + t.Region + ":" + t.Account + ":" + resource
}

// ServiceARN is the ARN of the ECS service.
func (t Target) ServiceARN() string { return t.ECS("service/" + t.Cluster + "/" + t.Service) }

// RepositoryARN is the ARN of the ECR repository.
func (t Target) RepositoryARN() string {
	return "arn:" + t.Partition + ":ecr:" + t.Region + ":" + t.Account + ":repository/" + t.Repository
}
