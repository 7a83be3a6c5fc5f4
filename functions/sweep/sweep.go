// Package sweep is the function beside the workflow that looks for what events should have told and did not: a push that
// never went out, a rollout that nobody follows, and the end of an execution that nobody has reported. EventBridge calls it
// at intervals.
//
// It deploys nothing by itself: it starts executions, which check, claim and judge as any other. What it starts loses against
// everything newer, undoes nobody's choice, and is started once however often the sweep runs. One that broke off before it could
// say why ECS had taken the service back it redrives.
package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	ecslook "fairlead/shared/edge/look"
	"fairlead/shared/edge/report"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
)

// Registry is what the function asks ECR.
type Registry interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// Services is what the function asks ECS.
type Services interface {
	ecslook.API
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
}

// Workflow starts executions, redrives them and reads them.
type Workflow interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
}

// Ports are what the function reads through, on behalf of one service.
type Ports struct {
	Registry Registry
	Services Services
}

// Ledger is what the function knows and keeps.
type Ledger struct {
	Claims     ledger.ClaimReader
	Past       ledger.HistoryReader
	Quarantine ledger.QuarantineReader
	Holds      ledger.HoldReader
	Deployed   ledger.DeployedReader
	Sweeps     ledger.Sweeper
}

// Clock is the time.
type Clock interface{ Now() time.Time }

// Sweeper is the function with its ports.
type Sweeper struct {
	Config       config.Config
	Logger       *slog.Logger
	Clock        Clock
	StateMachine string // the ARN of ours
	Workflow     Workflow
	Ledger       Ledger
	Report       report.Reporter
	Place        func(context.Context) (config.Place, error)
	// Look opens the ports under the service's look role, in a session that is named after the sweep.
	Look func(ctx context.Context, service config.Service, sweep string) Ports
}

// New makes the function, on the clock of the machine.
func New(rt session.Runtime) handler.Func { return With(rt, wall{}) }

// With makes the function on a clock.
func With(rt session.Runtime, clock Clock) handler.Func {
	states, table := sfn.NewFromConfig(rt.AWS), dynamodb.NewFromConfig(rt.AWS)
	sweeper := Sweeper{Config: rt.Config, Logger: rt.Logger, Clock: clock, Place: rt.Place,
		StateMachine: rt.Env.StateMachine, Workflow: states,
		Ledger: Ledger{Claims: ledger.NewClaims(table, rt.Env.Ledger), Past: ledger.NewPastHistory(table, rt.Env.Ledger),
			Quarantine: ledger.NewQuarantined(table, rt.Env.Ledger), Holds: ledger.NewHeld(table, rt.Env.Ledger),
			Deployed: ledger.NewLastDeployed(table, rt.Env.Ledger), Sweeps: ledger.NewSweeps(table, rt.Env.Ledger)},
		Report: report.Reporter{Config: rt.Config, Logger: rt.Logger, States: states, Announce: announce.Announcer{
			History: ledger.NewHistory(table, rt.Env.Ledger), Events: eventbridge.NewFromConfig(rt.AWS), Bus: rt.Env.EventBus}},
		Look: func(ctx context.Context, service config.Service, sweep string) Ports {
			cfg := rt.As(ctx, service, config.Look, sweep)
			return Ports{Registry: ecr.NewFromConfig(cfg), Services: ecs.NewFromConfig(cfg)}
		}}
	return func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
		var event struct {
			ID string `json:"id"`
		}
		return handler.Run(ctx, rt.Logger, payload, &event, func(ctx context.Context) (any, error) { return sweeper.Handle(ctx, event.ID) })
	}
}

// Swept is what the function answers, for the log alone.
type Swept struct {
	Services int `json:"services"` // that were looked at
	Started  int `json:"started"`  // executions, anew or again
	Reported int `json:"reported"` // ends
}

// reserve is the time that a service and the ends need at most: what is left of the function's own time.
const reserve = 30 * time.Second

// Handle sweeps each service, and then the ends of executions. What stands in the way of one does not keep the others from
// being swept; it is returned after. id names the sweep in the sessions' names. Where there is not time enough for all, the
// next sweep begins with another service.
func (s Sweeper) Handle(ctx context.Context, id string) (Swept, error) {
	place, err := s.Place(ctx)
	if err != nil {
		return Swept{}, err
	}
	now := s.Clock.Now().UTC()
	var swept Swept
	names := inTurn(s.Config.Names(), now)
	for _, name := range names {
		service := s.Config.Services[name]
		if deadline, bounded := ctx.Deadline(); bounded && s.Clock.Now().Add(reserve).After(deadline) {
			err = errors.Join(err, fault.New(fault.AWSUnavailable, fault.Later, "sweep: there was time for %d of %d services", swept.Services, len(names)))
			break
		}
		look := look{Sweeper: s, Ports: s.Look(ctx, service, id), service: service, place: place, now: now}
		started, failed := look.run(ctx)
		swept.Services, swept.Started = swept.Services+1, swept.Started+started
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("sweep service %s: %w", service.Name, failed))
		}
	}
	reported, failed := s.ends(ctx, now)
	swept.Reported = reported
	return swept, errors.Join(err, failed)
}

// Interval is how often EventBridge calls the function.
const Interval = 15 * time.Minute

// inTurn puts the services into the order of a sweep. In as many sweeps as there are services each is the first once, and
// where a sweep begins is far from where those before began: the golden section of all further, rounded so that none is left
// out.
func inTurn(names []string, now time.Time) []string {
	n := len(names)
	if n == 0 {
		return nil
	}
	step := n * 618 / 1000
	for gcd(step, n) != 1 {
		step++
	}
	first := int(now.Unix()/int64(Interval/time.Second)) % n * step % n
	return slices.Concat(names[first:], names[:first])
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// look is one look at a service.
type look struct {
	Sweeper
	Ports
	service config.Service
	place   config.Place
	now     time.Time
}

// run looks for a lost push, for a rollout that nobody follows, and for one that ECS has taken back and nobody has told of. Of the
// three, one at most is started: a push that is newer than the rollout takes it over.
func (l look) run(ctx context.Context) (started int, err error) {
	held, err := l.Ledger.Claims.Claim(ctx, l.service.Name)
	if err != nil {
		return 0, err
	}
	running, err := l.read(ctx)
	if err != nil || running.state == "" {
		return 0, err
	}
	pushed, errPush := l.pushes(ctx, held)
	if pushed {
		return 1, errPush
	}
	followed, errFollow := l.rollout(ctx, held, running)
	if followed {
		return 1, errors.Join(errPush, errFollow)
	}
	redriven, errBack := l.takenBack(ctx, held, running)
	if redriven {
		started = 1
	}
	return started, errors.Join(errPush, errFollow, errBack)
}

// log writes one line for a decision.
func (l look) log(ctx context.Context, what, reason string, more ...any) {
	l.Logger.InfoContext(ctx, "sweep decided", append([]any{"service", l.service.Name, "what", what, "reason", reason}, more...)...)
}

// wall is the machine's clock.
type wall struct{}

func (wall) Now() time.Time { return time.Now() }
