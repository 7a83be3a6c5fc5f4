// Package wakeexecution is the function beside the workflow that ends the waiting: EventBridge calls it with the events
// of ECS, and it releases the executions whose rollout is no longer progressing; and with those of ECR and Inspector about
// scans, and it releases the executions whose image is scanned.
//
// It trusts no event. An event that is doubled, late or about a service that is not ours costs a look at most; one that
// is lost is made up for by the heartbeat of AwaitRollout and AwaitScan.
package wakeexecution

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/park"
	"fairlead/shared/edge/session"
	"fairlead/shared/image"
	"fairlead/shared/rollout"
)

// After the event that ends a deployment ECS's lists may lag behind: the function looks again, this often and at most
// this many times, half a minute in all.
const (
	again  = 5 * time.Second
	rounds = 7
)

// Tokens finds parked tokens and takes them away.
type Tokens interface {
	ledger.TokenReader
	park.Deleter
}

// Clock is the time, and a way to let it pass.
type Clock interface {
	Now() time.Time
	// Wait returns after d, or earlier with the context's error.
	Wait(ctx context.Context, d time.Duration) error
}

// Waker is the function with its ports.
type Waker struct {
	Config config.Config
	Logger *slog.Logger
	Clock  Clock
	Tokens Tokens
	States park.Sender
	// Look returns ECS under the look role of the service, in a session of the execution; Scans returns ECR.
	Look  func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI
	Scans func(ctx context.Context, service config.Service, executionARN string) findings.API
}

// New makes the function, on the clock of the machine.
func New(rt session.Runtime) handler.Func { return With(rt, wall{}) }

// With makes the function on a clock.
func With(rt session.Runtime, clock Clock) handler.Func {
	waker := Waker{Config: rt.Config, Logger: rt.Logger, Clock: clock,
		Tokens: ledger.NewWaitingTokens(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
		States: sfn.NewFromConfig(rt.AWS),
		Look: func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI {
			return ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		},
		Scans: func(ctx context.Context, service config.Service, executionARN string) findings.API {
			return ecr.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		}}
	return func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
		var event json.RawMessage
		return handler.Run(ctx, rt.Logger, payload, &event, func(ctx context.Context) (any, error) { return waker.Handle(ctx, event) })
	}
}

// Woken is what the function answers, for the log alone.
type Woken struct {
	Reason   string `json:"reason"`   // why there was nothing to do; "" if there was
	Waiting  int    `json:"waiting"`  // executions that still wait
	Released int    `json:"released"` // executions that were released
}

// Handle looks, for each execution that waits for the event's service, whether its rollout is still progressing, and
// releases it if not. What stands in the way of one execution does not keep the others waiting; it is returned after.
func (w Waker) Handle(ctx context.Context, event json.RawMessage) (Woken, error) {
	signal, err := parse(event)
	if err != nil || signal.ignored != "" {
		return Woken{Reason: signal.ignored}, err
	}
	services := signal.services(w.Config)
	if len(services) == 0 {
		return Woken{Reason: signal.String() + " is not configured"}, nil
	}
	var total Woken
	for _, service := range services {
		woken, failed := w.wake(ctx, service, signal)
		total.Waiting, total.Released = total.Waiting+woken.Waiting, total.Released+woken.Released
		err = errors.Join(err, failed)
	}
	return total, err
}

// wake releases the executions that wait for one service. Each round finds the tokens anew: the heartbeat may have led an
// execution to park another one meanwhile.
func (w Waker) wake(ctx context.Context, service config.Service, signal signal) (Woken, error) {
	var woken Woken
	for round := 1; ; round++ {
		tokens, err := w.Tokens.Tokens(ctx, service.Name)
		if err != nil {
			return woken, err
		}
		tokens = slices.DeleteFunc(tokens, func(token ledger.Token) bool { return !signal.concerns(token) })
		waiting, released, err := w.round(ctx, service, tokens)
		woken.Waiting, woken.Released = len(waiting), woken.Released+released
		if len(waiting) == 0 || !signal.final || round == rounds {
			return woken, err
		}
		if stopped := w.Clock.Wait(ctx, again); stopped != nil {
			return woken, err // the heartbeat goes on from here
		}
	}
}

// round looks once for each execution and returns those that still wait.
func (w Waker) round(ctx context.Context, service config.Service, tokens []ledger.Token) (waiting []ledger.Token, released int, err error) {
	for _, token := range tokens {
		done, failed := w.try(ctx, service, token)
		switch {
		case failed != nil:
			err = errors.Join(err, failed)
			waiting = append(waiting, token)
		case done:
			released++
		default:
			waiting = append(waiting, token)
		}
	}
	return waiting, released, err
}

// try looks for one execution and says whether it waits no longer. There is no budget: that a rollout takes too long is
// no event, and the heartbeat notices it.
func (w Waker) try(ctx context.Context, service config.Service, token ledger.Token) (done bool, err error) {
	if !token.Expires.IsZero() && w.Clock.Now().After(token.Expires) {
		return true, w.Tokens.DeleteToken(ctx, token)
	}
	waits, err := w.waits(ctx, service, token)
	if err != nil || waits {
		return false, err
	}
	_, err = park.Release(ctx, w.States, w.Tokens, token)
	return err == nil, err
}

// waits says whether what the execution waits for is still under way.
func (w Waker) waits(ctx context.Context, service config.Service, token ledger.Token) (bool, error) {
	if token.Image != "" {
		return findings.Under(ctx, w.Scans(ctx, service, token.Execution), service.Repository, image.Digest(token.Image))
	}
	aim := rollout.Aim{TaskDefinition: token.TaskDefinition, Since: token.Since, Failed: token.Failed}
	seen, err := look.Rollout(ctx, w.Look(ctx, service, token.Execution), service.Cluster, service.Service, aim)
	if err != nil {
		return false, err
	}
	judged := rollout.Judge(aim, seen, w.Clock.Now(), rollout.Budget{EarlyStop: service.EarlyStop})
	w.Logger.InfoContext(ctx, "rollout looked at", "service", service.Name, "verdict", judged.Verdict, "reason", judged.Reason,
		"execution", token.Execution)
	return judged.Verdict == rollout.Progressing, nil
}

// wall is the machine's clock.
type wall struct{}

func (wall) Now() time.Time { return time.Now() }

func (wall) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
