package checkimage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
)

// fixTarget is what an operator does about a service that is not where the configuration says.
const fixTarget = "set `cluster` and `service` of the service in context.fairlead, then run make deploy; or make the service, then redrive the execution"

// target is the service that is deployed to, as ECS describes it.
type target struct {
	service    types.Service
	definition *types.TaskDefinition // that is copied: as a rule what the service runs
	copies     revision.Name         // its name
	containers []string              // those that get the image
}

// readTarget reads the service and what it runs, and refuses what cannot be deployed as it stands.
func (c *check) readTarget(ctx context.Context) (target, error) {
	service, err := c.readService(ctx)
	if err != nil {
		return target{}, err
	}
	if err := deployable(service, c.service); err != nil {
		return target{}, err
	}
	t := target{service: service}
	if err := c.readBase(ctx, &t); err != nil {
		return target{}, err
	}
	warnings, err := revision.CheckRoles(t.definition, t.revision(), c.service, c.place)
	if err != nil {
		return target{}, err
	}
	c.out.Warnings = append(c.out.Warnings, warnings...)
	t.containers, err = image.Targets(containers(t.definition), c.service.Container, c.out.RepositoryURI)
	return t, err
}

// readService asks ECS for the service; one that is not there comes as a failure with HTTP 200.
func (c *check) readService(ctx context.Context) (types.Service, error) {
	name := fmt.Sprintf("service %s in cluster %s", c.service.Service, c.service.Cluster)
	reply, err := c.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(c.service.Cluster), Services: []string{c.service.Service}})
	var noCluster *types.ClusterNotFoundException
	switch {
	case errors.As(err, &noCluster):
		return types.Service{}, fault.New(fault.ServiceNotFound, fixTarget, "there is no cluster %s in ECS", c.service.Cluster)
	case err != nil:
		return types.Service{}, hinted(fault.FromAWS("describe "+name, err))
	case len(reply.Services) == 0:
		return types.Service{}, fault.New(fault.ServiceNotFound, fixTarget, "there is no %s in ECS", name)
	}
	return reply.Services[0], nil
}

// deployable refuses a service that would refuse a new task definition, or whose deployment no one would see end.
func deployable(service types.Service, configured config.Service) error {
	name := fmt.Sprintf("service %s in cluster %s", configured.Service, configured.Cluster)
	controller := types.DeploymentControllerTypeEcs
	if service.DeploymentController != nil && service.DeploymentController.Type != "" {
		controller = service.DeploymentController.Type
	}
	switch {
	case aws.ToString(service.Status) != "ACTIVE":
		return fault.New(fault.ServiceNotActive, "make the service again, or take it out of context.fairlead and run make deploy; then redrive the execution",
			"%s is %s, and only an ACTIVE one can be deployed", name, aws.ToString(service.Status))
	case oldForm(aws.ToString(service.ServiceArn)):
		return fault.New(fault.ServiceARN, "opt the account in to the long format (aws ecs put-account-setting-default --name serviceLongArnFormat --value enabled) and make the service anew, then redrive the execution",
			"%s has an ARN of the old form, %s, without the cluster: Fairlead's roles and rules do not reach it", name, aws.ToString(service.ServiceArn))
	case controller != types.DeploymentControllerTypeEcs:
		return fault.New(fault.ServiceController, "deploy it by what controls it now and take it out of context.fairlead; or give the service the deployment controller ECS, then redrive the execution",
			"%s has the deployment controller %s, which takes no new task definition from ECS's UpdateService", name, controller)
	case aws.ToString(service.TaskDefinition) == "":
		return fault.New(fault.ServiceNotActive, "give the service a task definition, then redrive the execution", "%s has no task definition to copy", name)
	default:
		return nil
	}
}

// oldForm says whether an ARN is that of a service from before ARNs named the cluster: service/web, not service/prod/web.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
func oldForm(arn string) bool {
	_, path, named := strings.Cut(arn, ":service/")
	return named && path != "" && !strings.Contains(path, "/")
}

// hinted adds to a denial that names an ARN of the old form what may lie behind it. The service was not seen: it may be another
// right that is missing.
func hinted(err error) error {
	denial, ok := errors.AsType[*fault.Fault](err)
	if !ok || denial.Code != fault.PermissionDenied || !oldForm(fault.DenialOf(denial.Message).Resource) {
		return err
	}
	told := *denial
	told.Fix += "; if it is denied again, look in ECS whether the service's ARN is without the cluster: Fairlead's roles do not reach such a service (Service.ArnUnsupported in docs/troubleshooting.md)"
	return &told
}

// readDefinition reads what the service runs, with its tags.
func (c *check) readDefinition(ctx context.Context, arn string) (*types.TaskDefinition, []types.Tag, error) {
	reply, err := c.Services.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(arn), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}})
	if err != nil {
		return nil, nil, fault.FromAWS("describe task definition "+arn, err)
	}
	if reply.TaskDefinition == nil {
		return nil, nil, fault.New(fault.AWSUnavailable, fault.Later, "describe task definition %s: ECS returned none", arn)
	}
	return reply.TaskDefinition, reply.Tags, nil
}

// containers takes from a task definition what says which containers run our image.
func containers(definition *types.TaskDefinition) []image.Container {
	var all []image.Container
	for _, c := range definition.ContainerDefinitions {
		all = append(all, image.Container{Name: aws.ToString(c.Name), Image: aws.ToString(c.Image)})
	}
	return all
}

// only keeps the containers of these names.
func only(all []image.Container, names []string) []image.Container {
	return slices.DeleteFunc(all, func(c image.Container) bool { return !slices.Contains(names, c.Name) })
}

// revision names what is copied, family:revision.
func (t target) revision() string { return revision.Short(t.copies.String()) }

// place names where the image goes.
func (t target) place(configured config.Service) string {
	return fmt.Sprintf("%s of service %s in cluster %s", strings.Join(t.containers, ", "), configured.Service, configured.Cluster)
}

// rehearsal says what would be done were this not a dry run.
func (c *check) rehearsal(t target) string {
	running, scanned := c.out.Running.Digest, ""
	switch {
	case c.push.Replaces != "" && running != c.push.Replaces:
		return fmt.Sprintf("dry run: nothing would be done, for %s does not run %s, which was to be replaced, but %s",
			t.place(c.service), c.push.Replaces, c.runs())
	case running == c.out.Digest:
		return fmt.Sprintf("dry run: %s is what %s runs already: nothing would be done unless that deployment has not completed",
			c.out.Named(), t.place(c.service))
	default:
		if c.service.Gates.Scan != nil {
			scanned = "its scan lets it pass and "
		}
		return fmt.Sprintf("dry run: if %sno newer push holds the claim, %s would be copied with the image %s, and go to %s",
			scanned, t.revision(), image.Pin(c.out.RepositoryURI, c.out.Digest), t.place(c.service))
	}
}

// runs names what the service runs in a sentence, once it was looked at.
func (c *check) runs() string {
	return or(string(c.out.Running.Digest), "an image that is not pinned to one digest")
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
