// Package checkimage is the first step of the workflow: may this push run?
//
// It reads the push or the operator's input, finds the service in the configuration, asks ECR which image the tag names
// now, the ledger whether that is in quarantine and whether the service is held, and ECS what the service runs. It writes nothing. What is not ours to deploy is skipped with the reason; an
// image that cannot run is rejected; a service that cannot be deployed as it stands fails here, before anything is
// registered.
package checkimage

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"fairlead/shared/config"
	"fairlead/shared/edge/artifact"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
	"fairlead/shared/gate/rules"
	"fairlead/shared/image"
	"fairlead/shared/push"
	"fairlead/shared/revision"
)

// Registry is what the step asks ECR.
type Registry interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
	GetDownloadUrlForLayer(context.Context, *ecr.GetDownloadUrlForLayerInput, ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error)
}

// Services is what the step asks ECS.
type Services interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	ListTaskDefinitions(context.Context, *ecs.ListTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error)
}

// Ports are what the step reads through, on behalf of one service and execution.
type Ports struct {
	Registry Registry
	Services Services
	Roles    Roles
	Settings Settings
	Blobs    artifact.Blobs
}

// Step is CheckImage.
type Step struct {
	Config config.Config
	Place  func(context.Context) (config.Place, error)
	// Quarantine is the ledger's, under the function's own role.
	Quarantine ledger.QuarantineReader
	// Holds are the ledger's too; whether one has passed, Now says: a redriven state is not entered again.
	Holds ledger.HoldReader
	Now   func() time.Time
	// Look opens the ports under the service's role of that name.
	Look func(ctx context.Context, service config.Service, executionARN string) Ports
}

// New makes the step's function.
func New(rt session.Runtime) handler.Func { return With(rt, time.Now) }

// With makes it with another clock than the wall's.
func With(rt session.Runtime, now func() time.Time) handler.Func {
	step := Step{Config: rt.Config, Place: rt.Place, Now: now}
	table := dynamodb.NewFromConfig(rt.AWS)
	step.Quarantine, step.Holds = ledger.NewQuarantined(table, rt.Env.Ledger), ledger.NewHeld(table, rt.Env.Ledger)
	step.Look = func(ctx context.Context, service config.Service, executionARN string) Ports {
		cfg := rt.As(ctx, service, config.Look, executionARN)
		once := session.Once(cfg)
		return Ports{Registry: ecr.NewFromConfig(cfg), Services: ecs.NewFromConfig(cfg), Roles: iam.NewFromConfig(once), Settings: ecr.NewFromConfig(once), Blobs: rt.HTTP()}
	}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle reads and decides.
func (s Step) Handle(ctx context.Context, request handler.Request) (image.Checked, error) {
	p, err := push.Parse(request.Document, request.Execution.StartTime)
	if err != nil {
		return image.Checked{}, err
	}
	place, err := s.Place(ctx)
	if err != nil {
		return image.Checked{}, err
	}
	if p.Inspect {
		return s.inspect(ctx, p, place, request)
	}
	service, err := s.Config.Lookup(p.Service)
	if err != nil {
		return image.Checked{}, err
	}
	screening := push.Screen(p, service, place)
	if screening.Skip != "" {
		c := check{out: begin(p, service)}
		c.out.Version, c.out.Warnings = screening.Version, append(c.out.Warnings, screening.Warnings...)
		return c.skip(screening.Skip), nil
	}
	c := s.check(ctx, p, service, place, request)
	c.out.Version, c.out.Warnings = screening.Version, append(c.out.Warnings, screening.Warnings...)
	if p.Sweep.Kind() == push.SweptRollout {
		return c.follow(ctx)
	}
	return c.run(ctx)
}

// check opens the ports for a look at one service.
func (s Step) check(ctx context.Context, p push.Push, service config.Service, place config.Place, request handler.Request) *check {
	return &check{Ports: s.Look(ctx, service, request.Execution.ID), quarantine: s.Quarantine, holds: s.Holds, now: s.Now(),
		push: p, service: service, place: place, out: begin(p, service),
		stepRole: func(kind config.RoleKind) string { return s.Config.StepRoleARN(place, service.Name, kind) }}
}

// check is one run of the step: what it knows, and what it has found so far.
type check struct {
	Ports
	quarantine ledger.QuarantineReader
	holds      ledger.HoldReader
	now        time.Time
	push       push.Push
	service    config.Service
	place      config.Place
	tags       rules.Mutability // of the repository
	pushedAt   time.Time
	stepRole   func(config.RoleKind) string // the ARN of one of the service's three roles
	out        image.Checked
}

// begin fills in what the input says.
func begin(p push.Push, service config.Service) image.Checked {
	return image.Checked{
		Repository: service.Repository, Tag: p.Tag, Digest: p.Digest, Time: p.Time, Sweep: p.Sweep.Kind(), Replaces: p.Replaces, Runs: []image.Digest{}, Warnings: []string{},
	}
}

// run looks at the image, then at the service, then whether the one runs on the other.
func (c *check) run(ctx context.Context) (image.Checked, error) {
	manifest, err := c.readImage(ctx)
	if err != nil {
		return image.Checked{}, err
	}
	if reason, err := c.unwanted(ctx, manifest); err != nil {
		return image.Checked{}, err
	} else if reason != "" {
		return c.skip(reason), nil
	}
	target, err := c.readTarget(ctx)
	if err == nil {
		err = c.checkPlatform(ctx, manifest, target)
	}
	if err == nil {
		err = c.checkRules()
	}
	if err == nil {
		err = c.preflight(ctx, target)
	}
	if err != nil {
		return image.Checked{}, err
	}
	return c.decide(target), nil
}

// decide says what becomes of an image that is fit.
func (c *check) decide(target target) image.Checked {
	if c.push.DryRun {
		if c.service.Gates.Verified() {
			c.warn("a dry run does not ask who vouches for the image, as the gates of the service do")
		}
		return c.skip(c.rehearsal(target))
	}
	if c.push.Replaces != "" && c.push.Replaces != c.out.Running.Digest {
		// Here, and not after the claim alone: a claim to go back is granted whatever its order, so a replay would take
		// it from a newer push that is about to be deployed.
		return c.skip(fmt.Sprintf("allowOlder replaces %s, and the service runs %s", c.push.Replaces, c.runs()))
	}
	c.out.Decision, c.out.Reason, c.out.Verify = image.Deploy, c.purpose(target), c.service.Gates.Verified()
	if c.service.Gates.Scan != nil {
		c.out.Decision = image.Scan
	}
	return c.out
}

// purpose says what is deployed where.
func (c *check) purpose(target target) string {
	purpose := fmt.Sprintf("%s goes to %s, which runs %s", c.out.Named(), target.place(c.service), revision.Short(c.out.Running.TaskDefinition))
	if c.out.Copies != c.out.Running.TaskDefinition {
		purpose += fmt.Sprintf("; its next revision is copied from %s, which is newer and not ours", target.revision())
	}
	if c.push.Digest != "" {
		purpose += "; an operator named the digest, so no tag policy applies"
	}
	return purpose
}

// unwanted says why the image is not deployed, whatever the service runs: it is not the one that the sweep has found, it is none
// to run, it is in quarantine, whoever asks for it, or the service is held. A ledger that cannot be read is a fault: an image that
// may have been rolled back is not deployed on a guess.
func (c *check) unwanted(ctx context.Context, manifest image.Manifest) (reason string, err error) {
	if swept := c.push.Sweep.Digest; swept != "" && swept != c.out.Digest {
		return fmt.Sprintf("the sweep found tag %s on %s, and it names %s by now: that is a push of its own", c.push.Tag, swept, c.out.Digest), nil
	}
	if manifest.NotRunnable != "" {
		return fmt.Sprintf("%s is %s, not an image to run", c.out.Named(), manifest.NotRunnable), nil
	}
	q, inForce, err := c.quarantine.Quarantined(ctx, c.service.Name, string(c.out.Digest))
	if err != nil {
		return "", err
	}
	refusal := q.Refusal(c.out.Named())
	if !inForce {
		if refusal, err = c.held(ctx); err != nil || refusal == "" {
			return "", err
		}
	}
	if c.push.DryRun {
		refusal = "dry run: nothing would be done, for " + refusal
	}
	return refusal, nil
}

// held says that the service is held, if it is. Going back goes through: it names what runs, so that it is an operator's
// choice about this very service as the hold is, and a service that is held because it fails must not be kept from it.
func (c *check) held(ctx context.Context) (refusal string, err error) {
	hold, err := c.holds.Hold(ctx, c.service.Name)
	if err != nil || !hold.InForce(c.now) || c.push.Replaces != "" {
		return "", err
	}
	c.out.Held = !c.push.DryRun
	return hold.Refusal(c.out.Named()), nil
}

// skip ends the step without a deployment.
func (c *check) skip(reason string) image.Checked {
	c.out.Decision, c.out.Reason = image.Skip, reason
	return c.out
}
