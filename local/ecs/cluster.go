package ecs

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fairlead/local/world"
)

// cluster is an ECS cluster. What it is configured to be is only remembered, except for its default capacity.
type cluster struct {
	Name string `json:"name"`
	Tags []tag  `json:"tags"`
	clusterSettings
}

// clusterSettings are the members of a cluster that come back as they were sent.
type clusterSettings struct {
	Settings               json.RawMessage `json:"settings,omitempty"`
	Configuration          json.RawMessage `json:"configuration,omitempty"`
	CapacityProviders      []string        `json:"capacityProviders"`
	DefaultStrategy        []capacity      `json:"defaultCapacityProviderStrategy"`
	ServiceConnectDefaults json.RawMessage `json:"serviceConnectDefaults,omitempty"`
}

// capacity is one item of a capacity provider strategy.
type capacity struct {
	Provider string `json:"capacityProvider"`
	Weight   int    `json:"weight"`
	Base     int    `json:"base"`
}

type createClusterInput struct {
	ClusterName string `json:"clusterName"`
	Tags        []tag  `json:"tags"`
	clusterSettings
}

type clusterOutput struct {
	ARN  string `json:"clusterArn"`
	Name string `json:"clusterName"`
	clusterSettings
	Status     string `json:"status"`
	Instances  int    `json:"registeredContainerInstancesCount"`
	Running    int    `json:"runningTasksCount"`
	Pending    int    `json:"pendingTasksCount"`
	Services   int    `json:"activeServicesCount"`
	Statistics []tag  `json:"statistics"`
	Tags       []tag  `json:"tags"`
}

type createClusterOutput struct {
	Cluster clusterOutput `json:"cluster"`
}

func (s *Service) createCluster(c *world.Call, in createClusterInput) (createClusterOutput, error) {
	arn := s.arn("cluster", clusterName(in.ClusterName))
	if err := c.Authorize("ecs:CreateCluster", "*", requestKeys(world.Keys{}, in.Tags)); err != nil {
		return createClusterOutput{}, err
	}
	if err := authorizeTags(c, arn, in.Tags); err != nil {
		return createClusterOutput{}, err
	}
	if err := checkTags(in.Tags); err != nil {
		return createClusterOutput{}, err
	}
	k, err := s.makeCluster(in)
	if err != nil {
		return createClusterOutput{}, err
	}
	return createClusterOutput{s.clusterOutput(k, true)}, nil
}

// makeCluster creates a cluster, or returns the one that has this name already, as ECS does.
func (s *Service) makeCluster(in createClusterInput) (*cluster, error) {
	name := in.ClusterName
	if name == "" {
		name = "default"
	}
	if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,254}$`).MatchString(name) {
		return nil, invalid("Invalid cluster name %q: up to 255 letters, digits, hyphens and underscores.", name)
	}
	k, ok := s.state.Clusters[name]
	if !ok {
		k = &cluster{Name: name, Tags: in.Tags, clusterSettings: in.clusterSettings}
		s.state.Clusters[name] = k
	}
	return k, nil
}

// cluster finds a cluster by name or ARN.
func (s *Service) cluster(ref string) (*cluster, error) {
	if k, ok := s.state.Clusters[clusterName(ref)]; ok {
		return k, nil
	}
	return nil, world.Errorf("ClusterNotFoundException", "Cluster not found.")
}

func (s *Service) clusterOutput(k *cluster, tags bool) clusterOutput {
	out := clusterOutput{ARN: s.arn("cluster", k.Name), Name: k.Name, clusterSettings: k.clusterSettings, Status: "ACTIVE",
		Statistics: []tag{}, Tags: []tag{}}
	out.CapacityProviders, out.DefaultStrategy = listOf(k.CapacityProviders), listOf(k.DefaultStrategy)
	if tags {
		out.Tags = listOf(k.Tags)
	}
	for _, v := range s.state.Services {
		if v.Cluster != k.Name || v.Status == inactive {
			continue
		}
		out.Services++
		running, pending := count(s.tasksOf(v))
		out.Running, out.Pending = out.Running+running, out.Pending+pending
	}
	return out
}

type describeClustersInput struct {
	Clusters []string `json:"clusters"`
	Include  []string `json:"include"`
}

type describeClustersOutput struct {
	Clusters []clusterOutput `json:"clusters"`
	Failures []failure       `json:"failures"`
}

// failure is a member of a list of failures: what was asked for and is not there.
type failure struct {
	ARN    string `json:"arn"`
	Reason string `json:"reason"`
}

func missing(arn string) failure { return failure{ARN: arn, Reason: "MISSING"} }

func (s *Service) describeClusters(c *world.Call, in describeClustersInput) (describeClustersOutput, error) {
	out := describeClustersOutput{Clusters: []clusterOutput{}, Failures: []failure{}}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{"default"}
	}
	if len(in.Clusters) > 100 {
		return out, invalid("clusters can have at most 100 items.")
	}
	for _, ref := range in.Clusters {
		arn := s.arn("cluster", clusterName(ref))
		if err := c.Authorize("ecs:DescribeClusters", arn, resourceKeys(world.Keys{}, s.tagsOf(arn))); err != nil {
			return out, err
		}
		if k, err := s.cluster(ref); err == nil {
			out.Clusters = append(out.Clusters, s.clusterOutput(k, slices.Contains(in.Include, "TAGS")))
			continue
		}
		out.Failures = append(out.Failures, missing(arn))
	}
	return out, nil
}

type listClustersOutput struct {
	ARNs      []string `json:"clusterArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (s *Service) listClusters(c *world.Call, in page) (out listClustersOutput, err error) {
	if err := c.Authorize("ecs:ListClusters", "*", nil); err != nil {
		return out, err
	}
	all := []string{}
	for _, name := range slices.SortedFunc(maps.Keys(s.state.Clusters), strings.Compare) {
		all = append(all, s.arn("cluster", name))
	}
	out.ARNs, out.NextToken, err = in.of(all, 100)
	return out, err
}
