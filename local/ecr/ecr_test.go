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
