// Package registry is what docker, crane and skopeo speak to: the OCI distribution protocol under /v2/, in front of
// the embedded ECR, as ECR's own proxy is in front of the real one.
//
// Each request becomes the API calls that ECR maps it to, made by the principal to whom the login's token was given:
// a push is BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage, a
// pull BatchGetImage and GetDownloadUrlForLayer. So IAM decides on each step, immutability and absent layers are
// judged in one place (local/ecr), and a test that tampers with the API tampers with pushes too. Only the bytes of a
// layer go around the API: they are streamed into the blob store while the world goes on, and the call that follows
// says which bytes they are.
//
// go-containerregistry has a registry, and it is not used: it has no place to ask who may do what, it takes a manifest
// of any bytes, with absent blobs and under a wrong digest, and it serves each blob in every repository. Wrapping it
// would have meant to refuse all of this in front of it, and to keep its state in step with ECR's; what would be left of it is
// less than the handler here. Its client is used, in the tests.
//
// # What ECR does its own way
//
// A PATCH answers 201, not 202 (https://github.com/aws/containers-roadmap/issues/2831; unlike ECR, which is reported
// there to lose the second and later chunks of a chunked upload, all chunks are kept here). A blob is read by a
// redirect to a signed address that anybody can use for an hour. Mounting a blob of another repository is answered by
// an upload to be made. The catalog and deletion are not served.
//
// Specification: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
package registry

import (
	"net/http"
	"regexp"
	"strings"

	"fairlead/local/ecr"
	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// Registry serves /v2/ and [ecr.DownloadPath]; both must be routed to it.
type Registry struct {
	core  *world.Core
	ecr   *ecr.Service
	blobs blob.Store
}

// New makes the registry in front of service, which is part of the core's world and keeps its layers in blobs.
func New(core *world.Core, service *ecr.Service, blobs blob.Store) *Registry {
	return &Registry{core: core, ecr: service, blobs: blobs}
}

// ServeHTTP implements [http.Handler].
func (g *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, ecr.DownloadPath) {
		g.download(w, r)
		return
	}
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	who, ok := g.logIn(w, r)
	if !ok {
		return
	}
	if r.URL.Path == "/v2/" || r.URL.Path == "/v2" {
		w.WriteHeader(http.StatusOK)
		return
	}
	e := exchange{Registry: g, w: w, r: r, who: who}
	if err := e.serve(); err != nil {
		e.fail(err)
	}
}

// exchange is one request of a client that is logged in, and its answer.
type exchange struct {
	*Registry
	w    http.ResponseWriter
	r    *http.Request
	who  world.Principal
	name string // the repository's
	ref  string // what the path names in it: a digest, a tag, an upload
}

// The paths of the distribution protocol, the repository's name first.
var (
	manifestPath  = regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`)
	blobPath      = regexp.MustCompile(`^/v2/(.+)/blobs/([^/]+)$`)
	beginPath     = regexp.MustCompile(`^/v2/(.+)/blobs/uploads/?()$`)
	uploadPath    = regexp.MustCompile(`^/v2/(.+)/blobs/uploads/([^/]+)$`)
	tagsPath      = regexp.MustCompile(`^/v2/(.+)/tags/(list)$`)
	referrersPath = regexp.MustCompile(`^/v2/(.+)/referrers/([^/]+)$`)
)

// serve finds what the path and the method ask for, and answers it. An error is yet to be answered.
func (e *exchange) serve() error {
	routes := []struct {
		path    *regexp.Regexp
		methods map[string]func() error
	}{
		{beginPath, map[string]func() error{"POST": e.beginUpload}},
		{uploadPath, map[string]func() error{"GET": e.statUpload, "PATCH": e.patchUpload, "PUT": e.finishUpload}},
		{blobPath, map[string]func() error{"HEAD": e.headBlob, "GET": e.getBlob}},
		{manifestPath, map[string]func() error{"HEAD": e.getManifest, "GET": e.getManifest, "PUT": e.putManifest}},
		{tagsPath, map[string]func() error{"GET": e.listTags}},
		{referrersPath, map[string]func() error{"GET": e.listReferrers}},
	}
	for _, route := range routes {
		parts := route.path.FindStringSubmatch(e.r.URL.Path)
		if parts == nil {
			continue
		}
		e.name, e.ref = parts[1], parts[2]
		if serve := route.methods[e.r.Method]; serve != nil {
			return serve()
		}
		return &problem{http.StatusMethodNotAllowed, "UNSUPPORTED",
			"Fairlead's embedded ECR does not serve " + e.r.Method + " here"}
	}
	return &problem{http.StatusNotFound, "UNSUPPORTED", "Fairlead's embedded ECR does not serve " + e.r.URL.Path}
}
