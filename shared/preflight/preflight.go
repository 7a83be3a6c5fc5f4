// Package preflight answers: will a deployment of this service come to grief for something that can be seen before it begins?
//
// CheckImage asks, before the first write: what is certain stops it, what is only likely, or a matter of taste, is a warning
// in the document and in the outcome event. The package is pure.
package preflight

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Tasks is the service that ECS runs tasks for: what has to assume both of their roles.
const Tasks = "ecs-tasks.amazonaws.com"

// Settings warns of what a service and its task definition leave open: who notices a failure, and by what. containers are
// those that get the image.
func Settings(service types.Service, definition *types.TaskDefinition, containers []string) []string {
	warnings := breaker(service)
	if len(service.LoadBalancers) == 0 && !slices.ContainsFunc(definition.ContainerDefinitions, func(c types.ContainerDefinition) bool { return c.HealthCheck != nil }) {
		warnings = append(warnings, "the service has neither a load balancer nor a container with a health check: a task counts as healthy as soon as it runs")
	}
	for _, c := range definition.ContainerDefinitions {
		if c.VersionConsistency == types.VersionConsistencyDisabled && !slices.Contains(containers, aws.ToString(c.Name)) && !strings.Contains(aws.ToString(c.Image), "@") {
			warnings = append(warnings, fmt.Sprintf("container %s has versionConsistency disabled and its image by a tag: tasks of one deployment may run different images", aws.ToString(c.Name)))
		}
	}
	return warnings
}

// breaker warns of a circuit breaker that is off, or does not roll back.
func breaker(service types.Service) []string {
	set := types.DeploymentCircuitBreaker{}
	if c := service.DeploymentConfiguration; c != nil && c.DeploymentCircuitBreaker != nil {
		set = *c.DeploymentCircuitBreaker
	}
	switch {
	case !set.Enable:
		return []string{"the service's deployment circuit breaker is off: a failure that does not show itself otherwise is noticed only after the timeout; switch it on, with rollback"}
	case !set.Rollback:
		return []string{"the service's deployment circuit breaker does not roll back: Fairlead does, a little later; switch its rollback on"}
	default:
		return nil
	}
}

// Trusts says whether a role's trust policy may let ECS tasks assume the role: false is certain, true is as far as can be
// told, for conditions and denials are not weighed. A document that cannot be read is an error.
func Trusts(document string) (bool, error) {
	var policy struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return false, fmt.Errorf("read the trust policy: %w", err)
	}
	var statements []statement
	if json.Unmarshal(policy.Statement, &statements) != nil {
		var one statement
		if err := json.Unmarshal(policy.Statement, &one); err != nil {
			return false, fmt.Errorf("read the trust policy: %w", err)
		}
		statements = []statement{one}
	}
	return slices.ContainsFunc(statements, statement.trusts), nil
}

// statement is one of a trust policy.
type statement struct {
	Effect                  string
	Principal               json.RawMessage
	Action                  json.RawMessage
	NotPrincipal, NotAction json.RawMessage
}

func (s statement) trusts() bool {
	if s.Effect != "Allow" {
		return false
	}
	if s.NotPrincipal != nil || s.NotAction != nil {
		return true // too rare to be weighed
	}
	assumes := slices.ContainsFunc(texts(s.Action), func(action string) bool { return like(action, "sts:AssumeRole") })
	if slices.Contains(texts(s.Principal), "*") {
		return assumes
	}
	var kinds map[string]json.RawMessage
	if json.Unmarshal(s.Principal, &kinds) != nil {
		return false
	}
	return assumes && (slices.ContainsFunc(texts(kinds["Service"]), runsTasks) || slices.Contains(texts(kinds["AWS"]), "*"))
}

// runsTasks says whether a service principal is the one that runs tasks, under the suffix of whatever partition.
func runsTasks(principal string) bool {
	name, _, _ := strings.Cut(Tasks, ".")
	return principal == "*" || strings.HasPrefix(strings.ToLower(principal), name+".")
}

// like says whether a text is what a wildcard of IAM's means, whatever the case of its letters: * stands for any
// characters, and ? for one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func like(wildcard, text string) bool {
	expression := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(wildcard))
	ok, err := regexp.MatchString(`(?is)^`+expression+`$`, text)
	return ok && err == nil
}

// texts reads what may be a text or a list of texts.
func texts(raw json.RawMessage) []string {
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return nil
}
