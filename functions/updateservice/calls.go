package updateservice

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
	"fairlead/shared/revision"
)

// What an operator does about a service that changed while it was deployed.
const (
	fixAbsent  = "make the service again, then start a new execution with the same input"
	fixRefused = "mend what ECS names, then redrive the execution"
)

// name names the service in a sentence.
func (t task) name() string {
	return fmt.Sprintf("service %s in cluster %s", t.service.Service, t.service.Cluster)
}

// readService asks ECS for the service; one that is not there comes as a failure with HTTP 200.
func (t task) readService(ctx context.Context) (types.Service, error) {
	out, err := t.Look.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(t.service.Cluster), Services: []string{t.service.Service}})
	switch {
	case err != nil:
		return types.Service{}, fault.FromAWS("describe "+t.name(), err)
	case len(out.Services) == 0:
		return types.Service{}, fault.New(fault.ServiceNotFound, fixAbsent, "there is no %s in ECS", t.name())
	case aws.ToString(out.Services[0].Status) != "ACTIVE":
		return types.Service{}, fault.New(fault.ServiceNotActive, fixAbsent, "%s is %s, and only an ACTIVE one can be deployed",
			t.name(), aws.ToString(out.Services[0].Status))
	}
	return out.Services[0], nil
}

// update points the service at a revision. Nothing else of the service is named, so nothing else changes.
func (t task) update(ctx context.Context, taskDefinition string) (types.Service, error) {
	out, err := t.Update.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(t.service.Cluster), Service: aws.String(t.service.Service), TaskDefinition: aws.String(taskDefinition)})
	if err != nil {
		return types.Service{}, t.refused(taskDefinition, err)
	}
	if out.Service == nil {
		return types.Service{TaskDefinition: aws.String(taskDefinition)}, nil
	}
	return *out.Service, nil
}

// refused makes a fault of an update that failed.
func (t task) refused(taskDefinition string, err error) error {
	err = fault.FromAWS("point "+t.name()+" at "+taskDefinition, err)
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != fault.AWSRefused {
		return revision.Denied(err, t.service, t.place, "", "")
	}
	refused := &fault.Fault{Code: fault.ServiceRefused, Message: f.Message, Fix: fixRefused, Cause: err}
	var absent *types.ServiceNotFoundException
	var inactive *types.ServiceNotActiveException
	switch {
	case errors.As(err, &absent):
		refused.Code, refused.Fix = fault.ServiceNotFound, fixAbsent
	case errors.As(err, &inactive):
		refused.Code, refused.Fix = fault.ServiceNotActive, fixAbsent
	}
	return refused
}
