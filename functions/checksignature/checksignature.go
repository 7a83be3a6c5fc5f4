// Package checksignature is the step CheckSignature: who vouches for the image?
//
// It holds the gates "signature" and "provenance", for services that have one of them; others do not come by. It reads
// from ECR what is attached to the image's digest, the one that CheckImage has found and that is deployed, and looks for
// one signature and one provenance that count. Whatever does not count is told, and nothing counts for what it says of
// itself: only for who signed it, for which digest. Of a signature of AWS Signer it asks AWS whether it was revoked.
//
// It stands before the claim: an image that nobody vouches for stands in nobody's way. CI signs an image after it has
// pushed it, and what others attach may come before: so the workflow awaits for some minutes that something counts.
package checksignature

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"fairlead/shared/config"
	"fairlead/shared/edge/artifact"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

// Registry is what the step asks ECR.
type Registry interface {
	artifact.Registry
	ListImageReferrers(context.Context, *ecr.ListImageReferrersInput, ...func(*ecr.Options)) (*ecr.ListImageReferrersOutput, error)
}

// Ports are what the step reads through, on behalf of one service and execution.
type Ports struct {
	Registry Registry
	Blobs    artifact.Blobs
	Signer   Signer
}

// Step is CheckSignature.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	// Look opens the ports under the service's role of that name.
	Look func(ctx context.Context, service config.Service, executionARN string) Ports
}

// New makes the step's function.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger}
	step.Look = func(ctx context.Context, service config.Service, executionARN string) Ports {
		look := rt.As(ctx, service, config.Look, executionARN)
		return Ports{Registry: ecr.NewFromConfig(look), Blobs: rt.HTTP(), Signer: NewSigner(look)}
	}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle looks for a signature and a provenance that count, as far as the service's gates want them.
func (s Step) Handle(ctx context.Context, request handler.Request) (signature.Checked, error) {
	service, checked, err := s.document(request)
	if err != nil {
		return signature.Checked{}, err
	}
	if !service.Gates.Verified() { // they were turned off since CheckImage looked
		return signature.Checked{Digest: string(checked.Digest), Reason: "no gate asks who vouches for the image"}, nil
	}
	ports := s.Look(ctx, service, request.Execution.ID)
	v := verification{image: checked, gates: service.Gates, registry: ports.Registry, signer: ports.Signer,
		reader: artifact.Reader{Registry: ports.Registry, Blobs: ports.Blobs, Repository: service.Repository},
		out:    signature.Checked{Digest: string(checked.Digest)}}
	if err := v.run(ctx); err != nil {
		return signature.Checked{}, err
	}
	s.Logger.InfoContext(ctx, "image vouched for", "service", service.Name, "digest", v.out.Digest, "reason", v.out.Reason)
	return v.out, nil
}

// document reads which image is to be vouched for.
func (s Step) document(request handler.Request) (config.Service, image.Checked, error) {
	var document struct {
		Service string        `json:"service"`
		Image   image.Checked `json:"image"`
	}
	if err := json.Unmarshal(request.Document, &document); err != nil {
		return config.Service{}, image.Checked{}, fault.New(fault.InputInvalid, "start anew with an input as in events/", "read the document: %w", err)
	}
	if _, err := image.ParseDigest(string(document.Image.Digest)); err != nil {
		return config.Service{}, image.Checked{}, fault.New(fault.InputInvalid, "start anew with an input as in events/", "image.digest: %w", err)
	}
	service, err := s.Config.Lookup(document.Service)
	return service, document.Image, err
}

// verification is one run of the step: what it knows, and what it has found so far.
type verification struct {
	image    image.Checked
	gates    config.Gates
	registry Registry
	signer   Signer
	reader   artifact.Reader
	out      signature.Checked
}

// run passes each gate that is on.
func (v *verification) run(ctx context.Context) error {
	var by string
	if v.gates.Signature != nil {
		if err := v.checkSignature(ctx); err != nil {
			return err
		}
		by = "signed by " + v.out.SignedBy
	}
	if v.gates.Provenance != nil {
		if err := v.checkProvenance(ctx); err != nil {
			return err
		}
		if by != "" {
			by += ", and "
		}
		by += fmt.Sprintf("built by %s from %s", v.out.Builder, v.out.Source)
	}
	v.out.Reason = fmt.Sprintf("%s is %s", v.image.Named(), by)
	return nil
}
