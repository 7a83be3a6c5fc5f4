package ecr

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fairlead/local/world"
)

// Pulled is what a reference stands for: what the container agent of a task learns of an image.
type Pulled struct {
	Reference  string     // as it was asked for
	Repository string     // the repository's name
	Digest     string     // of the manifest or index that the reference names
	Images     []Runnable // one for each platform; a single image has one
}

// Runnable is an image for one platform.
type Runnable struct {
	Platform Platform
	Digest   string            // of the image's own manifest
	Labels   map[string]string // of its config
}

// PullReason says why an image cannot be pulled.
type PullReason string

// The reasons.
const (
	PullNotFound   PullReason = "not found"         // no such repository, tag or digest
	PullDenied     PullReason = "denied"            // the principal may not pull
	PullNoPlatform PullReason = "no platform"       // the image is for other platforms
	PullForeign    PullReason = "another registry"  // the embedded AWS has no registry but its own
	PullMalformed  PullReason = "invalid reference" // the reference is none
)

// PullError is why an image cannot be pulled. Its text is what ECS writes as the task's stoppedReason.
type PullError struct {
	Reason PullReason
	Text   string
}

func (e *PullError) Error() string { return e.Text }

func pullFailed(reason PullReason, format string, args ...any) *PullError {
	return &PullError{reason, "CannotPullContainerError: " + fmt.Sprintf(format, args...)}
}

// Pull resolves a reference as an ECS task does, under the principal who: the session of the task's execution role,
// which needs ecr:GetAuthorizationToken, and ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository. The
// registry is known by the host of a repositoryUri and by the name that it has on AWS. The error is a *PullError.
func (s *Service) Pull(text string, who world.Principal) (Pulled, error) {
	ref, err := parseReference(text)
	if err != nil {
		return Pulled{}, pullFailed(PullMalformed, "%v", err)
	}
	if ref.host != s.host() && ref.host != s.hostOnAWS() {
		return Pulled{}, pullFailed(PullForeign, "pull image manifest has been retried 1 time(s): failed to resolve ref %s: "+
			"Fairlead's embedded AWS has no registry but its own, %s", text, s.host())
	}
	p := pull{s: s, who: who, text: text, ref: ref}
	if err := p.logIn(); err != nil {
		return Pulled{}, err
	}
	image, err := p.resolve()
	if err != nil {
		return Pulled{}, err
	}
	return Pulled{Reference: text, Repository: ref.name, Digest: image.Digest, Images: p.images(image)}, nil
}

// For returns the image for the platform. The error is a *PullError.
func (p Pulled) For(platform Platform) (Runnable, error) {
	for _, image := range p.Images {
		if image.Platform == platform {
			return image, nil
		}
	}
	return Runnable{}, pullFailed(PullNoPlatform, "pull image manifest has been retried 7 time(s): "+
		"image Manifest does not contain descriptor matching platform '%s'", platform)
}

func (s *Service) hostOnAWS() string {
	host := s.w.Account + ".dkr.ecr." + s.w.Region + ".amazonaws.com"
	if s.w.Partition == "aws-cn" {
		host += ".cn"
	}
	return host
}

// pull is one pull by its principal.
type pull struct {
	s    *Service
	who  world.Principal
	text string
	ref  reference
}

func (p pull) call(operation string, in any) (any, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return p.s.w.Call(world.Request{Service: p.s.Name(), Operation: operation, Principal: p.who, Body: body})
}

func (p pull) logIn() error {
	if _, err := p.call("GetAuthorizationToken", struct{}{}); err != nil {
		return &PullError{PullDenied, "ResourceInitializationError: unable to pull secrets or registry auth: execution resource " +
			"retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): " + err.Error()}
	}
	return nil
}

// resolve returns the image that the reference names, once the principal may read it.
func (p pull) resolve() (*Image, error) {
	out, err := p.call("BatchGetImage", batchInput{target: p.target(), IDs: []imageID{{Digest: p.ref.digest, Tag: p.tag()}}})
	if err != nil {
		return nil, p.failed(err)
	}
	got := out.(batchGetOutput)
	if len(got.Images) == 0 {
		return nil, p.notFound()
	}
	repository := p.s.state.Repositories[p.ref.name]
	image := repository.Images[got.Images[0].ID.Digest]
	for _, layer := range repository.layersOf(image) {
		if _, err := p.call("GetDownloadUrlForLayer", downloadInput{p.target(), layer}); err != nil {
			return nil, p.failed(err)
		}
	}
	return image, nil
}

// tag is the tag that decides: none if there is a digest, as the runtimes have it.
func (p pull) tag() string {
	if p.ref.digest != "" {
		return ""
	}
	return p.ref.tag
}

func (p pull) target() target { return target{RepositoryName: p.ref.name} }

// layersOf are the layers of the image, or of the first image of an index: enough to see whether they may be read.
func (r *Repository) layersOf(image *Image) []string {
	if len(image.Children) > 0 {
		return r.layersOf(r.Images[image.Children[0]])
	}
	return image.Layers
}

func (p pull) failed(err error) error {
	var e *world.Error
	switch {
	case errors.As(err, &e) && e.Code == "AccessDeniedException":
		return pullFailed(PullDenied, "The task can't pull the image. Check that the role has the permissions to pull images "+
			"from the registry. %s", e.Message)
	case errors.As(err, &e) && strings.HasSuffix(e.Code, "NotFoundException"):
		return p.notFound()
	default:
		return pullFailed(PullNotFound, "pull image manifest has been retried 7 time(s): failed to resolve ref %s: %v", p.text, err)
	}
}

func (p pull) notFound() error {
	return pullFailed(PullNotFound, "pull image manifest has been retried 7 time(s): failed to resolve ref %s: %s: not found", p.text, p.text)
}

// images are the images that can run: of an index, those of its manifests that have a platform.
func (p pull) images(image *Image) []Runnable {
	repository := p.s.state.Repositories[p.ref.name]
	if len(image.Children) == 0 {
		return runnable(image, image.Platform)
	}
	m, err := parseManifest(image.Manifest, image.MediaType)
	if err != nil {
		panic("ecr: an index was kept that cannot be read: " + err.Error())
	}
	var list []Runnable
	for _, d := range m.Manifests {
		child := repository.Images[d.Digest]
		platform := child.Platform
		if d.Platform != nil {
			platform = *d.Platform
		}
		list = append(list, runnable(child, platform)...)
	}
	return list
}

func runnable(image *Image, platform Platform) []Runnable {
	if !platform.runnable() {
		return nil
	}
	return []Runnable{{Platform: platform, Digest: image.Digest, Labels: image.Labels}}
}
