package pointing

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
	fixAbsent  = "make the service again, then " + fault.Anew
	fixRefused = "mend what ECS names, then redrive the execution"
)

// name names the service in a sentence.
func (h Hand) name() string {
	return fmt.Sprintf("service %s in cluster %s", h.Service.Service, h.Service.Cluster)
}

// Read asks ECS for the service; one that is not there comes as a failure with HTTP 200.
func (h Hand) Read(ctx context.Context) (types.Service, error) {
	out, err := h.Reader.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(h.Service.Cluster), Services: []string{h.Service.Service}})
	switch {
	case err != nil:
		return types.Service{}, fault.FromAWS("describe "+h.name(), err)
	case len(out.Services) == 0:
		return types.Service{}, fault.New(fault.ServiceNotFound, fixAbsent, "there is no %s in ECS", h.name())
	case aws.ToString(out.Services[0].Status) != "ACTIVE":
		return types.Service{}, fault.New(fault.ServiceNotActive, fixAbsent, "%s is %s, and only an ACTIVE one can be deployed",
			h.name(), aws.ToString(out.Services[0].Status))
	}
	return out.Services[0], nil
}

// Point points the service at a revision. Nothing else of the service is named, so nothing else changes.
func (h Hand) Point(ctx context.Context, taskDefinition string) (types.Service, error) {
	out, err := h.Updater.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(h.Service.Cluster), Service: aws.String(h.Service.Service), TaskDefinition: aws.String(taskDefinition)})
	if err != nil {
		return types.Service{}, h.refused(taskDefinition, err)
	}
	if out.Service == nil {
		return types.Service{TaskDefinition: aws.String(taskDefinition)}, nil
	}
	return *out.Service, nil
}

// refused makes a fault of an update that failed.
func (h Hand) refused(taskDefinition string, err error) error {
	err = fault.FromAWS("point "+h.name()+" at "+taskDefinition, err)
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != fault.AWSRefused {
		return revision.Denied(err, h.Service, h.Place, "", "")
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
