// Package local is the embedded AWS: the few AWS services that Fairlead uses, in one process on loopback, with the wire
// protocols, the permissions, the limits and the failures of the real ones. It is a stand-in for testing and learning.
//
// It loads the templates that `cdk synth` wrote to cdk.out, and knows of Fairlead's stacks nothing else. The packages:
//
//	world            the core: one thread, a clock, an agenda of what is to happen later; no I/O
//	ecr, ecs, elb, events, states, lambda, iam, sts, dynamodb, sqs, logs, ssm, signer
//	                 a service each, over the core
//	stack            CloudFormation's part: it declares what the templates hold to the services
//	oidc             GitHub's part: an issuer of tokens for CI jobs
//	wire, sigv4, server
//	                 HTTP: the protocols, the signatures, the addresses
//	lambda/runner    runs the real Lambda binaries over the Runtime API
//	steps            runs the same functions in process, for tests under a clock of their own
//
// What is not served answers NotImplemented. What is served is meant to behave as AWS does, and a difference is a defect.
package local

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"fairlead/local/dynamodb"
	"fairlead/local/ecr"
	"fairlead/local/ecr/blob"
	"fairlead/local/ecr/registry"
	"fairlead/local/ecs"
	"fairlead/local/elb"
	"fairlead/local/events"
	"fairlead/local/iam"
	"fairlead/local/lambda"
	"fairlead/local/logs"
	"fairlead/local/oidc"
	"fairlead/local/server"
	"fairlead/local/signer"
	"fairlead/local/sigv4"
	"fairlead/local/sqs"
	"fairlead/local/ssm"
	"fairlead/local/stack"
	"fairlead/local/states"
	"fairlead/local/sts"
	"fairlead/local/world"
)

// Place is the account and region that the embedded AWS plays.
func Place() world.Place {
	return world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
}

// Options say how an embedded AWS is made.
type Options struct {
	Place world.Place
	Seed  uint64
	Clock world.Clock   // the wall clock, or a test's
	Host  func() string // where it listens: "127.0.0.1:4566"
	Blobs blob.Store    // where the layers of images are
	Pace  float64       // how much faster than AWS's own ECS's time runs; 1 is AWS's
	// Policies are those that another embedded AWS has parsed; nil for none.
	Policies *iam.Parsed
	// Trusting spares the checking of signatures' sums ([sigv4.Verifier]): for clients in process alone.
	Trusting bool
	// Logger takes what goes wrong inside; the calls themselves are told to Core.Observe.
	Logger *slog.Logger
}

// AWS is an embedded AWS.
type AWS struct {
	Core    *world.Core
	IAM     *iam.Service
	ECR     *ecr.Service
	ECS     *ecs.Service
	ELB     *elb.Service
	Events  *events.Service
	States  *states.Service
	Lambda  *lambda.Service
	Logs    *logs.Service
	Queues  *sqs.Service
	Signer  *signer.Service
	Stacks  *stack.Service
	Issuer  *oidc.Service
	control *control
	world   *world.World
	http    http.Handler
	saving  sync.Mutex // a save must not overtake another one
}

// New makes an embedded AWS in which nothing exists yet but its administrator.
func New(o Options) *AWS {
	w := world.New(o.Place, o.Seed, o.Clock())
	a := &AWS{world: w, Core: world.NewCore(w, o.Clock)}
	a.IAM = iam.New(w)
	if o.Policies != nil {
		a.IAM.Share(o.Policies)
	}
	w.SetAuthority(a.IAM)
	a.Logs = logs.New(w)
	a.Queues = sqs.New(w, a.IAM, o.Host)
	a.Events = events.New(w, a.IAM)
	a.Lambda = lambda.New(w, a.IAM, a.IAM, a.Logs)
	a.States = states.New(w, states.Ports{Bus: a.Events, Roles: a.IAM, Invoker: a.Lambda, Logs: a.Logs, Authority: a.IAM})
	a.ECR = ecr.New(w, a.Events, o.Blobs, o.Host)
	a.ELB = elb.New(w, o.Pace)
	a.ECS = ecs.New(w, o.Pace, ecs.Ports{Images: images{a.ECR}, Roles: a.IAM, Bus: a.Events, Logs: a.Logs, Targets: a.ELB, Authority: a.IAM})
	a.Issuer = oidc.New(w)
	a.Signer = signer.New(w)
	tables := dynamodb.New(w)
	a.Events.Reach(events.Targets{Workflows: a.States, Functions: a.Lambda, Queues: a.Queues})
	a.Stacks = stack.New(w, a.IAM, a.Logs, a.Queues, a.Events, a.Lambda, a.States, a.ECR, a.ELB, a.ECS, tables)
	w.Add(a.IAM, sts.New(w, a.IAM, a.Issuer), a.Logs, a.Queues, a.Events, a.Lambda, a.States, a.ECR, a.ELB, a.ECS, a.Issuer, a.Stacks, tables,
		ssm.New(w, a.Events), a.Signer)
	a.control = newControl(a)
	a.http = a.handler(o)
	return a
}

func (a *AWS) handler(o Options) http.Handler {
	images := registry.New(a.Core, a.ECR, o.Blobs)
	mux := http.NewServeMux()
	mux.Handle("/v2/", images)
	mux.Handle(ecr.DownloadPath, images)
	mux.Handle("/_local/", a.control)
	mux.Handle("/_local/oidc/", oidc.NewHandler(a.Core, a.Issuer))
	signatures := sigv4.NewVerifier(a.secret, time.Now)
	signatures.Region, signatures.Trusting = o.Place.Region, o.Trusting
	mux.Handle("/", server.NewAPI(a.Core, signatures, o.Logger))
	return mux
}

// ServeHTTP serves all of it.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.http.ServeHTTP(w, r) }

func (a *AWS) secret(accessKeyID string) (found sigv4.Secret, ok bool) {
	a.Core.Do(func(*world.World) { found, ok = a.IAM.Secret(accessKeyID) })
	return found, ok
}

// Administrator returns the keys of a user who may do everything.
func (a *AWS) Administrator() (keys world.Credentials) {
	a.Core.Do(func(*world.World) { keys = a.IAM.Administrator() })
	return keys
}

// Deploy brings the embedded AWS in line with the cloud assembly in dir, as `cdk deploy --all` would.
func (a *AWS) Deploy(dir string) (changes []stack.Change, err error) {
	a.Core.Do(func(*world.World) { changes, err = a.Stacks.Apply(dir) })
	return changes, err
}

// images lets ECS pull from the embedded registry. An image of any other registry is foreign to it.
type images struct{ registry *ecr.Service }

func (i images) Pull(reference string, who world.Principal) (ecs.Pulled, error) {
	pulled, err := i.registry.Pull(reference, who)
	if failed := (*ecr.PullError)(nil); errors.As(err, &failed) && failed.Reason == ecr.PullForeign {
		return ecs.Pulled{Foreign: true}, nil
	}
	if err != nil {
		return ecs.Pulled{}, err
	}
	out := ecs.Pulled{Digest: pulled.Digest, Labels: map[string]string{}}
	for _, image := range pulled.Images {
		out.Platforms = append(out.Platforms, image.Platform.String())
		out.Labels = image.Labels
	}
	return out, nil
}
