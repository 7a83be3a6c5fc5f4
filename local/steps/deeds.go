package steps

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	registrytypes "github.com/google/go-containerregistry/pkg/v1/types"

	"fairlead/local/ecr/sample"
	"fairlead/local/world"
)

// What people and CI do in a lab, as the administrator.

// Push pushes an image, or an index if it is for several platforms, and returns its digest.
func (l *Lab) Push(ctx context.Context, repository, tag string, spec sample.Spec) (string, error) {
	return l.PushAs(ctx, l.Administrator(), repository, tag, spec)
}

// PushAs pushes as whoever has the keys: a job of CI, say.
func (l *Lab) PushAs(ctx context.Context, keys world.Credentials, repository, tag string, spec sample.Spec) (string, error) {
	if len(spec.Platforms) > 1 {
		index, err := sample.Index(spec)
		if err != nil {
			return "", err
		}
		return l.write(ctx, keys, repository, tag, index, func(ref name.Reference, options ...remote.Option) error {
			return remote.WriteIndex(ref, index, options...)
		})
	}
	image, err := sample.Image(spec)
	if err != nil {
		return "", err
	}
	return l.write(ctx, keys, repository, tag, image, func(ref name.Reference, options ...remote.Option) error {
		return remote.Write(ref, image, options...)
	})
}

// PushArtifact pushes something that is no image: its configuration has the given media type.
func (l *Lab) PushArtifact(ctx context.Context, repository, tag, content, mediaType string) (string, error) {
	image, err := sample.Image(sample.Spec{Content: content})
	if err != nil {
		return "", err
	}
	artifact := mutate.ConfigMediaType(image, registrytypes.MediaType(mediaType))
	return l.write(ctx, l.Administrator(), repository, tag, artifact, func(ref name.Reference, options ...remote.Option) error {
		return remote.Write(ref, artifact, options...)
	})
}

// PushImage pushes an image or artifact that is made already: under a tag or, where that is "", by its digest alone.
func (l *Lab) PushImage(ctx context.Context, repository, tag string, image v1.Image) (string, error) {
	if tag == "" {
		digest, err := image.Digest()
		if err != nil {
			return "", err
		}
		repository += "@" + digest.String()
	}
	return l.write(ctx, l.Administrator(), repository, tag, image, func(ref name.Reference, options ...remote.Option) error {
		return remote.Write(ref, image, options...)
	})
}

// Upload pushes the layers and the configuration of an image, and no manifest: to push the image is then one PutImage.
func (l *Lab) Upload(ctx context.Context, repository string, image v1.Image) error {
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	config, err := partial.ConfigLayer(image)
	if err != nil {
		return err
	}
	password, err := l.password(ctx, l.Administrator())
	if err != nil {
		return err
	}
	into, err := name.NewRepository(Host + "/" + repository)
	for _, layer := range append(layers, config) {
		if err == nil {
			err = remote.WriteLayer(into, layer, l.remote(ctx, password)...)
		}
	}
	return err
}

// remote is how the registry is spoken to.
func (l *Lab) remote(ctx context.Context, password string) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithTransport(l.Transport()), remote.WithJobs(1),
		remote.WithAuth(&authn.Basic{Username: "AWS", Password: password})}
}

// write pushes something under a tag by the way that its kind goes, and returns its digest.
func (l *Lab) write(ctx context.Context, keys world.Credentials, repository, tag string, pushed interface{ Digest() (v1.Hash, error) },
	way func(name.Reference, ...remote.Option) error) (string, error) {
	password, err := l.password(ctx, keys)
	if err != nil {
		return "", err
	}
	if tag != "" {
		repository += ":" + tag
	}
	ref, err := name.ParseReference(Host + "/" + repository)
	if err != nil {
		return "", err
	}
	if err = way(ref, l.remote(ctx, password)...); err != nil {
		return "", err
	}
	digest, err := pushed.Digest()
	return digest.String(), err
}

func (l *Lab) password(ctx context.Context, keys world.Credentials) (string, error) {
	got, err := ecr.NewFromConfig(l.Client(keys)).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return "", err
	}
	pair, err := base64.StdEncoding.DecodeString(*got.AuthorizationData[0].AuthorizationToken)
	_, password, _ := strings.Cut(string(pair), ":")
	return password, err
}

// SFN is a client of Step Functions.
func (l *Lab) SFN() *sfn.Client { return sfn.NewFromConfig(l.Client(l.Administrator())) }

// ECSClient is a client of ECS.
func (l *Lab) ECSClient() *ecs.Client { return ecs.NewFromConfig(l.Client(l.Administrator())) }

// Machine is the ARN of Fairlead's state machine.
func (l *Lab) Machine() string { return l.Outputs()["Fairlead"]["StateMachineArn"] }

// Settle lets time pass until no execution runs; an error if that takes longer than limit.
func (l *Lab) Settle(ctx context.Context, limit time.Duration) error {
	running := 0
	quiet := func() bool {
		l.Core.Quietly(func(*world.World) { running = l.States.Running() })
		return running == 0
	}
	l.Pass(time.Second) // what was put on the bus arrives
	if !l.Until(limit, quiet) {
		return fmt.Errorf("executions still run after %v", limit)
	}
	l.Pass(2 * time.Second) // what follows an end
	return nil
}

// Service reads an ECS service.
func (l *Lab) Service(ctx context.Context, cluster, service string) (ecstypes.Service, error) {
	got, err := l.ECSClient().DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{service}})
	if err != nil {
		return ecstypes.Service{}, err
	}
	if len(got.Services) != 1 {
		return ecstypes.Service{}, fmt.Errorf("service %s: %v", service, got.Failures)
	}
	return got.Services[0], nil
}

// Image is the image of the service's container in the revision that the service is pointed at.
func (l *Lab) Image(ctx context.Context, cluster, service string) (string, error) {
	s, err := l.Service(ctx, cluster, service)
	if err != nil {
		return "", err
	}
	got, err := l.ECSClient().DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: s.TaskDefinition})
	if err != nil {
		return "", err
	}
	return *got.TaskDefinition.ContainerDefinitions[0].Image, nil
}
