package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"fairlead/local/states"
	"fairlead/local/steps"
	"fairlead/local/world"
	"fairlead/shared/edge/ledger"
)

// refused says whether AWS refused what a person wanted: that is part of life.
func refused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() != "NotImplemented" && api.ErrorCode() != "InternalFailure"
}

// operate lets an operator do something with executions.
func (p *player) operate(ctx context.Context, a Act) error {
	p.trail.injected[a.Kind]++
	switch a.Kind {
	case Start, Back:
		return p.start(ctx, a)
	case Release:
		return p.release(ctx, a)
	case Hold, Lift:
		return p.hold(ctx, a)
	case Copy:
		return p.with(a.Service, func(*states.Execution) bool { return true }, func(x *states.Execution) error {
			_, err := p.sfn.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String(p.Machine()), Input: &x.Input})
			return err
		})
	case Stop:
		return p.with(a.Service, func(x *states.Execution) bool { return x.Status == "RUNNING" }, func(x *states.Execution) error {
			_, err := p.sfn.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &x.ARN})
			return err
		})
	default:
		return p.with(a.Service, func(x *states.Execution) bool { return x.Status != "RUNNING" && x.Status != "SUCCEEDED" }, func(x *states.Execution) error {
			_, err := p.sfn.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &x.ARN})
			return err
		})
	}
}

// with does something with the newest execution of a service that counts, if there is one.
func (p *player) with(service string, counts func(*states.Execution) bool, do func(*states.Execution) error) error {
	x := p.newest(service, counts)
	if x == nil {
		return nil
	}
	return do(x)
}

// start starts an execution with an operator's input.
func (p *player) start(ctx context.Context, a Act) error {
	push, ok := p.plan.act(a.Of)
	if _, done := p.pushed[a.Of]; !ok || !done {
		return nil
	}
	input := map[string]any{"service": push.Service, "tag": push.Tag}
	if a.Kind == Back {
		image, err := p.Image(ctx, cluster, push.Service)
		if err != nil {
			return err
		}
		if running := digestOf(image); running == "" || running == p.scene.images[push.Word].digest {
			return nil // the first image is no push to go back from, and what runs is nothing to go back to
		}
		input["allowOlder"] = map[string]string{"replaces": digestOf(image)}
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	_, err = p.sfn.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String(p.Machine()),
		Name: aws.String(fmt.Sprintf("%s-%d", a.Kind, a.N)), Input: aws.String(string(raw))})
	return err
}

// release lets an operator release the image of a push from quarantine. One that is not there cannot be released.
func (p *player) release(ctx context.Context, a Act) error {
	push, ok := p.plan.act(a.Of)
	if !ok {
		return nil
	}
	digest := p.scene.images[push.Word].digest
	keeper := ledger.NewQuarantines(dynamodb.NewFromConfig(p.Client(p.Administrator())), p.table)
	_, err := keeper.Release(ctx, push.Service, digest, "operator", "it is mended", p.Now())
	if errors.Is(err, ledger.ErrNotQuarantined) {
		return nil
	}
	p.trail.released[push.Service+digest] = append(p.trail.released[push.Service+digest], p.Now())
	return err
}

// hold lets an operator hold the service of an act, or lift its hold. One that was never held cannot be lifted.
func (p *player) hold(ctx context.Context, a Act) error {
	keeper, now := ledger.NewHolds(dynamodb.NewFromConfig(p.Client(p.Administrator())), p.table), p.Now()
	p.trail.lift(a.Service, now) // by hand, or because the next hold takes its place
	if a.Kind == Hold {
		_, err := keeper.SetHold(ctx, ledger.Hold{Service: a.Service, Reason: "the database moves", By: "operator", At: now, Until: now.Add(a.For)})
		p.trail.holds = append(p.trail.holds, held{a.Service, now, now.Add(a.For)})
		return err
	}
	_, err := keeper.LiftHold(ctx, a.Service, "operator", "it has moved", now)
	if errors.Is(err, ledger.ErrNotHeld) {
		return nil
	}
	return err
}

// newest is the execution of a service that was started last of those that count; nil if there is none.
func (p *player) newest(service string, counts func(*states.Execution) bool) (last *states.Execution) {
	p.Core.Quietly(func(*world.World) {
		for _, x := range p.executions() {
			if request(x).Service == service && counts(x) && (last == nil || x.Order > last.Order) {
				last = x
			}
		}
	})
	return last
}

// executions are all executions by their ARN, while the world stands still.
func (p *player) executions() map[string]*states.Execution {
	return p.States.State().(*states.State).Executions
}

// person lets a person do something to the service by hand.
func (p *player) person(ctx context.Context, a Act) error {
	p.trail.injected[a.Kind]++
	in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: &a.Service}
	switch a.Kind {
	case Update:
		made, err := p.copyRevision(ctx, a)
		if err != nil {
			return err
		}
		in.TaskDefinition = made
	case Scale:
		in.DesiredCount = aws.Int32(int32(a.Times))
	case Redeploy:
		in.TaskDefinition = aws.String(cluster + "-" + a.Service + ":1")
	default:
		return p.rollback(ctx, a)
	}
	_, err := p.ecs.UpdateService(ctx, in)
	return err
}

// copyRevision registers by hand what the service runs, with another image.
func (p *player) copyRevision(ctx context.Context, a Act) (*string, error) {
	current, err := p.Service(ctx, cluster, a.Service)
	if err != nil {
		return nil, err
	}
	got, err := p.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: current.TaskDefinition})
	if err != nil {
		return nil, err
	}
	d := got.TaskDefinition
	d.ContainerDefinitions[0].Image = aws.String(steps.Host + "/" + target(a.Service).Repository + "@" + p.scene.images[a.Word].digest)
	made, err := p.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: d.Family,
		ContainerDefinitions: d.ContainerDefinitions, TaskRoleArn: d.TaskRoleArn, ExecutionRoleArn: d.ExecutionRoleArn, NetworkMode: d.NetworkMode,
		RequiresCompatibilities: d.RequiresCompatibilities, Cpu: d.Cpu, Memory: d.Memory, RuntimePlatform: d.RuntimePlatform})
	if err != nil {
		return nil, err
	}
	return made.TaskDefinition.TaskDefinitionArn, nil
}

// rollback lets a person roll back the service deployment that is under way.
func (p *player) rollback(ctx context.Context, a Act) error {
	got, err := p.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: aws.String(cluster), Service: &a.Service})
	if err != nil || len(got.ServiceDeployments) == 0 {
		return err
	}
	_, err = p.ecs.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: got.ServiceDeployments[0].ServiceDeploymentArn, StopType: ecstypes.StopServiceDeploymentStopTypeRollback})
	return err
}
