// Package steps runs the functions of Fairlead in process over an embedded AWS whose clock is a test's.
//
// The functions are the very ones that the Lambda binaries hold, with real SDK clients whose HTTP client is the embedded
// AWS. Time passes only when nothing else can happen: a rollout of an hour takes milliseconds, and the same calls always
// come in the same order.
package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"fairlead/functions/awaitrollout"
	"fairlead/functions/checkimage"
	"fairlead/functions/claimservice"
	"fairlead/functions/judgerollout"
	"fairlead/functions/recordoutcome"
	"fairlead/functions/registerrevision"
	"fairlead/functions/reportoutcome"
	"fairlead/functions/updateservice"
	"fairlead/functions/wakeexecution"
	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/lambda"
	"fairlead/local/world"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
)

// functions are the functions by the name of their package, which is the Handler of their template.
func (l *Lab) functions() map[string]func(session.Runtime) handler.Func {
	return map[string]func(session.Runtime) handler.Func{
		"checkimage": checkimage.New, "claimservice": claimservice.New, "registerrevision": registerrevision.New,
		"updateservice": updateservice.New, "awaitrollout": awaitrollout.New, "judgerollout": judgerollout.New,
		"recordoutcome": recordoutcome.New, "reportoutcome": reportoutcome.New,
		"wakeexecution": func(rt session.Runtime) handler.Func { return wakeexecution.With(rt, l) },
	}
}

// errStill is why a function cannot wait in a lab: time stands still while it runs.
var errStill = errors.New("time stands still while a function runs")

// Wait is the wait of a function's clock.
func (l *Lab) Wait(context.Context, time.Duration) error { return errStill }

// Host is where the embedded AWS of a lab is said to listen.
const Host = "127.0.0.1:4566"

// Lab is an embedded AWS with a clock of its own and functions in process. It is for one goroutine.
type Lab struct {
	*local.AWS
	now    time.Time
	logger *slog.Logger
	life   *life // of the function that runs; nil if none does
}

// New makes a lab at the given time; its images are in memory.
func New(start time.Time, seed uint64, logger *slog.Logger) *Lab {
	lab := &Lab{now: start, logger: logger}
	lab.AWS = local.New(local.Options{Place: local.Place(), Seed: seed, Clock: func() time.Time { return lab.now },
		Host: func() string { return Host }, Blobs: &blob.Memory{}, Pace: 1, Logger: logger})
	return lab
}

// Now is the lab's time.
func (l *Lab) Now() time.Time { return l.now }

// Client returns an SDK configuration whose HTTP client is the embedded AWS, under the given keys.
func (l *Lab) Client(keys world.Credentials) aws.Config {
	return aws.Config{
		Region: local.Place().Region, BaseEndpoint: aws.String("http://" + Host), HTTPClient: transport{l},
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = retry.BackoffDelayerFunc(atOnce) })
		},
	}
}

func atOnce(int, error) (time.Duration, error) { return 0, nil }

// Step lets the next thing happen: the functions that are pending, or else whatever is due next, if it is due before
// limit. False means that nothing happens any more until then.
func (l *Lab) Step(limit time.Time) bool {
	var jobs []lambda.Job
	l.Core.Quietly(func(*world.World) { jobs = l.Lambda.Take() })
	for _, job := range jobs {
		result := l.run(job)
		l.Core.Do(func(*world.World) { l.Lambda.Complete(job.ID, result) })
	}
	if len(jobs) > 0 {
		return true
	}
	at, some, _ := l.Core.Next()
	if !some || at.After(limit) {
		return false
	}
	if at.After(l.now) {
		l.now = at
	}
	l.Core.Do(func(*world.World) {})
	return true
}

// Pass lets d pass, and all that happens in it happen.
func (l *Lab) Pass(d time.Duration) {
	end := l.now.Add(d)
	for l.Step(end) {
	}
	l.now = end
	l.Core.Do(func(*world.World) {})
}

// Until lets time pass until done; false means that it was not within limit.
func (l *Lab) Until(limit time.Duration, done func() bool) bool {
	end := l.now.Add(limit)
	for !done() {
		if !l.Step(end) {
			return done()
		}
	}
	return true
}

// life is a function's run. One may begin within a call of another, when tampering lets time pass in between.
type life struct {
	killed bool          // it is to die at its present call
	dead   chan struct{} // closed when it has died
}

// Kill lets the function that runs die at its present call, as a process that is killed does. It is for tampering
// ([world.Core.Tamper]): before or after the call's effect.
func (l *Lab) Kill() { l.life.killed = true }

// run runs one job as Lambda does, in a goroutine of its own, so that it can die.
func (l *Lab) run(job lambda.Job) world.Invoked {
	if job.Refused != "" {
		return lambda.Crashed(job.Refused)
	}
	mine, outer := &life{dead: make(chan struct{})}, l.life
	l.life = mine
	done := make(chan world.Invoked, 1)
	go func() { done <- l.invoke(job) }()
	result := lambda.Crashed("signal: killed")
	select {
	case result = <-done:
	case <-mine.dead:
	}
	l.life = outer
	return result
}

func (l *Lab) invoke(job lambda.Job) world.Invoked {
	build, ok := l.functions()[job.Definition.Handler]
	if !ok {
		return lambda.Crashed("there is no function " + job.Definition.Handler)
	}
	rt, err := l.runtime(job)
	if err != nil {
		return lambda.Crashed(err.Error())
	}
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{
		AwsRequestID: job.ID, InvokedFunctionArn: job.Definition.ARN})
	reply, err := build(rt)(ctx, job.Payload)
	if err != nil {
		return failure(err)
	}
	return world.Invoked{Payload: reply}
}

func (l *Lab) runtime(job lambda.Job) (session.Runtime, error) {
	raw, err := os.ReadFile(filepath.Join(job.Definition.Code, config.FileName))
	if err != nil {
		return session.Runtime{}, err
	}
	parsed, err := config.Parse(raw)
	if err != nil {
		return session.Runtime{}, err
	}
	env := job.Definition.Environment
	return session.Runtime{AWS: l.Client(job.Credentials), Config: parsed, Logger: l.logger.With("function", job.Definition.Handler),
		Env: session.Environment{Region: job.Place.Region, Ledger: env["FAIRLEAD_LEDGER"], EventBus: env["FAIRLEAD_EVENT_BUS"],
			StateMachine: env["FAIRLEAD_STATE_MACHINE"]}}, nil
}

// failure is what Lambda makes of an error: aws-lambda-go passes an InvokeResponse_Error on, and names others by their type.
func failure(err error) world.Invoked {
	var known messages.InvokeResponse_Error
	if !errors.As(err, &known) {
		known = messages.InvokeResponse_Error{Type: fmt.Sprintf("%T", err), Message: err.Error()}
	}
	payload, _ := json.Marshal(known) //nolint:errchkjson // strings
	return world.Invoked{Payload: payload, FunctionError: "Unhandled", ErrorType: known.Type}
}

// die stops the function that runs, if it is to die: its goroutine never gets an answer to this call, whichever of the
// SDK's goroutines that is, and ends.
func (l *Lab) die() {
	if l.life != nil && l.life.killed {
		close(l.life.dead)
		runtime.Goexit()
	}
}
