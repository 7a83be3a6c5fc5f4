package registry

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

func digestOf(raw []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(raw)) }

// listTags answers GET …/tags/list, a page of n tags (100 without n). The next page's address is in Link, and goes by
// ECR's own token, not by the last tag.
func (e *exchange) listTags() error {
	in, err := e.pageOf(1000)
	if err != nil {
		return err
	}
	in["filter"] = map[string]string{"tagStatus": "TAGGED"}
	out, err := call[struct {
		IDs       []imageID `json:"imageIds"`
		NextToken string    `json:"nextToken"`
	}](e, "ListImages", in)
	if err != nil {
		return err
	}
	tags := []string{}
	for _, id := range out.IDs {
		tags = append(tags, id.Tag)
	}
	e.link(out.NextToken)
	return e.answerJSON("application/json", map[string]any{"name": e.name, "tags": tags})
}

func (e *exchange) pageOf(most int) (map[string]any, error) {
	in, query := map[string]any{}, e.r.URL.Query()
	if n := query.Get("n"); n != "" {
		size, err := strconv.Atoi(n)
		if err != nil || size < 1 || size > most {
			return nil, &problem{http.StatusBadRequest, "UNSUPPORTED", fmt.Sprintf("n must be a number from 1 to %d", most)}
		}
		in["maxResults"] = size
	}
	if next := query.Get("next_page"); next != "" {
		in["nextToken"] = next
	}
	return in, nil
}

// link names the next page, if there is one.
func (e *exchange) link(token string) {
	if token == "" {
		return
	}
	query := url.Values{"next_page": {token}}
	if n := e.r.URL.Query().Get("n"); n != "" {
		query.Set("n", n)
	}
	e.w.Header().Set("Link", "<"+e.r.URL.Path+"?"+query.Encode()+`>; rel="next"`)
}

func (e *exchange) answerJSON(mediaType string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	e.w.Header().Set("Content-Type", mediaType)
	_, _ = e.w.Write(raw)
	return nil
}

// listReferrers answers GET …/referrers/<digest>: an index of the artifacts whose subject is the digest.
func (e *exchange) listReferrers() error {
	if err := e.checkDigest(); err != nil {
		return err
	}
	in, err := e.pageOf(50)
	if err != nil {
		return err
	}
	in["subjectId"] = map[string]string{"imageDigest": e.ref}
	if wanted := e.r.URL.Query().Get("artifactType"); wanted != "" {
		in["filter"] = map[string]any{"artifactTypes": []string{wanted}}
		e.w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	type descriptor struct {
		MediaType    string            `json:"mediaType"`
		Digest       string            `json:"digest"`
		Size         int64             `json:"size"`
		ArtifactType string            `json:"artifactType,omitempty"`
		Annotations  map[string]string `json:"annotations,omitempty"`
	}
	out, err := call[struct {
		Referrers []descriptor `json:"referrers"`
		NextToken string       `json:"nextToken"`
	}](e, "ListImageReferrers", in)
	if err != nil {
		return err
	}
	e.link(out.NextToken)
	const index = "application/vnd.oci.image.index.v1+json"
	return e.answerJSON(index, map[string]any{"schemaVersion": 2, "mediaType": index, "manifests": out.Referrers})
}
