package ecs

import (
	"slices"
	"strings"

	"fairlead/local/world"
)

// rolloutBrief is a service deployment as ListServiceDeployments has it.
type rolloutBrief struct {
	ARN        string       `json:"serviceDeploymentArn"`
	Service    string       `json:"serviceArn"`
	Cluster    string       `json:"clusterArn"`
	StartedAt  *world.Epoch `json:"startedAt,omitempty"`
	CreatedAt  *world.Epoch `json:"createdAt"`
	FinishedAt *world.Epoch `json:"finishedAt,omitempty"`
	Target     string       `json:"targetServiceRevisionArn"`
	Status     string       `json:"status"`
	Reason     string       `json:"statusReason,omitempty"`
}

type listRolloutsInput struct {
	Service   string   `json:"service"`
	Cluster   string   `json:"cluster"`
	Status    []string `json:"status"`
	CreatedAt struct {
		Before *world.Epoch `json:"before"`
		After  *world.Epoch `json:"after"`
	} `json:"createdAt"`
	page
}

type listRolloutsOutput struct {
	Rollouts  []rolloutBrief `json:"serviceDeployments"`
	NextToken string         `json:"nextToken,omitempty"`
}

// listServiceDeployments lists the newest first.
func (s *Service) listServiceDeployments(c *world.Call, in listRolloutsInput) (out listRolloutsOutput, err error) {
	key, err := serviceKey(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	if err := c.Authorize("ecs:ListServiceDeployments", s.arn("service", key), s.serviceKeys(key)); err != nil {
		return out, err
	}
	v, err := s.service(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	if err := v.tellsRollouts(); err != nil {
		return out, err
	}
	ids := in.among(v.Rollouts)
	if ids, out.NextToken, err = in.of(ids, 20); err != nil {
		return out, err
	}
	out.Rollouts = []rolloutBrief{}
	for _, id := range ids {
		out.Rollouts = append(out.Rollouts, s.brief(v, v.rollout(id)))
	}
	return out, nil
}

// tellsRollouts refuses the service deployments of services that ECS does not roll out itself.
func (v *service) tellsRollouts() error {
	if v.Controller != controllerECS {
		return world.Errorf("UnsupportedFeatureException", "Service deployments are supported for services with the ECS deployment controller only.")
	}
	return nil
}

// among are the ids of those that are asked for, the newest first.
func (in listRolloutsInput) among(all []*rollout) []string {
	ids := []string{}
	for _, r := range slices.Backward(all) {
		if in.CreatedAt.After != nil && r.CreatedAt.Before(in.CreatedAt.After.Time) {
			break // and so are all before it
		}
		if in.wants(r) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (in listRolloutsInput) wants(r *rollout) bool {
	if len(in.Status) > 0 && !slices.Contains(in.Status, r.Status) {
		return false
	}
	return in.CreatedAt.Before == nil || !r.CreatedAt.After(in.CreatedAt.Before.Time)
}

func (s *Service) brief(v *service, r *rollout) rolloutBrief {
	return rolloutBrief{ARN: s.rolloutARN(v, r), Service: s.serviceARN(v), Cluster: s.arn("cluster", v.Cluster),
		StartedAt: world.EpochOf(r.StartedAt), CreatedAt: world.EpochOf(r.CreatedAt), FinishedAt: world.EpochOf(r.Finished),
		Target: s.revisionARN(v, r.Target), Status: r.Status, Reason: r.Reason}
}

func (s *Service) rolloutARN(v *service, r *rollout) string {
	return s.arn("service-deployment", v.key(), r.ID)
}

func (s *Service) revisionARN(v *service, number string) string {
	return s.arn("service-revision", v.key(), number)
}

// rolloutOutput is a service deployment as DescribeServiceDeployments has it.
type rolloutOutput struct {
	rolloutBase
	Sources   []revisionCounts `json:"sourceServiceRevisions"`
	Target    revisionCounts   `json:"targetServiceRevision"`
	StoppedAt *world.Epoch     `json:"stoppedAt,omitempty"`
	UpdatedAt *world.Epoch     `json:"updatedAt"`
	Deploying deploymentConfig `json:"deploymentConfiguration"`
	Rollback  *rollbackOutput  `json:"rollback,omitempty"`
	Breaker   breakerOutput    `json:"deploymentCircuitBreaker"`
	Alarms    alarmsOutput     `json:"alarms"`
}

// rolloutBase is what both answers have.
type rolloutBase struct {
	ARN        string       `json:"serviceDeploymentArn"`
	Service    string       `json:"serviceArn"`
	Cluster    string       `json:"clusterArn"`
	StartedAt  *world.Epoch `json:"startedAt,omitempty"`
	CreatedAt  *world.Epoch `json:"createdAt"`
	FinishedAt *world.Epoch `json:"finishedAt,omitempty"`
	Status     string       `json:"status"`
	Reason     string       `json:"statusReason,omitempty"`
}

type revisionCounts struct {
	ARN string `json:"arn"`
	counts
}

type rollbackOutput struct {
	Reason    string       `json:"reason"`
	StartedAt *world.Epoch `json:"startedAt"`
	Revision  string       `json:"serviceRevisionArn"`
}

type breakerOutput struct {
	Status    string `json:"status"`
	Failures  int    `json:"failureCount"`
	Threshold int    `json:"threshold"`
}

type alarmsOutput struct {
	Status string   `json:"status"`
	Names  []string `json:"alarmNames,omitempty"`
	Fired  []string `json:"triggeredAlarmNames,omitempty"`
}

func (s *Service) rolloutOutput(v *service, r *rollout) rolloutOutput {
	b := s.brief(v, r)
	out := rolloutOutput{
		rolloutBase: rolloutBase{b.ARN, b.Service, b.Cluster, b.StartedAt, b.CreatedAt, b.FinishedAt, b.Status, b.Reason},
		Sources:     []revisionCounts{}, Target: revisionCounts{b.Target, s.countsOf(v, r.Target)},
		StoppedAt: world.EpochOf(r.StoppedAt), UpdatedAt: world.EpochOf(r.UpdatedAt), Deploying: r.Deploying}
	for _, number := range r.Sources {
		out.Sources = append(out.Sources, revisionCounts{s.revisionARN(v, number), s.countsOf(v, number)})
	}
	if r.over() {
		out.Target.counts = r.Counts
	}
	if r.Rollback != nil {
		out.Rollback = &rollbackOutput{r.Rollback.Reason, world.EpochOf(r.Rollback.StartedAt), s.revisionARN(v, r.Rollback.Number)}
	}
	out.Breaker.Failures, out.Breaker.Threshold = s.breakerCount(v, r)
	c, _ := r.Deploying.read() // it was read when it was set
	out.Breaker.Status = r.monitor(c.Breaker.Enable)
	if r.Triggered {
		out.Breaker.Status = "TRIGGERED"
	}
	out.Alarms = alarmsOutput{Status: r.monitor(c.Alarms.Enable), Names: c.Alarms.Names, Fired: r.Alarmed}
	if len(r.Alarmed) > 0 {
		out.Alarms.Status = "TRIGGERED"
	}
	return out
}

// monitor is the status of a failure detection that is enabled or not.
func (r *rollout) monitor(enabled bool) string {
	switch {
	case !enabled:
		return "DISABLED"
	case r.over():
		return "MONITORING_COMPLETE"
	default:
		return "MONITORING"
	}
}

// authorizeRollout asks whether the caller may do action on the service deployment that an ARN names: on its service,
// and on itself. The service deployment is nil if there is none.
func (s *Service) authorizeRollout(c *world.Call, action, arn string) (*service, *rollout, error) {
	v, id, err := s.authorizePart(c, action, arn, "service-deployment")
	if v == nil || err != nil {
		return nil, nil, err
	}
	return v, v.rollout(id), v.tellsRollouts()
}

// authorizePart is authorizeRollout for anything that a service has: the ARN is kind/cluster/service/id.
func (s *Service) authorizePart(c *world.Call, action, arn, kind string) (v *service, id string, err error) {
	path, ok := resourcePath(arn, kind)
	if !ok || len(path) != 3 {
		return nil, "", invalid("Invalid identifier: %s is not the ARN of a %s.", arn, strings.ReplaceAll(kind, "-", " "))
	}
	key := path[0] + "/" + path[1]
	keys := s.serviceKeys(key)
	keys["ecs:service"] = []string{s.arn("service", key)}
	for _, resource := range []string{s.arn("service", key), arn} {
		if err := c.Authorize(action, resource, keys); err != nil {
			return nil, "", err
		}
	}
	return s.state.Services[key], path[2], nil
}

type describeRolloutsInput struct {
	ARNs []string `json:"serviceDeploymentArns"`
}

type describeRolloutsOutput struct {
	Rollouts []rolloutOutput `json:"serviceDeployments"`
	Failures []failure       `json:"failures"`
}

func (s *Service) describeServiceDeployments(c *world.Call, in describeRolloutsInput) (describeRolloutsOutput, error) {
	out := describeRolloutsOutput{Rollouts: []rolloutOutput{}, Failures: []failure{}}
	if err := upTo20("serviceDeploymentArns", in.ARNs); err != nil {
		return out, err
	}
	for _, arn := range in.ARNs {
		v, r, err := s.authorizeRollout(c, "ecs:DescribeServiceDeployments", arn)
		if err != nil {
			return out, err
		}
		if r == nil {
			out.Failures = append(out.Failures, missing(arn))
			continue
		}
		out.Rollouts = append(out.Rollouts, s.rolloutOutput(v, r))
	}
	return out, nil
}

func upTo20(member string, list []string) error {
	if len(list) == 0 || len(list) > 20 {
		return invalid("%s must have between 1 and 20 items.", member)
	}
	return nil
}
