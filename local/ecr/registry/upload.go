package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// beginUpload answers POST …/blobs/uploads/. A digest (a whole upload in one request) and a mount are not taken: both
// are answered by an upload to be made, as the specification allows.
func (e *exchange) beginUpload() error {
	out, err := call[struct {
		UploadID string `json:"uploadId"`
	}](e, "InitiateLayerUpload", nil)
	if err != nil {
		return err
	}
	e.ref = out.UploadID
	e.answerUpload(http.StatusAccepted, 0)
	return nil
}

func (e *exchange) answerUpload(status int, received int64) {
	e.w.Header().Set("Location", "/v2/"+e.name+"/blobs/uploads/"+e.ref)
	e.w.Header().Set("Docker-Upload-UUID", e.ref)
	e.w.Header().Set("Range", fmt.Sprintf("0-%d", max(received-1, 0)))
	e.w.WriteHeader(status)
}

func (e *exchange) statUpload() error {
	received, err := e.received("ecr:UploadLayerPart")
	if err != nil {
		return err
	}
	e.answerUpload(http.StatusNoContent, received)
	return nil
}

// received returns how much the upload has, if the client may do action.
func (e *exchange) received(action string) (received int64, err error) {
	e.core.Do(func(*world.World) { received, err = e.ecr.Received(e.who, action, e.name, e.ref) })
	return received, err
}

func (e *exchange) patchUpload() error {
	received, err := e.received("ecr:UploadLayerPart")
	if err != nil {
		return err
	}
	if received, err = e.takePart(received); err != nil {
		return err
	}
	e.answerUpload(http.StatusCreated, received)
	return nil
}

// takePart adds the request's body to the upload, which has received bytes, and returns how many it has then.
func (e *exchange) takePart(received int64) (int64, error) {
	if err := e.checkRange(received); err != nil {
		return received, err
	}
	size, err := e.blobs.Append(e.ref, received, e.r.Body)
	if err != nil {
		return received, readFailed(err)
	}
	if size == received {
		return received, nil
	}
	_, err = call[nothing](e, "UploadLayerPart", map[string]any{
		"uploadId": e.ref, "partFirstByte": received, "partLastByte": size - 1})
	return size, err
}

// readFailed keeps what the blob store refuses; else the body broke off.
func readFailed(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &problem{http.StatusBadRequest, "BLOB_UPLOAD_INVALID", "the body ended before its length"}
	}
	return err
}

// checkRange refuses a Content-Range that does not begin where the upload ends.
func (e *exchange) checkRange(received int64) error {
	header := e.r.Header.Get("Content-Range")
	if header == "" {
		return nil
	}
	first, _, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "-")
	at, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || at != received {
		e.w.Header().Set("Range", fmt.Sprintf("0-%d", max(received-1, 0)))
		return &problem{http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID",
			fmt.Sprintf("the range %s does not follow the %d bytes that were received", header, received)}
	}
	return nil
}

// finishUpload answers PUT …/blobs/uploads/<id>?digest=…, whose body may be the layer or the rest of it. Repeated
// without a body, it is taken again.
func (e *exchange) finishUpload() error {
	digest := e.r.URL.Query().Get("digest")
	if !blob.ValidDigest(digest) {
		return &problem{http.StatusBadRequest, "DIGEST_INVALID", "the digest must be a SHA-256 digest, not " + strconv.Quote(digest)}
	}
	if err := e.takeRest(); err != nil {
		return err
	}
	_, err := call[nothing](e, "CompleteLayerUpload", map[string]any{"uploadId": e.ref, "layerDigests": []string{digest}})
	if err != nil && !isCode(err, "LayerAlreadyExistsException") {
		return err
	}
	e.w.Header().Set("Location", "/v2/"+e.name+"/blobs/"+digest)
	e.w.Header().Set("Docker-Content-Digest", digest)
	e.w.WriteHeader(http.StatusCreated)
	return nil
}

// takeRest adds the body, if there is one, and seals the upload, so that its digest is computed outside the world's one thread.
func (e *exchange) takeRest() error {
	action := "ecr:UploadLayerPart"
	if e.r.ContentLength == 0 {
		action = "ecr:CompleteLayerUpload"
	}
	received, err := e.received(action)
	if err != nil {
		return err
	}
	if received, err = e.takePart(received); err != nil && (e.r.ContentLength != 0 || !errors.Is(err, blob.ErrSealed)) {
		return err
	}
	if received == 0 {
		return nil // the call that follows refuses it
	}
	_, err = e.blobs.Seal(e.ref)
	return err
}
