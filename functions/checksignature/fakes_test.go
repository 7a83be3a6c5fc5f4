package checksignature_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/functions/checksignature"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"

// registry is an ECR of one repository, shop/web.
type registry struct {
	tags      map[string]image.Digest
	manifests map[image.Digest]string
	blobs     map[image.Digest][]byte
	referrers map[image.Digest][]types.ImageReferrer // by subject

	broken error // of every call of the operation
	breaks string
	page   int                     // how many referrers of whatever type a page is made of, 50 if zero
	gone   map[image.Digest]string // why a manifest is not returned, as a failure's code
	calls  int
}

func (r *registry) call(operation string) error {
	r.calls++
	if r.breaks == operation {
		return r.broken
	}
	return nil
}

func (r *registry) BatchGetImage(_ context.Context, in *ecr.BatchGetImageInput, _ ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
	id := in.ImageIds[0]
	if err := r.call("BatchGetImage"); err != nil {
		return nil, err
	}
	digest := image.Digest(aws.ToString(id.ImageDigest))
	if id.ImageTag != nil {
		digest = r.tags[*id.ImageTag]
	}
	if code := r.gone[digest]; code != "" {
		return &ecr.BatchGetImageOutput{Failures: []types.ImageFailure{{FailureCode: types.ImageFailureCode(code)}}}, nil
	}
	content, ok := r.manifests[digest]
	if !ok || aws.ToString(in.RepositoryName) != "shop/web" {
		return &ecr.BatchGetImageOutput{Failures: []types.ImageFailure{{FailureCode: types.ImageFailureCodeImageNotFound}}}, nil
	}
	return &ecr.BatchGetImageOutput{Images: []types.Image{{ImageManifest: &content, ImageManifestMediaType: aws.String(image.OCIManifest)}}}, nil
}

func (r *registry) ListImageReferrers(_ context.Context, in *ecr.ListImageReferrersInput, _ ...func(*ecr.Options)) (*ecr.ListImageReferrersOutput, error) {
	if err := r.call("ListImageReferrers"); err != nil {
		return nil, err
	}
	out := &ecr.ListImageReferrersOutput{}
	all, size := r.referrers[image.Digest(*in.SubjectId.ImageDigest)], min(cmp.Or(r.page, 50), int(*in.MaxResults))
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	for _, referrer := range all[from:min(from+size, len(all))] {
		if slices.Contains(in.Filter.ArtifactTypes, *referrer.ArtifactType) {
			out.Referrers = append(out.Referrers, referrer)
		}
	}
	if from+size < len(all) {
		out.NextToken = aws.String(strconv.Itoa(from + size))
	}
	return out, nil
}

func (r *registry) GetDownloadUrlForLayer(_ context.Context, in *ecr.GetDownloadUrlForLayerInput, _ ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error) {
	if err := r.call("GetDownloadUrlForLayer"); err != nil {
		return nil, err
	}
	return &ecr.GetDownloadUrlForLayerOutput{DownloadUrl: aws.String("https://layers.example/" + *in.LayerDigest + "?signature=secret")}, nil
}

// Do is the store behind the presigned URLs.
func (r *registry) Do(request *http.Request) (*http.Response, error) {
	content, ok := r.blobs[image.Digest(request.URL.Path[1:])]
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(content)), Request: request}, nil
}

// layer is a blob of an artifact that is pushed.
type layer struct {
	mediaType   string
	content     []byte
	annotations map[string]string
}

// push stores an artifact of layers, under a tag or as a referrer of an image, and returns its digest.
func (r *registry) push(tag string, subject image.Digest, artifactType string, layers ...layer) image.Digest {
	manifest := map[string]any{"schemaVersion": 2, "mediaType": image.OCIManifest, "artifactType": artifactType,
		"config": map[string]any{"mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "digest": image.DigestOf([]byte("{}"))}}
	var described []any
	for _, l := range layers {
		digest := image.DigestOf(l.content)
		r.blobs[digest] = l.content
		described = append(described, map[string]any{"mediaType": l.mediaType, "digest": digest, "size": len(l.content), "annotations": l.annotations})
	}
	manifest["layers"] = described
	raw, _ := json.Marshal(manifest)
	digest := image.DigestOf(raw)
	r.manifests[digest] = string(raw)
	if tag != "" {
		r.tags[tag] = digest
		return digest
	}
	r.referrers[subject] = append(r.referrers[subject], types.ImageReferrer{Digest: aws.String(string(digest)),
		ArtifactType: &artifactType, MediaType: aws.String(image.OCIManifest), Size: aws.Int64(int64(len(raw)))})
	return digest
}

// world is a service whose gates want something, and an image that was pushed.
type world struct {
	*registry
	signer *revocations
	gates  config.Gates
	pushed image.Digest
	size   int64 // of its manifest
}

func newWorld(t *testing.T, gates config.Gates) *world {
	t.Helper()
	w := &world{registry: &registry{tags: map[string]image.Digest{}, manifests: map[image.Digest]string{}, blobs: map[image.Digest][]byte{},
		referrers: map[image.Digest][]types.ImageReferrer{}, gone: map[image.Digest]string{}}, signer: &revocations{}, gates: gates}
	w.pushed = w.push("v1", "", "", layer{"application/vnd.oci.image.layer.v1.tar+gzip", []byte("content"), nil})
	w.size = int64(len(w.manifests[w.pushed]))
	return w
}

// tag is the tag under which cosign puts something about the image.
func (w *world) tag(suffix string) string {
	return strings.Replace(string(w.pushed), ":", "-", 1) + suffix
}

// check runs the step.
func (w *world) check(t *testing.T) (signature.Checked, error) {
	t.Helper()
	step := checksignature.Step{Logger: slog.New(slog.DiscardHandler),
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Repository: "shop/web", Gates: w.gates}}},
		Look: func(context.Context, config.Service, string) checksignature.Ports {
			return checksignature.Ports{Registry: w.registry, Blobs: w.registry, Signer: w.signer}
		}}
	document, err := json.Marshal(map[string]any{"service": "web",
		"image": image.Checked{Repository: "shop/web", RepositoryURI: uri, Tag: "v1", Digest: w.pushed}})
	if err != nil {
		t.Fatal(err)
	}
	return step.Handle(t.Context(), handler.Request{Document: document})
}

// crowd attaches as many artifacts of one blob as referrers of the image.
func (w *world) crowd(n int, mediaType, artifactType string) {
	for i := range n {
		w.push("", w.pushed, artifactType, layer{mediaType, []byte(strconv.Itoa(i)), nil})
	}
}
