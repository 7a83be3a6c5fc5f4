package ecr_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/ecr"
	"fairlead/local/ecr/ecrtest"
	"fairlead/local/world"
)

const repo = `"repositoryName":"shop/web"`

// layer uploads a layer into shop/web by the API, and returns its digest.
func layer(t testing.TB, w *ecrtest.World, content string) string {
	t.Helper()
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	w.Must(t, "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":0,"partLastByte":%d,"layerPartBlob":%q}`,
		repo, begun.ID, len(content)-1, base64.StdEncoding.EncodeToString([]byte(content))), nil)
	digest := digestOf(content)
	err := w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{%s,"uploadId":%q,"layerDigests":[%q]}`, repo, begun.ID, digest), nil)
	if err != nil && code(err) != "LayerAlreadyExistsException" {
		t.Fatal(err)
	}
	return digest
}

func digestOf(content string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content)))
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return world.AsError(err).Code
}

// image uploads what an image needs, and returns its manifest.
func image(t testing.TB, w *ecrtest.World, config string) string {
	t.Helper()
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",`+
		`"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},`+
		`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":%q,"size":5}]}`,
		layer(t, w, config), len(config), layer(t, w, "layer"))
}

func put(w *ecrtest.World, manifest, tag string) error {
	in := map[string]string{"repositoryName": "shop/web", "imageManifest": manifest}
	if tag != "" {
		in["imageTag"] = tag
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return w.Call("admin", "PutImage", string(raw), nil)
}

const linux = `{"os":"linux","architecture":"amd64","config":{"Labels":{"local.start":"3s"}}}`

func TestWhichTagsCanBeMoved(t *testing.T) {
	filters := `,"imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest*"}]`
	for name, c := range map[string]struct{ setting, tag, other, same string }{
		"mutable":                               {`"MUTABLE"`, "1.0", "", "ImageAlreadyExistsException"},
		"immutable":                             {`"IMMUTABLE"`, "1.0", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"immutable, the tag is excluded":        {`"IMMUTABLE_WITH_EXCLUSION"` + filters, "latest-1", "", "ImageAlreadyExistsException"},
		"immutable, another tag is excluded":    {`"IMMUTABLE_WITH_EXCLUSION"` + filters, "1.0", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"mutable, the tag is excluded":          {`"MUTABLE_WITH_EXCLUSION"` + filters, "latest", "ImageTagAlreadyExistsException", "ImageTagAlreadyExistsException"},
		"mutable, another tag is excluded":      {`"MUTABLE_WITH_EXCLUSION"` + filters, "1.0", "", "ImageAlreadyExistsException"},
		"no setting is mutable":                 {``, "1.0", "", "ImageAlreadyExistsException"},
		"an excluded tag must match altogether": {`"MUTABLE_WITH_EXCLUSION"` + filters, "not-latest", "", "ImageAlreadyExistsException"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			setting := ""
			if c.setting != "" {
				setting = `,"imageTagMutability":` + c.setting
			}
			w.Must(t, "CreateRepository", `{`+repo+setting+`}`, nil)
			first, second := image(t, w, linux), image(t, w, linux+" ")
			if err := put(w, first, c.tag); err != nil {
				t.Fatal(err)
			}
			if err := put(w, first, c.tag); code(err) != c.same {
				t.Errorf("the same image again: %v, want %s", err, c.same)
			}
			if err := put(w, second, c.tag); code(err) != c.other {
				t.Errorf("another image: %v, want %s", err, c.other)
			}
			if err := put(w, second, "other"); err != nil {
				t.Errorf("another tag: %v", err)
			}
		})
	}
}

func TestATagThatMovesLeavesItsImage(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	first, second := image(t, w, linux), image(t, w, linux+" ")
	for _, manifest := range []string{first, second} {
		if err := put(w, manifest, "1"); err != nil {
			t.Fatal(err)
		}
	}
	var out struct {
		Details []struct {
			Digest string   `json:"imageDigest"`
			Tags   []string `json:"imageTags"`
		} `json:"imageDetails"`
	}
	w.Must(t, "DescribeImages", `{`+repo+`,"filter":{"tagStatus":"UNTAGGED"}}`, &out)
	if len(out.Details) != 1 || out.Details[0].Digest != digestOf(first) || out.Details[0].Tags != nil {
		t.Errorf("untagged: %+v", out)
	}
	w.Must(t, "DescribeImages", `{`+repo+`,"imageIds":[{"imageTag":"1"}]}`, &out)
	if len(out.Details) != 1 || out.Details[0].Digest != digestOf(second) {
		t.Errorf("tagged: %+v", out)
	}
}

func TestWhatPutImageRefuses(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	good := image(t, w, linux)
	absent := "sha256:" + strings.Repeat("00", 32)
	replace := func(old, replacement string) string { return strings.Replace(good, old, replacement, 1) }
	index := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"m","digest":"` + absent + `","size":1}]}`
	for name, c := range map[string]struct{ manifest, extra, want string }{
		"bytes that are no JSON":          {"garbage", "", "InvalidParameterException"},
		"an empty manifest":               {"", "", "InvalidParameterException"},
		"two documents":                   {good + good, "", "InvalidParameterException"},
		"another schema version":          {replace(`:2,`, `:1,`), "", "InvalidParameterException"},
		"another media type":              {replace("oci.image.manifest", "x"), "", "InvalidParameterException"},
		"no media type anywhere":          {replace(`"mediaType":"application/vnd.oci.image.manifest.v1+json",`, ""), "", "InvalidParameterException"},
		"a media type that contradicts":   {good, `"imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json"`, "InvalidParameterException"},
		"a digest that is none":           {replace("sha256:", "sha256:x"), "", "InvalidParameterException"},
		"an image without layers":         {`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}`, "", "InvalidParameterException"},
		"a layer that is not there":       {replace(digestOf("layer"), absent), "", "LayersNotFoundException"},
		"a config that is not there":      {replace(digestOf(linux), absent), "", "LayersNotFoundException"},
		"an index without its images":     {index, "", "ReferencedImagesNotFoundException"},
		"a digest that does not match":    {good, `"imageDigest":"` + absent + `"`, "ImageDigestDoesNotMatchException"},
		"a tag with a slash":              {good, `"imageTag":"a/b"`, "InvalidParameterException"},
		"a tag of 129 characters":         {good, `"imageTag":"` + strings.Repeat("a", 129) + `"`, "InvalidParameterException"},
		"more than 4 MiB":                 {good + strings.Repeat(" ", 4<<20), "", "InvalidParameterException"},
		"another account's registry":      {good, `"registryId":"210987654321"`, "RepositoryNotFoundException"},
		"a registry that is no account":   {good, `"registryId":"x"`, "InvalidParameterException"},
		"nothing: this one is right":      {good, "", ""},
		"nothing: with its own digest":    {good, `"imageTag":"x","imageDigest":"` + digestOf(good) + `"`, ""},
		"nothing: the media type it says": {good + " ", `"imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw, _ := json.Marshal(c.manifest)
			extra := ""
			if c.extra != "" {
				extra = "," + c.extra
			}
			before := len(w.Bus.Details())
			err := w.Call("admin", "PutImage", `{`+repo+`,"imageManifest":`+string(raw)+extra+`}`, nil)
			if got := code(err); got != c.want && (c.want != "" || got != "ImageAlreadyExistsException") {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && len(w.Bus.Details()) != before {
				t.Error("an event for a push that failed")
			}
		})
	}
}

func TestTheSentencesOfErrors(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "IMMUTABLE")
	if err := put(w, image(t, w, linux), "1"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ operation, input, want string }{
		"no repository": {"DescribeImages", `{"repositoryName":"x/y"}`,
			"RepositoryNotFoundException: The repository with name 'x/y' does not exist in the registry with id '123456789012'"},
		"no image": {"DescribeImages", `{` + repo + `,"imageIds":[{"imageTag":"9"}]}`,
			"ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'9'} does not exist within the repository with name 'shop/web' in the registry with id '123456789012'"},
		"a repository that exists": {"CreateRepository", `{` + repo + `}`,
			"RepositoryAlreadyExistsException: The repository with name 'shop/web' already exists in the registry with id '123456789012'"},
		"a repository with images": {"DeleteRepository", `{` + repo + `}`,
			"RepositoryNotEmptyException: The repository with name 'shop/web' in registry with id '123456789012' cannot be deleted because it still contains images"},
		"a layer that is not there": {"GetDownloadUrlForLayer", `{` + repo + `,"layerDigest":"sha256:0"}`,
			"LayersNotFoundException: The layer with digest 'sha256:0' does not exist within the repository with name 'shop/web' in the registry with id '123456789012'"},
		"no scan": {"DescribeImageScanFindings", `{` + repo + `,"imageId":{"imageTag":"1"}}`,
			"ScanNotFoundException: Image scan does not exist for the image with '{imageDigest:'null', imageTag:'1'}' in the repository with name 'shop/web' in the registry with id '123456789012'"},
		"a name with capitals": {"CreateRepository", `{"repositoryName":"Web"}`,
			"InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''"},
		"an operation that is not served": {"PutLifecyclePolicy", `{}`, "NotImplemented: ecr:PutLifecyclePolicy is not implemented"},
		"a key of one's own":              {"CreateRepository", `{"repositoryName":"kms","encryptionConfiguration":{"encryptionType":"KMS"}}`, "NotImplemented: "},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.Call("admin", c.operation, c.input, nil)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestPartsOfALayer(t *testing.T) {
	const five = 5 << 20
	for name, c := range map[string]struct {
		parts []int  // sizes
		at    []int  // where each begins
		want  string // the code of the call that fails
	}{
		"one small part":             {parts: []int{3}, at: []int{0}},
		"a large and a small part":   {parts: []int{five, 3}, at: []int{0, five}},
		"a small part in the middle": {parts: []int{3, 3}, at: []int{0, 3}, want: "LayerPartTooSmallException"},
		"a part that leaves a gap":   {parts: []int{five, 3}, at: []int{0, five + 1}, want: "InvalidLayerPartException"},
		"a part twice":               {parts: []int{five, five}, at: []int{0, 0}, want: "InvalidLayerPartException"},
		"no part":                    {want: "EmptyUploadException"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			w.Create(t, "shop/web", "MUTABLE")
			err := upload(t, w, c.parts, c.at)
			if code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func upload(t *testing.T, w *ecrtest.World, parts, at []int) error {
	t.Helper()
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	whole := ""
	for i, size := range parts {
		content := strings.Repeat("x", size)
		whole += content
		err := w.Call("admin", "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":%d,"partLastByte":%d,"layerPartBlob":%q}`,
			repo, begun.ID, at[i], at[i]+size-1, base64.StdEncoding.EncodeToString([]byte(content))), nil)
		if err != nil {
			return err
		}
	}
	return w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{%s,"uploadId":%q,"layerDigests":[%q]}`, repo, begun.ID, digestOf(whole)), nil)
}

func TestAPartWithoutBytesIsRefused(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	err := w.Call("admin", "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":0,"partLastByte":9}`, repo, begun.ID), nil)
	if code(err) != "InvalidParameterException" {
		t.Errorf("got %v", err)
	}
}

func TestAWrongLayerDigestIsRefused(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	var begun struct {
		ID string `json:"uploadId"`
	}
	w.Must(t, "InitiateLayerUpload", `{`+repo+`}`, &begun)
	w.Must(t, "UploadLayerPart", fmt.Sprintf(`{%s,"uploadId":%q,"partFirstByte":0,"partLastByte":0,"layerPartBlob":"eA=="}`, repo, begun.ID), nil)
	err := w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{%s,"uploadId":%q,"layerDigests":[%q]}`, repo, begun.ID, digestOf("y")), nil)
	if code(err) != "InvalidLayerException" {
		t.Errorf("got %v", err)
	}
	if got := available(t, w, digestOf("x")); got != "UNAVAILABLE" {
		t.Errorf("the layer is %s", got)
	}
}

func available(t *testing.T, w *ecrtest.World, digest string) string {
	t.Helper()
	var out struct {
		Layers []struct {
			Availability string `json:"layerAvailability"`
		} `json:"layers"`
	}
	w.Must(t, "BatchCheckLayerAvailability", `{`+repo+`,"layerDigests":["`+digest+`"]}`, &out)
	return out.Layers[0].Availability
}

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

func TestPull(t *testing.T) {
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	amd, arm := image(t, w, linux), image(t, w, strings.Replace(linux, "amd64", "arm64", 1))
	attestation := image(t, w, `{"os":"unknown","architecture":"unknown"}`)
	for _, manifest := range []string{amd, arm, attestation} {
		if err := put(w, manifest, ""); err != nil {
			t.Fatal(err)
		}
	}
	index := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[`+
		`{"mediaType":"m","digest":%q,"size":1,"platform":{"os":"linux","architecture":"amd64"}},`+
		`{"mediaType":"m","digest":%q,"size":1,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}},`+
		`{"mediaType":"m","digest":%q,"size":1,"platform":{"os":"unknown","architecture":"unknown"}}]}`, digestOf(amd), digestOf(arm), digestOf(attestation))
	if err := put(w, index, "1"); err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"local.start": "3s"}
	want := ecr.Pulled{Reference: w.Host + "/shop/web:1", Repository: "shop/web", Digest: digestOf(index), Images: []ecr.Runnable{
		{Platform: ecr.Platform{OS: "linux", Architecture: "amd64"}, Digest: digestOf(amd), Labels: labels},
		{Platform: ecr.Platform{OS: "linux", Architecture: "arm64"}, Digest: digestOf(arm), Labels: labels},
	}}
	got, err := w.ECR.Pull(w.Host+"/shop/web:1", w.Who("task"))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	single, err := w.ECR.Pull("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@"+digestOf(arm), w.Who("task"))
	if err != nil || len(single.Images) != 1 || single.Images[0].Platform.String() != "linux/arm64" {
		t.Errorf("a single image: %+v, %v", single, err)
	}
	_, err = single.For(ecr.Platform{OS: "linux", Architecture: "amd64"})
	checkPull(t, err, ecr.PullNoPlatform, "CannotPullContainerError: pull image manifest has been retried 7 time(s): "+
		"image Manifest does not contain descriptor matching platform 'linux/amd64'")
}

func checkPull(t *testing.T, err error, reason ecr.PullReason, text string) {
	t.Helper()
	var failed *ecr.PullError
	if !errors.As(err, &failed) || failed.Reason != reason || !strings.HasPrefix(failed.Text, text) {
		t.Errorf("got %v\nwant %s: %s", err, reason, text)
	}
}

func TestWhyAPullFails(t *testing.T) {
	denial := func(action, resource string) string {
		return "User: task is not authorized to perform: " + action + " on resource: " + resource
	}
	const arn = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"
	permission := "CannotPullContainerError: The task can't pull the image. Check that the role has the permissions to pull images from the registry. "
	absent := "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref "
	for name, c := range map[string]struct {
		deny, reference string
		reason          ecr.PullReason
		text            string
	}{
		"no token": {"ecr:GetAuthorizationToken", "HOST/shop/web:1", ecr.PullDenied,
			"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr " +
				"registry auth: service call has been retried 1 time(s): AccessDeniedException: " + denial("ecr:GetAuthorizationToken", "*")},
		"no manifest":          {"ecr:BatchGetImage", "HOST/shop/web:1", ecr.PullDenied, permission + denial("ecr:BatchGetImage", arn)},
		"no layers":            {"ecr:GetDownloadUrlForLayer", "HOST/shop/web:1", ecr.PullDenied, permission + denial("ecr:GetDownloadUrlForLayer", arn)},
		"no such tag":          {"", "HOST/shop/web:9", ecr.PullNotFound, absent + "127.0.0.1:4566/shop/web:9: 127.0.0.1:4566/shop/web:9: not found"},
		"no such repository":   {"", "HOST/shop/x:1", ecr.PullNotFound, absent + "127.0.0.1:4566/shop/x:1: 127.0.0.1:4566/shop/x:1: not found"},
		"another registry":     {"", "nginx:latest", ecr.PullForeign, "CannotPullContainerError: "},
		"another port":         {"", "127.0.0.1:4567/shop/web:1", ecr.PullForeign, "CannotPullContainerError: "},
		"no reference":         {"", "HOST/shop/web@sha256:0", ecr.PullMalformed, "CannotPullContainerError: invalid reference format"},
		"a digest of no image": {"", "HOST/shop/web@" + digestOf("x"), ecr.PullNotFound, absent},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			w.Create(t, "shop/web", "MUTABLE")
			if err := put(w, image(t, w, linux), "1"); err != nil {
				t.Fatal(err)
			}
			w.Deny("task", c.deny)
			_, err := w.ECR.Pull(strings.Replace(c.reference, "HOST", w.Host, 1), w.Who("task"))
			checkPull(t, err, c.reason, c.text)
		})
	}
}

func TestEveryOperationAsksWhetherItMay(t *testing.T) {
	w := ecrtest.New(t)
	for operation := range w.ECR.Operations() {
		action := "ecr:" + operation
		if operation == "ListImageReferrers" {
			action = "ecr:BatchGetImage"
		}
		w.Deny("nobody", action)
		for _, name := range []string{"shop/web", "not/there"} {
			err := w.Call("nobody", operation, `{"repositoryName":"`+name+`","repositoryNames":["`+name+`"]}`, nil)
			if code(err) != "AccessDeniedException" || !strings.Contains(err.Error(), action) {
				t.Errorf("%s on %s: %v", operation, name, err)
			}
		}
	}
}

func TestTheWorldSurvivesBeingWrittenDown(t *testing.T) {
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`,"imageTagMutability":"IMMUTABLE","imageScanningConfiguration":{"scanOnPush":true},"tags":[{"Key":"a","Value":"b"}]}`, nil)
	if err := put(w, image(t, w, linux), "1"); err != nil {
		t.Fatal(err)
	}
	password := w.Password("admin")
	raw, err := w.World.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	second := ecrtest.New(t)
	if err := second.World.Restore(raw); err != nil {
		t.Fatal(err)
	}
	if _, err := second.ECR.Principal(password); err != nil {
		t.Errorf("the token: %v", err)
	}
	second.Pass(10 * time.Second)
	if status, _ := scan(t, second); status != "COMPLETE" {
		t.Errorf("the scan is %s", status)
	}
	again, err := second.World.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w.Pass(10 * time.Second)
	scan(t, w)
	first, err := w.World.Snapshot()
	if err != nil || cmp.Diff(state(t, first), state(t, again)) != "" {
		t.Errorf("%v, the two worlds differ (-first +second):\n%s", err, cmp.Diff(state(t, first), state(t, again)))
	}
}

func state(t *testing.T, snapshot []byte) any {
	t.Helper()
	var s struct {
		Services map[string]any `json:"services"`
	}
	if err := json.Unmarshal(snapshot, &s); err != nil {
		t.Fatal(err)
	}
	return s.Services["ecr"]
}

func TestTokens(t *testing.T) {
	w := ecrtest.New(t)
	password := w.Password("admin")
	who, err := w.ECR.Principal(password)
	if err != nil || who.ARN != "admin" {
		t.Errorf("the token of admin is that of %v, %v", who, err)
	}
	for _, bad := range []string{"", ".", "x", password + "x", "x" + password, strings.ToLower(password), password[:len(password)-2]} {
		if who, err := w.ECR.Principal(bad); !errors.Is(err, ecr.ErrTokenInvalid) {
			t.Errorf("%q is %v, %v", bad, who, err)
		}
	}
	w.Pass(12*time.Hour - time.Second)
	if _, err := w.ECR.Principal(password); err != nil {
		t.Errorf("before 12 hours: %v", err)
	}
	w.Pass(time.Second)
	if _, err := w.ECR.Principal(password); !errors.Is(err, ecr.ErrTokenExpired) {
		t.Errorf("after 12 hours: %v", err)
	}
}
