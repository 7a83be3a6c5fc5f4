package registry

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// problem is an error answer of the distribution protocol.
type problem struct {
	Status  int
	Code    string // TAG_INVALID
	Message string
}

func (p *problem) Error() string { return p.Code + ": " + p.Message }

func (p *problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(p.Status)
	type entry struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.NewEncoder(w).Encode(map[string][]entry{"errors": {{p.Code, p.Message}}})
}

// fail answers err: a problem, or an error of the API in the protocol's terms.
func (e *exchange) fail(err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = e.translate(err)
	}
	p.write(e.w)
}

func (e *exchange) translate(err error) *problem {
	switch {
	case errors.Is(err, blob.ErrGap) || errors.Is(err, blob.ErrBusy) || errors.Is(err, blob.ErrSealed):
		return &problem{http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", err.Error()}
	}
	api := world.AsError(err)
	if p, ok := translations()[api.Code]; ok {
		return &problem{p.Status, p.Code, api.Message}
	}
	if api.Code == "InvalidParameterException" {
		return &problem{http.StatusBadRequest, e.invalidCode(api.Message), api.Message}
	}
	return &problem{api.Status, "UNKNOWN", api.Code + ": " + api.Message}
}

// translations has the status and the code that the registry answers for each error of the API.
func translations() map[string]problem {
	return map[string]problem{
		"AccessDeniedException":             {Status: http.StatusForbidden, Code: "DENIED"},
		"RepositoryNotFoundException":       {Status: http.StatusNotFound, Code: "NAME_UNKNOWN"},
		"ImageTagAlreadyExistsException":    {Status: http.StatusBadRequest, Code: "TAG_INVALID"},
		"ImageDigestDoesNotMatchException":  {Status: http.StatusBadRequest, Code: "DIGEST_INVALID"},
		"LayersNotFoundException":           {Status: http.StatusNotFound, Code: "BLOB_UPLOAD_UNKNOWN"},
		"LayerInaccessibleException":        {Status: http.StatusNotFound, Code: "BLOB_UNKNOWN"},
		"ReferencedImagesNotFoundException": {Status: http.StatusNotFound, Code: "MANIFEST_BLOB_UNKNOWN"},
		"UploadNotFoundException":           {Status: http.StatusNotFound, Code: "BLOB_UPLOAD_UNKNOWN"},
		"InvalidLayerPartException":         {Status: http.StatusRequestedRangeNotSatisfiable, Code: "BLOB_UPLOAD_INVALID"},
		"InvalidLayerException":             {Status: http.StatusBadRequest, Code: "DIGEST_INVALID"},
		"EmptyUploadException":              {Status: http.StatusBadRequest, Code: "BLOB_UPLOAD_INVALID"},
		"LimitExceededException":            {Status: http.StatusForbidden, Code: "DENIED"},
		"ThrottlingException":               {Status: http.StatusTooManyRequests, Code: "TOOMANYREQUESTS"},
	}
}

// invalidCode is the code for a parameter that the API calls invalid.
func (e *exchange) invalidCode(message string) string {
	switch {
	case strings.Contains(message, "'repositoryName'"):
		return "NAME_INVALID"
	case strings.Contains(message, "'imageTag'"):
		return "TAG_INVALID"
	case strings.Contains(message, "igest'") || strings.Contains(message, "igests'"):
		return "DIGEST_INVALID"
	case strings.Contains(e.r.URL.Path, "/manifests/"):
		return "MANIFEST_INVALID"
	default:
		return "BLOB_UPLOAD_INVALID"
	}
}

func isCode(err error, code string) bool { return err != nil && world.AsError(err).Code == code }
