// Package steps runs the functions of Fairlead in process over an embedded AWS whose clock is a test's.
//
// The functions are the very ones that the Lambda binaries hold, with real SDK clients whose HTTP client is the embedded
// AWS. Time passes only when nothing else can happen: a rollout of an hour takes milliseconds, and the same calls always
// come in the same order.
package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"fairlead/functions/awaitrollout"
	"fairlead/functions/awaitscan"
	"fairlead/functions/checkimage"
	"fairlead/functions/checksignature"
	"fairlead/functions/claimservice"
	"fairlead/functions/diagnosefailure"
	"fairlead/functions/judgerollout"
	"fairlead/functions/judgescan"
	"fairlead/functions/recordoutcome"
	"fairlead/functions/registerrevision"
	"fairlead/functions/reportoutcome"
	"fairlead/functions/rollback"
	"fairlead/functions/sweep"
	"fairlead/functions/updateservice"
	"fairlead/functions/wakeexecution"
	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/iam"
	"fairlead/local/lambda"
	"fairlead/local/world"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
)

// functions are the functions by the name of their package, which is the Handler of their template.
func functions(f *flight) map[string]func(session.Runtime) handler.Func {
	return map[string]func(session.Runtime) handler.Func{
		"checkimage":       func(rt session.Runtime) handler.Func { return checkimage.With(rt, f.Now) },
		"checksignature":   checksignature.New,
		"claimservice":     func(rt session.Runtime) handler.Func { return claimservice.With(rt, f.Now) },
		"updateservice":    func(rt session.Runtime) handler.Func { return updateservice.With(rt, f.Now) },
		"registerrevision": registerrevision.New, "awaitrollout": awaitrollout.New, "judgerollout": judgerollout.New,
		"judgescan":       func(rt session.Runtime) handler.Func { return judgescan.With(rt, f.Now) },
		"diagnosefailure": diagnosefailure.New, "awaitscan": awaitscan.New,
		"recordoutcome": recordoutcome.New, "reportoutcome": reportoutcome.New,
		"rollback":      func(rt session.Runtime) handler.Func { return rollback.With(rt, f.Now) },
		"sweep":         func(rt session.Runtime) handler.Func { return sweep.With(rt, f) },
		"wakeexecution": func(rt session.Runtime) handler.Func { return wakeexecution.With(rt, f) },
	}
}

// Host is where the embedded AWS of a lab is said to listen.
const Host = "127.0.0.1:4566"

// Lab is an embedded AWS with a clock of its own and functions in process. It is for one goroutine: those of its functions
// run one at a time, each while the lab waits for it.
type Lab struct {
	*local.AWS
	now     time.Time
	logger  *slog.Logger
	weather Weather
	flights []*flight // the functions that are under way, the oldest first
	flying  *flight   // the one that runs now; nil if none does
	blobs   blob.Store
	configs *configs
	trusted bool     // its clients name their keys and do not sign
	only    []string // the services that the functions know; none for all
}

// New makes a lab at the given time; its images are in memory.
func New(start time.Time, seed uint64, logger *slog.Logger) *Lab {
	return newLab(start, seed, logger, &blob.Memory{}, &configs{}, false)
}

func newLab(start time.Time, seed uint64, logger *slog.Logger, blobs blob.Store, known *configs, trusted bool) *Lab {
	lab := &Lab{now: start, logger: logger, weather: Calm{}, blobs: blobs, configs: known, trusted: trusted}
	lab.AWS = local.New(local.Options{Place: local.Place(), Seed: seed, Clock: func() time.Time { return lab.now },
		Host: func() string { return Host }, Blobs: blobs, Policies: &known.policies, Pace: 1, Trusting: trusted, Logger: logger})
	return lab
}

// Now is the lab's time.
func (l *Lab) Now() time.Time { return l.now }

// Client returns an SDK configuration whose HTTP client is the embedded AWS, under the given keys.
func (l *Lab) Client(keys world.Credentials) aws.Config { return l.client(keys, nil) }

// client is a configuration for the calls of one flight, or of a person.
func (l *Lab) client(keys world.Credentials, of *flight) aws.Config {
	cfg := aws.Config{
		Region: local.Place().Region, BaseEndpoint: aws.String("http://" + Host), HTTPClient: transport{l, of},
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = retry.BackoffDelayerFunc(of.backoff) })
		},
	}
	if l.trusted {
		cfg.ServiceOptions = append(cfg.ServiceOptions, nameKeys)
	}
	return cfg
}

// Step lets the next thing happen: a function that is due goes on until its next call is under way, or else whatever is
// due next happens, if it is due before limit. False means that nothing happens any more until then.
func (l *Lab) Step(limit time.Time) bool {
	l.launch()
	at, some, _ := l.Core.Next()
	f, due := l.nextFlight()
	switch {
	case f != nil && (!some || !due.After(at)) && !due.After(limit):
		l.moveTo(due)
		l.goOn(f)
		return true
	case some && !at.After(limit):
		l.moveTo(at)
		l.Core.Do(func(*world.World) {})
		return true
	default:
		return false
	}
}

func (l *Lab) moveTo(t time.Time) {
	if t.After(l.now) {
		l.now = t
	}
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

func (l *Lab) runtime(job lambda.Job, f *flight) (session.Runtime, error) {
	parsed, err := l.configs.of(job.Definition.Code)
	if err != nil {
		return session.Runtime{}, err
	}
	parsed = l.known(parsed)
	env := job.Definition.Environment
	return session.Runtime{AWS: l.client(job.Credentials, f), Config: parsed, Logger: l.logger.With("function", job.Definition.Handler),
		Env: session.Environment{Region: job.Place.Region, Ledger: env["FAIRLEAD_LEDGER"], EventBus: env["FAIRLEAD_EVENT_BUS"],
			StateMachine: env["FAIRLEAD_STATE_MACHINE"]}}, nil
}

// Know limits the configuration that the functions hold to some of its services: the others are as if nobody had
// configured them.
func (l *Lab) Know(services ...string) { l.only = services }

func (l *Lab) known(c config.Config) config.Config {
	if len(l.only) == 0 {
		return c
	}
	c.Services = maps.Clone(c.Services)
	maps.DeleteFunc(c.Services, func(name string, _ config.Service) bool { return !slices.Contains(l.only, name) })
	return c
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

// configs are the configurations that the functions hold, by their directory, and the policies of their roles: what labs of
// one assembly need not read anew, for an assembly does not change.
type configs struct {
	known    sync.Map
	policies iam.Parsed
}

func (c *configs) of(dir string) (config.Config, error) {
	if found, ok := c.known.Load(dir); ok {
		return found.(config.Config), nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, config.FileName))
	if err != nil {
		return config.Config{}, err
	}
	parsed, err := config.Parse(raw)
	if err == nil {
		c.known.Store(dir, parsed)
	}
	return parsed, err
}
