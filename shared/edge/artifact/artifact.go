// Package artifact reads what a repository of ECR holds under a digest or a tag: manifests, and the blobs that they name.
//
// It is for content that a stranger may have pushed: what is too large, is gone, or is not what its digest says, is a
// fault that rejects the image. A refusal or an outage of AWS is one that does not.
package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// PushAgain is what an operator does about an image that cannot be read.
const PushAgain = "push the image again under a new tag, which starts a deployment"

// Registry is what is asked of ECR.
type Registry interface {
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
	GetDownloadUrlForLayer(context.Context, *ecr.GetDownloadUrlForLayerInput, ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error)
}

// Blobs fetches what a presigned URL of ECR names. The URL is the right to do so: no request is signed.
type Blobs interface {
	Do(*http.Request) (*http.Response, error)
}

// Reader reads one repository.
type Reader struct {
	Registry   Registry
	Blobs      Blobs
	Repository string
}

// Manifest is a manifest or index as it was pushed.
type Manifest struct {
	Digest    image.Digest
	MediaType string // as ECR reports it
	Content   []byte
}

// Manifest reads the manifest with this digest.
func (r Reader) Manifest(ctx context.Context, digest image.Digest) (Manifest, error) {
	doing := fmt.Sprintf("read the manifest of %s", digest)
	found, failure, err := r.get(ctx, doing, types.ImageIdentifier{ImageDigest: aws.String(string(digest))})
	switch {
	case err != nil:
		return Manifest{}, err
	case failure != nil && failure.FailureCode == types.ImageFailureCodeImageNotFound:
		return Manifest{}, fault.New(fault.ImageNotFound, PushAgain, "image %s was deleted: %s", digest, aws.ToString(failure.FailureReason))
	case failure != nil:
		return Manifest{}, unread(doing, *failure)
	}
	return Manifest{digest, aws.ToString(found.ImageManifestMediaType), []byte(aws.ToString(found.ImageManifest))}, nil
}

// Tagged reads the manifest that the tag names, and false if there is none.
func (r Reader) Tagged(ctx context.Context, tag string) (Manifest, bool, error) {
	doing := fmt.Sprintf("read the manifest of %s:%s", r.Repository, tag)
	found, failure, err := r.get(ctx, doing, types.ImageIdentifier{ImageTag: aws.String(tag)})
	switch {
	case err != nil:
		return Manifest{}, false, err
	case failure != nil && failure.FailureCode == types.ImageFailureCodeImageNotFound:
		return Manifest{}, false, nil
	case failure != nil:
		return Manifest{}, false, unread(doing, *failure)
	}
	content := []byte(aws.ToString(found.ImageManifest))
	return Manifest{image.DigestOf(content), aws.ToString(found.ImageManifestMediaType), content}, true, nil
}

// get asks for one manifest. That there is none, ECR says with HTTP 200.
func (r Reader) get(ctx context.Context, doing string, id types.ImageIdentifier) (types.Image, *types.ImageFailure, error) {
	reply, err := r.Registry.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: aws.String(r.Repository), ImageIds: []types.ImageIdentifier{id}})
	switch {
	case err != nil:
		return types.Image{}, nil, fault.FromAWS(doing, err)
	case len(reply.Images) > 0:
		return reply.Images[0], nil, nil
	case len(reply.Failures) > 0:
		return types.Image{}, &reply.Failures[0], nil
	default:
		return types.Image{}, nil, fault.New(fault.AWSUnavailable, fault.Later, "%s: ECR returned neither it nor a failure", doing)
	}
}

// unread is the fault of a manifest that is there and that ECR did not return.
func unread(doing string, failure types.ImageFailure) error {
	code, reason := failure.FailureCode, aws.ToString(failure.FailureReason)
	switch code {
	case types.ImageFailureCodeUpstreamUnavailable, types.ImageFailureCodeUpstreamTooManyRequests:
		return fault.New(fault.AWSUnavailable, fault.Later, "%s: %s: %s", doing, code, reason)
	case types.ImageFailureCodeKmsError, types.ImageFailureCodeUpstreamAccessDenied:
		return fault.New(fault.AWSRefused, "mend what AWS names, then redrive the execution", "%s: %s: %s", doing, code, reason)
	default:
		return fault.New(fault.ImageUnreadable, PushAgain, "%s: %s: %s", doing, code, reason)
	}
}

// Blob reads a blob that a manifest names with its size, if it has no more than a number of bytes. doing says in a fault
// what was being read: "read the configuration sha256:… of image …".
func (r Reader) Blob(ctx context.Context, doing string, digest image.Digest, size, most int64) ([]byte, error) {
	if size > most {
		return nil, fault.New(fault.ImageUnreadable, PushAgain, "%s: it has %d bytes, at most %d are read", doing, size, most)
	}
	reply, err := r.Registry.GetDownloadUrlForLayer(ctx, &ecr.GetDownloadUrlForLayerInput{
		RepositoryName: aws.String(r.Repository), LayerDigest: aws.String(string(digest))})
	var missing *types.LayersNotFoundException
	var inaccessible *types.LayerInaccessibleException
	switch {
	case errors.As(err, &missing), errors.As(err, &inaccessible):
		return nil, fault.New(fault.ImageUnreadable, PushAgain, "%s: %w", doing, err)
	case err != nil:
		return nil, fault.FromAWS(doing, err)
	}
	return r.download(ctx, doing, aws.ToString(reply.DownloadUrl), most)
}

// download fetches a blob by its presigned URL, which must not reach a log.
func (r Reader) download(ctx context.Context, doing, url string, most int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fault.New(fault.AWSUnavailable, fault.Later, "%s: ECR's URL for it cannot be used", doing)
	}
	response, err := r.Blobs.Do(request)
	if err != nil {
		return nil, fault.New(fault.AWSUnavailable, fault.Later, "%s: no answer from %s", doing, request.URL.Host)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	switch {
	case response.StatusCode == http.StatusNotFound:
		return nil, fault.New(fault.ImageUnreadable, PushAgain, "%s: %s has no such blob", doing, request.URL.Host)
	case response.StatusCode != http.StatusOK:
		return nil, fault.New(fault.AWSUnavailable, fault.Later, "%s: %s answers %s", doing, request.URL.Host, response.Status)
	case err != nil:
		return nil, fault.New(fault.AWSUnavailable, fault.Later, "%s: the answer broke off: %w", doing, err)
	case int64(len(content)) > most:
		return nil, fault.New(fault.ImageUnreadable, PushAgain, "%s: it has more than %d bytes", doing, most)
	}
	return content, nil
}
