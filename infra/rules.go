package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"fairlead/functions/sweep"
	"fairlead/shared/config"
)

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const (
	maxTargets = 5 // a rule, and not adjustable
	// maxListed is how many characters one pattern lists: it has 2,048, and what else stands in it takes some 350.
	maxListed = 1500
)

// rule is an event pattern or a schedule, and what it starts: the workflow once for each of the services, or a function.
type rule struct {
	ID       string // logical
	What     string // for the console
	Pattern  map[string]any
	Schedule string // a rate expression, in the place of a pattern
	Services []string
	Function string // package
	// Late is for how many seconds an event that could not be delivered is tried again.
	Late int
}

// How long an event is worth delivering: a push and an end for as long as EventBridge tries at all; a wake-up until the
// heartbeat has looked anyway.
const (
	lateByADay      = 24 * 60 * 60
	lateByHeartbeat = 5 * 60
	lateBySweep     = 10 * 60 // the next one comes soon
)

// pushRules returns a rule for each repository and tag policy that some service follows, with a target for each such
// service; more than five services take more rules.
func pushRules(services []config.Service) ([]rule, error) {
	followers := map[string][]config.Service{}
	var order []string
	for _, s := range services {
		policy, err := json.Marshal(s.TagPolicy)
		if err != nil {
			return nil, fmt.Errorf("write the tag policy of %s: %w", s.Name, err)
		}
		key := s.Repository + " " + string(policy)
		if followers[key] == nil {
			order = append(order, key)
		}
		followers[key] = append(followers[key], s)
	}
	var rules []rule
	for _, key := range order {
		for i, group := range chunks(followers[key]) {
			rules = append(rules, pushRule(pushRuleID(group[0].Repository, key, i), group))
		}
	}
	return rules, nil
}

// chunks cuts services into groups of as many as one rule has targets for.
func chunks(services []config.Service) [][]config.Service {
	return slices.Collect(slices.Chunk(services, maxTargets))
}

// pushRuleID names the i-th rule of a repository and tag policy. The hash of the two keeps the id when other rules come
// and go.
func pushRuleID(repository, key string, i int) string {
	sum := sha256.Sum256([]byte(key))
	id := "PushTo" + title(repository) + hex.EncodeToString(sum[:4])
	if i > 0 {
		id += "Part" + strconv.Itoa(i+1)
	}
	return id
}

// pushRule starts the workflow when the repository of the services gets an image under a tag that their policy may
// want. The pattern is pinned on all that ECR says, so that other events start nothing; whatever starts the workflow,
// it reads the truth from ECR. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
func pushRule(id string, services []config.Service) rule {
	first := services[0]
	r := rule{ID: id, Late: lateByADay, What: "Images pushed to " + first.Repository + " under tags that a policy of the kind " + string(first.TagPolicy.Kind()) + " may want."}
	for _, s := range services {
		r.Services = append(r.Services, s.Name)
	}
	r.Pattern = pattern("aws.ecr", "ECR Image Action", map[string]any{
		"action-type":     []any{"PUSH"},
		"result":          []any{"SUCCESS"},
		"repository-name": []any{first.Repository},
		"image-tag":       first.TagPolicy.EventPattern(),
	})
	return r
}

// wakeRules returns the rules for what ECS says about the services: that a deployment changed its state, and that a task
// stopped for a reason of its own. What the scheduler stops in the course of a deployment changes no verdict, except
// where it says that the task failed: health checks do.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
func wakeRules(services []config.Service) []rule {
	var rules []rule
	for i, listed := range byLength(services) {
		number := ""
		if i > 0 {
			number = strconv.Itoa(i + 1)
		}
		var arns, clusters, groups []any
		for _, s := range listed {
			arns = append(arns, sub(arn("ecs", "service/"+s.Cluster+"/"+s.Service)))
			clusters = appendNew(clusters, arn("ecs", "cluster/"+s.Cluster))
			groups = appendNew(groups, "service:"+s.Service)
		}
		deployment := pattern("aws.ecs", "ECS Deployment State Change", nil)
		deployment["resources"] = arns
		task := pattern("aws.ecs", "ECS Task State Change", map[string]any{
			"lastStatus": []any{"STOPPED"},
			"clusterArn": clusters,
			"group":      groups,
			"startedBy":  []any{map[string]any{"prefix": "ecs-svc/"}},
			"$or": []any{
				map[string]any{"stopCode": []any{map[string]any{"anything-but": []any{"ServiceSchedulerInitiated"}}}},
				map[string]any{"stoppedReason": []any{map[string]any{"prefix": "Task failed"}}},
			},
		})
		rules = append(rules,
			rule{ID: "DeploymentChanged" + number, What: "A deployment of a configured service changed its state.",
				Pattern: deployment, Function: "wakeexecution", Late: lateByHeartbeat},
			rule{ID: "TaskStopped" + number, What: "A task of a configured service stopped for a reason of its own.",
				Pattern: task, Function: "wakeexecution", Late: lateByHeartbeat})
	}
	return rules
}

// endRule reports the ends that the workflow cannot record itself.
// https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
func endRule(stateMachineARN string) rule {
	return rule{ID: "ExecutionEnded", What: "An execution failed, timed out or was stopped.",
		Function: "reportoutcome", Late: lateByADay,
		Pattern: pattern("aws.states", "Step Functions Execution Status Change", map[string]any{
			"status":          []any{"FAILED", "TIMED_OUT", "ABORTED"},
			"stateMachineArn": []any{sub(stateMachineARN)},
		})}
}

// sweepRule lets the sweep run. A lost push is found within two intervals: the first look at a tag may have to leave it to its
// event.
func sweepRule() rule {
	return rule{ID: "SweepDue", What: "It is time to look for what events should have told.",
		Schedule: fmt.Sprintf("rate(%.0f minutes)", sweep.Interval.Minutes()), Function: "sweep", Late: lateBySweep}
}

// pattern is an event pattern for one kind of event of one AWS service in this account. Nobody but AWS can send events
// whose source begins with aws: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
func pattern(source, detailType string, detail map[string]any) map[string]any {
	pinned := map[string]any{"source": []any{source}, "detail-type": []any{detailType}, "account": []any{sub(account)}}
	if detail != nil {
		pinned["detail"] = detail
	}
	return pinned
}

// byLength cuts services into groups whose names fit into one pattern. Of the two, the one for tasks has more to list: of
// each service its group, and its cluster's ARN.
func byLength(services []config.Service) [][]config.Service {
	const around = len(`"arn:aws-us-gov:ecs:us-gov-west-1:123456789012:cluster/","service:",`)
	var groups [][]config.Service
	length := maxListed
	for _, s := range services {
		own := around + len(s.Cluster) + len(s.Service)
		if length+own > maxListed {
			groups, length = append(groups, nil), 0
		}
		length += own
		groups[len(groups)-1] = append(groups[len(groups)-1], s)
	}
	return groups
}

// appendNew appends a value to a list that may hold it already.
func appendNew(values []any, text string) []any {
	written := sub(text)
	if slices.ContainsFunc(values, func(v any) bool { return fmt.Sprint(v) == fmt.Sprint(written) }) {
		return values
	}
	return append(values, written)
}
