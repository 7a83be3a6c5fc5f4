// Package diagnosefailure is the state DiagnoseFailure: it finds out why the deployment failed while ECS still remembers.
//
// It touches nothing and decides nothing: the execution goes on to put the service back whatever it finds, and without it
// where it fails itself.
package diagnosefailure

import (
	"context"
	"log/slog"

	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"fairlead/shared/config"
	"fairlead/shared/diagnosis"
	"fairlead/shared/edge/evidence"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
	"fairlead/shared/rollout"
)

// Step is DiagnoseFailure with its ports.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	// Sources returns what is read, under the look role of the service, in a session of the execution.
	Sources func(ctx context.Context, service config.Service, executionARN string) evidence.Sources
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger,
		Sources: func(ctx context.Context, service config.Service, executionARN string) evidence.Sources {
			aws := rt.As(ctx, service, config.Look, executionARN)
			return evidence.Sources{ECS: ecs.NewFromConfig(aws), Targets: elb.NewFromConfig(aws), Logs: logs.NewFromConfig(aws), Region: aws.Region}
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle reads the evidence and names the cause. A source that cannot be read is part of the evidence, not an error.
func (s Step) Handle(ctx context.Context, request handler.Request) (diagnosis.Diagnosis, error) {
	document, err := rollout.ParseDocument(request.Document)
	if err != nil {
		return diagnosis.Diagnosis{}, err
	}
	service, err := s.Config.Lookup(document.Service)
	if err != nil {
		return diagnosis.Diagnosis{}, err
	}
	found := evidence.Read(ctx, s.Sources(ctx, service, request.Execution.ID), evidence.Deployment{
		Cluster: service.Cluster, Service: service.Service, TaskDefinition: document.Revision.TaskDefinition,
		Since: document.Aim(request.State.EnteredTime).Since,
	})
	if document.Rollout != nil {
		found.Rollout = document.Rollout.Reason
	}
	diagnosed := diagnosis.Classify(found)
	s.Logger.InfoContext(ctx, "failure diagnosed", "service", service.Name, "cause", diagnosed.Cause, "what", diagnosed.What,
		"occurrences", diagnosed.Occurrences, "unread", len(found.Unread), "execution", request.Execution.ID)
	return diagnosed, nil
}
