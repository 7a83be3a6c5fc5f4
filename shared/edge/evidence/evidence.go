// Package evidence reads from AWS what diagnosis.Classify explains: the stopped tasks of a deployment, the events of its
// service, the health of its targets and the end of the log of the container that failed.
//
// AWS forgets: ECS lists a stopped task for an hour at least, and a target is gone with its task. So it is read as soon as
// the deployment has failed. No source hides another: one that cannot be read is a sentence of the evidence. The calls are
// bounded, whatever the service is like.
package evidence

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
)

// API is what is read from ECS, with the SDK's signatures.
type API interface {
	TasksAPI
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
}

// Sources are the services of AWS that are read.
type Sources struct {
	ECS     API
	Targets TargetsAPI
	Logs    LogsAPI
	Region  string // that Logs asks
}

// Read collects the evidence of a deployment that failed. What cannot be read is said in Unread.
func Read(ctx context.Context, from Sources, d Deployment) diagnosis.Evidence {
	r := reader{Sources: from, of: d}
	tasks, err := Tasks(ctx, from.ECS, d)
	r.unread("the stopped tasks", err)
	r.found.Tasks = tasks
	r.service(ctx)
	r.definition(ctx)
	r.log(ctx)
	return r.found
}

// reader collects.
type reader struct {
	Sources
	of      Deployment
	found   diagnosis.Evidence
	drivers map[string]types.LogConfiguration // by container
}

// unread notes what could not be read, and why.
func (r *reader) unread(what string, err error) {
	if err == nil {
		return
	}
	why := fault.From(err).Message
	if d := fault.DenialOf(why); d.Action != "" {
		why = "role " + d.Role + " is denied " + d.Action // the whole of it would be cut
	}
	r.found.Unread = append(r.found.Unread, "could not read "+what+": "+why)
}

// service reads the events of our time and, through the load balancers, the targets.
func (r *reader) service(ctx context.Context) {
	out, err := r.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &r.of.Cluster, Services: []string{r.of.Service}})
	if err != nil {
		r.unread("the events of the service", fault.FromAWS(r.of.doing("read the state"), err))
		return
	}
	for _, service := range out.Services {
		for _, e := range service.Events {
			if !aws.ToTime(e.CreatedAt).Before(r.of.Since.Add(-clocksDiffer)) {
				r.found.Events = append(r.found.Events, aws.ToString(e.Message))
			}
		}
		r.targets(ctx, groupsOf(service))
	}
}

// definition reads from our task definition which containers a task can do without, the platform, the execution role and
// where the logs go. Its environment is not looked at.
func (r *reader) definition(ctx context.Context) {
	out, err := r.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &r.of.TaskDefinition})
	if err == nil && out.TaskDefinition == nil {
		return
	}
	if err != nil {
		r.unread("the task definition", fault.FromAWS("read "+r.of.TaskDefinition, err))
		return
	}
	definition := out.TaskDefinition
	r.found.Platform = platformOf(definition.RuntimePlatform)
	role := aws.ToString(definition.ExecutionRoleArn)
	r.found.ExecutionRole = role[strings.LastIndexByte(role, '/')+1:]
	r.drivers = map[string]types.LogConfiguration{}
	optional := map[string]bool{}
	for _, c := range definition.ContainerDefinitions {
		optional[aws.ToString(c.Name)] = c.Essential != nil && !*c.Essential
		if c.LogConfiguration != nil {
			r.drivers[aws.ToString(c.Name)] = *c.LogConfiguration
		}
	}
	for _, task := range r.found.Tasks {
		for i, c := range task.Containers {
			task.Containers[i].Optional = optional[c.Name]
		}
	}
}

// platformOf is the platform as images name it. A task definition that says nothing runs on linux/amd64.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
func platformOf(p *types.RuntimePlatform) string {
	system, architecture := "linux", "amd64"
	if p != nil && p.CpuArchitecture == types.CPUArchitectureArm64 {
		architecture = "arm64"
	}
	if p != nil && strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS") {
		system = "windows"
	}
	return system + "/" + architecture
}
