package ecr_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/ecr"
	"fairlead/local/ecr/ecrtest"
)

func TestDeletion(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	for _, tag := range []string{"1", "2"} {
		if err := put(w, manifest, tag); err != nil {
			t.Fatal(err)
		}
	}
	w.Must(t, "BatchDeleteImage", `{`+repo+`,"imageIds":[{"imageTag":"1"}]}`, nil)
	if got := available(t, w, digestOf("layer")); got != "AVAILABLE" {
		t.Error("the layer is gone with the first of two tags")
	}
	var out struct {
		IDs      []map[string]string `json:"imageIds"`
		Failures []map[string]any    `json:"failures"`
	}
	w.Must(t, "BatchDeleteImage", `{`+repo+`,"imageIds":[{"imageDigest":"`+digestOf(manifest)+`"},{"imageTag":"9"}]}`, &out)
	if len(out.IDs) != 1 || out.IDs[0]["imageTag"] != "2" || len(out.Failures) != 1 || out.Failures[0]["failureCode"] != "ImageNotFound" {
		t.Errorf("deleted %+v", out)
	}
	if got := available(t, w, digestOf("layer")); got != "UNAVAILABLE" {
		t.Error("the layer is there without an image that needs it")
	}
	var actions []string
	for _, detail := range w.Bus.Details() {
		var d map[string]string
		if err := json.Unmarshal([]byte(detail), &d); err != nil {
			t.Fatal(err)
		}
		actions = append(actions, d["action-type"]+" "+d["image-tag"])
	}
	if diff := cmp.Diff([]string{"PUSH 1", "PUSH 2", "DELETE 1", "DELETE 2"}, actions); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestAnImageOfAnIndexCannotBeDeleted(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	if err := put(w, manifest, ""); err != nil {
		t.Fatal(err)
	}
	index := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"m","digest":"` + digestOf(manifest) + `","size":1}]}`
	if err := put(w, index, "1"); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Failures []map[string]any `json:"failures"`
	}
	w.Must(t, "BatchDeleteImage", `{`+repo+`,"imageIds":[{"imageDigest":"`+digestOf(manifest)+`"}]}`, &out)
	if len(out.Failures) != 1 || out.Failures[0]["failureCode"] != "ImageReferencedByManifestList" {
		t.Errorf("got %+v", out)
	}
	w.Must(t, "BatchDeleteImage", `{`+repo+`,"imageIds":[{"imageTag":"1"},{"imageDigest":"`+digestOf(manifest)+`"}]}`, &out)
	w.Must(t, "DeleteRepository", `{`+repo+`}`, nil)
}

func TestAScanOnPush(t *testing.T) {
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`,"imageScanningConfiguration":{"scanOnPush":true}}`, nil)
	config := `{"os":"linux","architecture":"amd64","config":{"Labels":{"local.findings":"HIGH:1,LOW:2"}}}`
	manifest := image(t, w, config)
	if err := put(w, manifest, "1"); err != nil {
		t.Fatal(err)
	}
	if status, _ := scan(t, w); status != "IN_PROGRESS" {
		t.Errorf("at the push: %s", status)
	}
	w.Pass(10 * time.Second)
	status, counts := scan(t, w)
	if diff := cmp.Diff(map[string]int{"HIGH": 1, "LOW": 2}, counts); status != "COMPLETE" || diff != "" {
		t.Errorf("after ten seconds: %s %s", status, diff)
	}
	events := w.Bus.Events("ECR Image Scan")
	want := `{"scan-status":"COMPLETE","repository-name":"shop/web","finding-severity-counts":{"HIGH":1,"LOW":2},"image-digest":"` +
		digestOf(manifest) + `","image-tags":["1"]}`
	if len(events) != 1 || string(events[0].Detail) != want || events[0].Resources[0] != "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web" {
		t.Errorf("events %+v", events)
	}
}

func scan(t *testing.T, w *ecrtest.World) (string, map[string]int) {
	t.Helper()
	var out struct {
		Status struct {
			Status string `json:"status"`
		} `json:"imageScanStatus"`
		Findings struct {
			Counts map[string]int `json:"findingSeverityCounts"`
		} `json:"imageScanFindings"`
	}
	w.Must(t, "DescribeImageScanFindings", `{`+repo+`,"imageId":{"imageTag":"1"}}`, &out)
	return out.Status.Status, out.Findings.Counts
}

func TestAScanOfAnImageThatIsGoneEndsInSilence(t *testing.T) {
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`,"imageScanningConfiguration":{"scanOnPush":true}}`, nil)
	if err := put(w, image(t, w, linux), "1"); err != nil {
		t.Fatal(err)
	}
	w.Must(t, "DeleteRepository", `{`+repo+`,"force":true}`, nil)
	w.Pass(10 * time.Second)
	if events := w.Bus.Events("ECR Image Scan"); len(events) != 0 {
		t.Errorf("events %+v", events)
	}
}

func TestAnImageThatIsNamedTwiceIsDescribedOnce(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	if err := put(w, manifest, "1"); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Details []any `json:"imageDetails"`
	}
	w.Must(t, "DescribeImages", `{`+repo+`,"imageIds":[{"imageTag":"1"},{"imageDigest":"`+digestOf(manifest)+`"}]}`, &out)
	if len(out.Details) != 1 {
		t.Errorf("%d details", len(out.Details))
	}
}

func TestWhichImagesAFilterTakes(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	tagged, untagged := image(t, w, linux), image(t, w, linux+" ")
	for manifest, tag := range map[string]string{tagged: "1", untagged: ""} {
		if err := put(w, manifest, tag); err != nil {
			t.Fatal(err)
		}
	}
	for filter, want := range map[string]string{
		`{}`:                                       "both",
		`{"tagStatus":"ANY"}`:                      "both",
		`{"tagStatus":"TAGGED"}`:                   digestOf(tagged),
		`{"tagStatus":"UNTAGGED"}`:                 digestOf(untagged),
		`{"imageStatus":"ARCHIVED"}`:               "none",
		`{"tagStatus":"ANY","imageStatus":"ANY"}`:  "both",
		`{"tagStatus":"TAGGED","imageStatus":"x"}`: "InvalidParameterException",
	} {
		var out struct {
			Details []struct {
				Digest string `json:"imageDigest"`
			} `json:"imageDetails"`
		}
		err := w.Call("admin", "DescribeImages", `{`+repo+`,"filter":`+filter+`}`, &out)
		got := []string{"none", "", "both"}[len(out.Details)]
		if len(out.Details) == 1 {
			got = out.Details[0].Digest
		}
		if err != nil {
			got = code(err)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
	}
}

func TestWhyABatchFailsForAnImage(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	if err := put(w, manifest, "1"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		`{"imageTag":"1"}`: "",
		`{"imageTag":"1","imageDigest":"` + digestOf(manifest) + `"}`: "",
		`{"imageTag":"1","imageDigest":"` + digestOf("other") + `"}`:  "ImageTagDoesNotMatchDigest",
		`{"imageTag":"9"}`: "ImageNotFound",
		`{"imageDigest":"` + digestOf("other") + `"}`: "ImageNotFound",
		`{"imageDigest":"sha256:0"}`:                  "InvalidImageDigest",
		`{"imageTag":"a/b"}`:                          "InvalidImageTag",
		`{}`:                                          "MissingDigestAndTag",
	} {
		var out struct {
			Images []struct {
				Manifest string `json:"imageManifest"`
			} `json:"images"`
			Failures []struct {
				Code string `json:"failureCode"`
			} `json:"failures"`
		}
		w.Must(t, "BatchGetImage", `{`+repo+`,"imageIds":[`+id+`]}`, &out)
		got := "several"
		switch {
		case len(out.Failures) == 1 && len(out.Images) == 0:
			got = out.Failures[0].Code
		case len(out.Images) == 1 && out.Images[0].Manifest == manifest && len(out.Failures) == 0:
			got = ""
		}
		if got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

func TestAnUploadIsKeptForADay(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	var first, second struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &first)
	part := func() error {
		return w.Call("admin", "UploadLayerPart",
			fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":9,"partLastByte":9,"layerPartBlob":"eA=="}`, repo, first.ID), nil)
	}
	w.Pass(24 * time.Hour)
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &second)
	if err := part(); code(err) != "InvalidLayerPartException" {
		t.Errorf("after a day: %v", err)
	}
	w.Pass(time.Second)
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &second)
	if err := part(); code(err) != "UploadNotFoundException" {
		t.Errorf("after more than a day: %v", err)
	}
}

func TestTheQuotasOfARepository(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	for n := range 1000 {
		if err := put(w, manifest, fmt.Sprintf("t%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(w, manifest, "more"); code(err) != "LimitExceededException" {
		t.Errorf("a tag above the quota: %v", err)
	}
	images := w.ECR.State().(*ecr.State).Repositories["shop/web"].Images
	for n := range 99_999 {
		images[fmt.Sprint(n)] = &ecr.Image{}
	}
	if err := put(w, image(t, w, linux+" "), "1"); code(err) != "LimitExceededException" {
		t.Errorf("an image above the quota: %v", err)
	}
}

func TestPages(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	manifest := image(t, w, linux)
	want := map[string]bool{}
	for i := range 7 {
		tag := fmt.Sprintf("t%d", i)
		want[tag] = true
		if err := put(w, manifest, tag); err != nil {
			t.Fatal(err)
		}
	}
	token, pages := "", 0
	for {
		var out struct {
			IDs []struct {
				Tag string `json:"imageTag"`
			} `json:"imageIds"`
			NextToken string `json:"nextToken"`
		}
		w.Must(t, "ListImages", fmt.Sprintf(`{%s,"maxResults":3,"nextToken":%q}`, repo, token), &out)
		for _, id := range out.IDs {
			if !want[id.Tag] {
				t.Errorf("%s comes twice", id.Tag)
			}
			delete(want, id.Tag)
		}
		pages++
		if token = out.NextToken; token == "" {
			break
		}
	}
	if pages != 3 || len(want) != 0 {
		t.Errorf("%d pages, missing %v", pages, want)
	}
	if err := w.Call("admin", "ListImages", `{`+repo+`,"nextToken":"x"}`, nil); code(err) != "InvalidParameterException" {
		t.Errorf("a token that is none: %v", err)
	}
}
