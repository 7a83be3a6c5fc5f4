package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

// target is where a verb acts.
type target struct {
	prefix, role, table string
	suffix              string // of the role's name, which is the prefix and this
}

// The roles of operators, by what follows the prefix in their names.
const (
	quarantineRole = "quarantine"
	holdRole       = "hold"
)

// operator is who acts, and through what.
type operator struct {
	name        string // the ARN of who called, not of the role that was taken on
	quarantines ledger.QuarantineKeeper
	holds       ledger.HoldKeeper
}

// ledgerVariable names the table. It has no name of its own (see infra/ledger.go): CloudFormation gives it one, which is
// an output of the stack, and the operator keeps it where the profile and the region are kept.
const ledgerVariable = "FAIRLEAD_LEDGER"

// declare declares the flags that all verbs have.
func (t *target) declare(flags *flag.FlagSet, suffix string) {
	t.suffix = suffix
	flags.StringVar(&t.prefix, "prefix", "fairlead", "the `prefix` in context.fairlead, with which the role's name begins")
	flags.StringVar(&t.role, "role", "", "the operators' role, a `name` or ARN (default <prefix>-"+suffix+")")
	flags.StringVar(&t.table, "table", "", "the ledger's `table`: output LedgerTable of the stack Fairlead (default $"+ledgerVariable+")")
}

// complete fills in what was not said.
func (t *target) complete(getenv func(string) string) error {
	if t.table == "" {
		t.table = getenv(ledgerVariable)
	}
	if t.table == "" {
		return misused("which table is the ledger? Say -table or set %s: it is the output LedgerTable of the stack Fairlead", ledgerVariable)
	}
	if t.role == "" {
		t.role = t.prefix + "-" + t.suffix
	}
	return nil
}

// open finds AWS as the AWS CLI does, and takes on the operators' role there.
func open(ctx context.Context, t target) (operator, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return operator{}, advise(fmt.Errorf("read the AWS configuration: %w", err), "mend the profile, or choose another with AWS_PROFILE")
	}
	return connect(ctx, cfg, t)
}

// connect takes on the operators' role for one command.
func connect(ctx context.Context, cfg aws.Config, t target) (operator, error) {
	if cfg.Region == "" {
		return operator{}, advise(errors.New("no region is set"), "set AWS_REGION, or a region in the profile, to where the stack Fairlead is")
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return operator{}, advise(fault.FromAWS("find out who calls", err), "log in to AWS: `aws sts get-caller-identity` must work in this terminal")
	}
	caller := aws.ToString(who.Arn)
	role := roleARN(t.role, caller, aws.ToString(who.Account))
	out := cfg.Copy()
	out.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role,
		func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = sessionName(caller) }))
	if _, err := out.Credentials.Retrieve(ctx); err != nil {
		return operator{}, advise(fault.FromAWS("take on the operators' role as "+caller, err),
			"have sts:AssumeRole on "+role+" granted to you (docs/"+t.suffix+".md says how), or choose another role with -role")
	}
	table := dynamodb.NewFromConfig(out)
	return operator{name: caller, quarantines: ledger.NewQuarantines(table, t.table), holds: ledger.NewHolds(table, t.table)}, nil
}

// roleARN completes a role's name to its ARN in the caller's partition and account.
func roleARN(role, caller, account string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	partition := "aws"
	if parts := strings.SplitN(caller, ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return "arn:" + partition + ":iam::" + account + ":role/" + role
}

var notInSessionNames = regexp.MustCompile(`[^\w+=,.@-]`)

// sessionName names the session after who calls, so that CloudTrail says who released what: 2 to 64 characters.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func sessionName(caller string) string {
	name := notInSessionNames.ReplaceAllString(caller[strings.LastIndexAny(caller, "/:")+1:], "-")
	if len(name) < 2 {
		name = "operator-" + name
	}
	return name[:min(len(name), 64)]
}

// advised is an error with what to do about it at this command line; what a fault says about executions does not apply.
type advised struct {
	error
	fix string
}

func (a advised) Unwrap() error { return a.error }

// advise adds to an error what to do about it.
func advise(err error, fix string) error { return advised{err, fix} }

// fixOf is what to do about an error, or "".
func fixOf(err error) string {
	if a, ok := errors.AsType[advised](err); ok {
		return a.fix
	}
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return ""
	}
	switch f.Code {
	case fault.PermissionDenied:
		return "use the operators' role, which is the default of -role, and the table of the same stack; make deploy makes both"
	case fault.AWSRefused:
		return "check that the table and AWS_REGION are those of the stack Fairlead"
	default:
		return "try again"
	}
}

// message is an error without the fix that a fault has for executions.
func message(err error) string {
	if f := fault.From(err); f.Code != fault.Unexpected {
		return f.Message
	}
	return err.Error()
}
