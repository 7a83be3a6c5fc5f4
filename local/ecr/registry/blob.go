package registry

import (
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"time"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

func (e *exchange) checkDigest() error {
	if !blob.ValidDigest(e.ref) {
		return &problem{http.StatusBadRequest, "DIGEST_INVALID", "the digest must be a SHA-256 digest, not " + strconv.Quote(e.ref)}
	}
	return nil
}

func (e *exchange) headBlob() error {
	if err := e.checkDigest(); err != nil {
		return err
	}
	out, err := call[struct {
		Layers []struct {
			Availability string `json:"layerAvailability"`
			Size         int64  `json:"layerSize"`
			MediaType    string `json:"mediaType"`
		} `json:"layers"`
	}](e, "BatchCheckLayerAvailability", map[string]any{"layerDigests": []string{e.ref}})
	if err != nil {
		return err
	}
	if len(out.Layers) != 1 || out.Layers[0].Availability != "AVAILABLE" {
		return e.blobUnknown()
	}
	e.w.Header().Set("Content-Length", strconv.FormatInt(out.Layers[0].Size, 10))
	e.w.Header().Set("Content-Type", out.Layers[0].MediaType)
	e.w.Header().Set("Docker-Content-Digest", e.ref)
	e.w.WriteHeader(http.StatusOK)
	return nil
}

func (e *exchange) blobUnknown() error {
	return &problem{http.StatusNotFound, "BLOB_UNKNOWN", "The layer with digest '" + e.ref + "' does not exist within the repository with name '" + e.name + "'"}
}

// getBlob redirects to the layer's download URL.
func (e *exchange) getBlob() error {
	if err := e.checkDigest(); err != nil {
		return err
	}
	out, err := call[struct {
		URL string `json:"downloadUrl"`
	}](e, "GetDownloadUrlForLayer", map[string]any{"layerDigest": e.ref})
	if isCode(err, "LayersNotFoundException") {
		return e.blobUnknown()
	}
	if err != nil {
		return err
	}
	e.w.Header().Set("Docker-Content-Digest", e.ref)
	http.Redirect(e.w, e.r, out.URL, http.StatusTemporaryRedirect)
	return nil
}

// download serves a download URL, to whoever has it.
func (g *Registry) download(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		refuseDownload(w, http.StatusForbidden, "AccessDenied", "the address is signed for GET")
		return
	}
	var digest string
	var err error
	g.core.Do(func(*world.World) { digest, err = g.ecr.Download(r.URL) })
	if err != nil {
		refuseDownload(w, http.StatusForbidden, "AccessDenied", err.Error())
		return
	}
	content, err := g.blobs.Open(digest)
	if err != nil {
		refuseDownload(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	defer func() { _ = content.Close() }()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, io.ReadSeeker(content))
}

// refuseDownload answers as S3 does.
func refuseDownload(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
}
