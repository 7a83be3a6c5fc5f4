package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"fairlead/local/ecr/blob"
)

// maxManifest is the largest manifest that ECR takes, in bytes.
const maxManifest = 4 << 20

// id is how the path names the manifest: by a digest, or by a tag.
func (e *exchange) id() imageID {
	if strings.Contains(e.ref, ":") {
		return imageID{Digest: e.ref}
	}
	return imageID{Tag: e.ref}
}

func (e *exchange) getManifest() error {
	out, err := call[struct {
		Images   []image `json:"images"`
		Failures []struct {
			Reason string `json:"failureReason"`
		} `json:"failures"`
	}](e, "BatchGetImage", e.wanted())
	if err != nil {
		return err
	}
	if len(out.Images) != 1 {
		return &problem{http.StatusNotFound, "MANIFEST_UNKNOWN", out.Failures[0].Reason}
	}
	found := out.Images[0]
	e.w.Header().Set("Content-Type", found.MediaType)
	e.w.Header().Set("Content-Length", strconv.Itoa(len(found.Manifest)))
	e.w.Header().Set("Docker-Content-Digest", found.ID.Digest)
	e.w.WriteHeader(http.StatusOK)
	if e.r.Method != http.MethodHead {
		_, _ = io.WriteString(e.w, found.Manifest)
	}
	return nil
}

// wanted is the input of BatchGetImage that the request stands for.
func (e *exchange) wanted() map[string]any {
	in := map[string]any{"imageIds": []imageID{e.id()}}
	if accepted := acceptedTypes(e.r.Header.Values("Accept")); len(accepted) > 0 {
		in["acceptedMediaTypes"] = accepted
	}
	return in
}

// acceptedTypes are the media types that an Accept header names; none if it takes anything.
func acceptedTypes(headers []string) []string {
	var types []string
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			mediaType, _, err := mime.ParseMediaType(part)
			if err == nil && strings.HasSuffix(mediaType, "/*") {
				return nil
			}
			if err == nil {
				types = append(types, mediaType)
			}
		}
	}
	return types
}

func (e *exchange) putManifest() error {
	raw, err := e.readManifest()
	if err != nil {
		return err
	}
	id := e.id()
	in := map[string]any{"imageManifest": string(raw), "imageManifestMediaType": e.mediaType()}
	if id.Tag != "" {
		in["imageTag"] = id.Tag
	} else if in["imageDigest"] = id.Digest; !blob.ValidDigest(id.Digest) {
		return e.checkDigest()
	}
	out, err := call[struct {
		Image image `json:"image"`
	}](e, "PutImage", in)
	if isCode(err, "ImageAlreadyExistsException") { // a push that changes nothing succeeds: ECR's proxy says 201
		out.Image.ID.Digest, err = digestOf(raw), nil
	}
	if err != nil {
		return err
	}
	e.created(raw, out.Image.ID.Digest)
	return nil
}

func (e *exchange) created(raw []byte, digest string) {
	var m struct {
		Subject *struct {
			Digest string `json:"digest"`
		} `json:"subject"`
	}
	if err := json.Unmarshal(raw, &m); err == nil && m.Subject != nil {
		e.w.Header().Set("OCI-Subject", m.Subject.Digest)
	}
	e.w.Header().Set("Location", "/v2/"+e.name+"/manifests/"+digest)
	e.w.Header().Set("Docker-Content-Digest", digest)
	e.w.WriteHeader(http.StatusCreated)
}

func (e *exchange) readManifest() ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(e.w, e.r.Body, maxManifest))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &problem{http.StatusRequestEntityTooLarge, "MANIFEST_INVALID", fmt.Sprintf("a manifest can have at most %d bytes", maxManifest)}
	}
	if err != nil {
		return nil, &problem{http.StatusBadRequest, "MANIFEST_INVALID", "the body ended before its length"}
	}
	if !utf8.Valid(raw) {
		return nil, &problem{http.StatusBadRequest, "MANIFEST_INVALID", "the manifest is not in UTF-8"}
	}
	return raw, nil
}

// mediaType is what the client calls the manifest: its Content-Type.
func (e *exchange) mediaType() string {
	mediaType, _, err := mime.ParseMediaType(e.r.Header.Get("Content-Type"))
	if err != nil || mediaType == "application/json" || mediaType == "application/octet-stream" {
		return ""
	}
	return mediaType
}
