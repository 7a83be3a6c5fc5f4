package ecs

import (
	"encoding/json"
	"strings"

	"fairlead/local/world"
)

// revisionOutput is a service revision.
type revisionOutput struct {
	ARN            string           `json:"serviceRevisionArn"`
	Service        string           `json:"serviceArn"`
	Cluster        string           `json:"clusterArn"`
	TaskDefinition string           `json:"taskDefinition"`
	Capacity       []capacity       `json:"capacityProviderStrategy,omitempty"`
	LaunchType     string           `json:"launchType,omitempty"`
	Platform       string           `json:"platformVersion,omitempty"`
	Family         string           `json:"platformFamily,omitempty"`
	Balancers      json.RawMessage  `json:"loadBalancers,omitempty"`
	Registries     json.RawMessage  `json:"serviceRegistries,omitempty"`
	Network        json.RawMessage  `json:"networkConfiguration,omitempty"`
	Images         []containerImage `json:"containerImages"`
	GuardDuty      bool             `json:"guardDutyEnabled"`
	Connect        json.RawMessage  `json:"serviceConnectConfiguration,omitempty"`
	Volumes        json.RawMessage  `json:"volumeConfigurations,omitempty"`
	CreatedAt      *world.Epoch     `json:"createdAt"`
}

type containerImage struct {
	Container string `json:"containerName"`
	Digest    string `json:"imageDigest,omitempty"` // known from the first task that was started on
	Image     string `json:"image"`
}

type describeRevisionsInput struct {
	ARNs []string `json:"serviceRevisionArns"`
}

type describeRevisionsOutput struct {
	Revisions []revisionOutput `json:"serviceRevisions"`
	Failures  []failure        `json:"failures"`
}

func (s *Service) describeServiceRevisions(c *world.Call, in describeRevisionsInput) (describeRevisionsOutput, error) {
	out := describeRevisionsOutput{Revisions: []revisionOutput{}, Failures: []failure{}}
	if err := upTo20("serviceRevisionArns", in.ARNs); err != nil {
		return out, err
	}
	for _, arn := range in.ARNs {
		v, number, err := s.authorizePart(c, "ecs:DescribeServiceRevisions", arn, "service-revision")
		if err != nil {
			return out, err
		}
		if v == nil || v.deployment(number) == nil {
			out.Failures = append(out.Failures, missing(arn))
			continue
		}
		out.Revisions = append(out.Revisions, s.revisionOutput(v, v.deployment(number)))
	}
	return out, nil
}

func (s *Service) revisionOutput(v *service, d *deployment) revisionOutput {
	a := d.Shape
	out := revisionOutput{ARN: s.revisionARN(v, d.Number), Service: s.serviceARN(v), Cluster: s.arn("cluster", v.Cluster),
		TaskDefinition: a.TaskDefinition, Capacity: a.CapacityProviderStrategy, LaunchType: a.LaunchType,
		Platform: a.PlatformVersion, Family: family64(a), Balancers: a.LoadBalancers, Registries: a.ServiceRegistries,
		Network: a.NetworkConfiguration, Images: []containerImage{}, Connect: a.ServiceConnect, Volumes: a.Volumes,
		CreatedAt: world.EpochOf(d.CreatedAt)}
	if t, err := s.definition(a.TaskDefinition); err == nil {
		for _, c := range t.read().Containers {
			out.Images = append(out.Images, containerImage{c.Name, or(d.Images[c.Name], digestIn(c.Image)), c.Image})
		}
	}
	return out
}

// digestIn is the digest in a reference by digest; empty if it is by tag.
func digestIn(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}
