package registry_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fairlead/local/ecr"
	"fairlead/local/ecr/ecrtest"
	"fairlead/local/world"
)

// client sends requests to the registry as one principal.
type client struct {
	t        testing.TB
	w        *ecrtest.World
	user     string
	password string
}

func start(t testing.TB) client {
	t.Helper()
	w := ecrtest.New(t)
	w.Create(t, "shop/web", "MUTABLE")
	return client{t, w, "AWS", w.Password("admin")}
}

// answer is what the registry answers.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

func (c client) send(method, path, body string, headers ...string) answer {
	c.t.Helper()
	return c.stream(method, path, strings.NewReader(body), headers...)
}

func (c client) stream(method, path string, body io.Reader, headers ...string) answer {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, body)
	r.SetBasicAuth(c.user, c.password)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.w.Registry.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// want sends a request whose answer must have the status and, if it is not empty, the error code.
func (c client) want(status int, code, method, path, body string, headers ...string) answer {
	c.t.Helper()
	got := c.send(method, path, body, headers...)
	var errs struct {
		Errors []struct{ Code, Message string } `json:"errors"`
	}
	_ = json.Unmarshal([]byte(got.Body), &errs)
	gotCode := ""
	if len(errs.Errors) == 1 {
		gotCode = errs.Errors[0].Code
	}
	if got.Status != status || gotCode != code {
		c.t.Errorf("%s %s: %d %s, want %d %s", method, path, got.Status, got.Body, status, code)
	}
	return got
}

func (c client) begin() string {
	c.t.Helper()
	return c.want(202, "", "POST", "/v2/shop/web/blobs/uploads/", "").Header.Get("Location")
}

func (c client) blob(content string) string {
	c.t.Helper()
	digest := digestOf(content)
	c.want(201, "", "PUT", c.begin()+"?digest="+digest, content)
	return digest
}

func (c client) manifest() string {
	c.t.Helper()
	const config = `{"os":"linux","architecture":"amd64"}`
	return fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},`+
		`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":%q,"size":5}]}`, c.blob(config), len(config), c.blob("layer"))
}

func digestOf(content string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content)))
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json"

func TestWhoIsLetIn(t *testing.T) {
	c := start(t)
	w := httptest.NewRecorder()
	c.w.Registry.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/v2/", nil))
	if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || !strings.HasPrefix(got, "Basic realm=") {
		t.Errorf("without a login: %d, %q", w.Code, got)
	}
	c.want(200, "", "GET", "/v2/", "")
	c.user = "admin"
	c.want(400, "", "GET", "/v2/", "")
	c.user = "AWS"
	c.w.Pass(12 * time.Hour)
	c.want(403, "DENIED", "GET", "/v2/", "")
	c.password += "x"
	c.want(400, "", "GET", "/v2/", "")
}

func TestAnUploadInChunks(t *testing.T) {
	c := start(t)
	at := c.begin()
	if got := c.want(201, "", "PATCH", at, "he", "Content-Range", "0-1").Header.Get("Range"); got != "0-1" {
		t.Errorf("Range %q", got)
	}
	c.want(416, "BLOB_UPLOAD_INVALID", "PATCH", at, "o", "Content-Range", "4-4")
	c.want(416, "BLOB_UPLOAD_INVALID", "PATCH", at, "o", "Content-Range", "x")
	c.want(201, "", "PATCH", at, "ll", "Content-Range", "2-3")
	if got := c.want(204, "", "GET", at, "").Header.Get("Range"); got != "0-3" {
		t.Errorf("Range %q", got)
	}
	c.want(201, "", "PUT", at+"?digest="+digestOf("hello"), "o")
	if got := c.want(200, "", "HEAD", "/v2/shop/web/blobs/"+digestOf("hello"), "").Header.Get("Content-Length"); got != "5" {
		t.Errorf("Content-Length %q", got)
	}
	c.want(404, "BLOB_UPLOAD_UNKNOWN", "PATCH", at, "x")
}

func TestAWrongDigestIsRefusedAndTheRightOneTaken(t *testing.T) {
	c := start(t)
	at := c.begin()
	c.want(400, "DIGEST_INVALID", "PUT", at+"?digest="+digestOf("other"), "hello")
	c.want(404, "BLOB_UNKNOWN", "HEAD", "/v2/shop/web/blobs/"+digestOf("other"), "")
	c.want(404, "BLOB_UNKNOWN", "HEAD", "/v2/shop/web/blobs/"+digestOf("hello"), "")
	c.want(201, "", "PUT", at+"?digest="+digestOf("hello"), "")
	c.want(200, "", "HEAD", "/v2/shop/web/blobs/"+digestOf("hello"), "")
}

func TestABlobIsNotSeenInAnotherRepository(t *testing.T) {
	c := start(t)
	c.w.Create(t, "shop/other", "MUTABLE")
	digest := c.blob("layer")
	c.want(404, "BLOB_UNKNOWN", "HEAD", "/v2/shop/other/blobs/"+digest, "")
	c.want(404, "BLOB_UNKNOWN", "GET", "/v2/shop/other/blobs/"+digest, "")
	c.want(202, "", "POST", "/v2/shop/other/blobs/uploads/?mount="+digest+"&from=shop/web", "")
	at := strings.Replace(c.begin(), "shop/web", "shop/other", 1)
	c.want(404, "BLOB_UPLOAD_UNKNOWN", "PATCH", at, "x")
	c.want(404, "BLOB_UPLOAD_UNKNOWN", "PUT", at+"?digest="+digest, "")
}

func TestWhatIsRefused(t *testing.T) {
	absent := "sha256:" + strings.Repeat("00", 32)
	c := start(t)
	manifest := c.manifest()
	for name, r := range map[string]struct {
		status             int
		code, method, path string
		body, contentType  string
	}{
		"an absent repository to push to":    {404, "NAME_UNKNOWN", "POST", "/v2/shop/none/blobs/uploads/", "", ""},
		"an absent repository to pull from":  {404, "NAME_UNKNOWN", "GET", "/v2/shop/none/manifests/1", "", ""},
		"an absent repository to list":       {404, "NAME_UNKNOWN", "GET", "/v2/shop/none/tags/list", "", ""},
		"a name that is none":                {400, "NAME_INVALID", "GET", "/v2/Shop/tags/list", "", ""},
		"an absent tag":                      {404, "MANIFEST_UNKNOWN", "GET", "/v2/shop/web/manifests/none", "", ""},
		"an absent digest":                   {404, "MANIFEST_UNKNOWN", "GET", "/v2/shop/web/manifests/" + absent, "", ""},
		"an absent blob":                     {404, "BLOB_UNKNOWN", "GET", "/v2/shop/web/blobs/" + absent, "", ""},
		"a blob without a SHA-256 digest":    {400, "DIGEST_INVALID", "GET", "/v2/shop/web/blobs/md5:00", "", ""},
		"an upload that was not begun":       {404, "BLOB_UPLOAD_UNKNOWN", "PATCH", "/v2/shop/web/blobs/uploads/00000000-0000-4000-a000-000000000000", "x", ""},
		"an upload out of the directory":     {404, "BLOB_UPLOAD_UNKNOWN", "PATCH", "/v2/shop/web/blobs/uploads/..", "x", ""},
		"a manifest of garbage":              {400, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", "garbage", ociManifest},
		"a manifest that is not UTF-8":       {400, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", "{\"\xff\":1}", ociManifest},
		"a manifest with a byte of Latin-1":  {400, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", strings.Replace(manifest, "{", "{\"x\":\"\xe9\",", 1), ociManifest},
		"a manifest of no known type":        {400, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", manifest, "text/plain"},
		"a manifest without a type":          {400, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", manifest, ""},
		"a manifest larger than 4 MiB":       {413, "MANIFEST_INVALID", "PUT", "/v2/shop/web/manifests/1", strings.Repeat(" ", 4<<20+1), ociManifest},
		"a manifest under a wrong digest":    {400, "DIGEST_INVALID", "PUT", "/v2/shop/web/manifests/" + absent, manifest, ociManifest},
		"a manifest under no digest":         {400, "DIGEST_INVALID", "PUT", "/v2/shop/web/manifests/sha256:00", manifest, ociManifest},
		"a manifest under a tag of no form":  {400, "TAG_INVALID", "PUT", "/v2/shop/web/manifests/-x", manifest, ociManifest},
		"a manifest with an absent layer":    {404, "BLOB_UPLOAD_UNKNOWN", "PUT", "/v2/shop/web/manifests/1", strings.Replace(manifest, digestOf("layer"), absent, 1), ociManifest},
		"deletion":                           {405, "UNSUPPORTED", "DELETE", "/v2/shop/web/manifests/1", "", ""},
		"the catalog":                        {404, "UNSUPPORTED", "GET", "/v2/_catalog", "", ""},
		"a list of more tags than ECR gives": {400, "UNSUPPORTED", "GET", "/v2/shop/web/tags/list?n=1001", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := client{t, c.w, c.user, c.password}
			c.want(r.status, r.code, r.method, r.path, r.body, "Content-Type", r.contentType)
			if events := c.w.Bus.Details(); len(events) != 0 {
				t.Errorf("events %v", events)
			}
		})
	}
}

func TestAPushThatChangesNothingSucceedsInSilence(t *testing.T) {
	c := start(t)
	manifest := c.manifest()
	for range 2 {
		response := c.want(201, "", "PUT", "/v2/shop/web/manifests/1", manifest, "Content-Type", ociManifest)
		if got := response.Header.Get("Docker-Content-Digest"); got != digestOf(manifest) {
			t.Errorf("Docker-Content-Digest %q", got)
		}
		c.want(201, "", "PUT", "/v2/shop/web/manifests/"+digestOf(manifest), manifest, "Content-Type", ociManifest)
	}
	if events := c.w.Bus.Details(); len(events) != 1 {
		t.Errorf("%d events, want 1: %v", len(events), events)
	}
}

func TestAManifestComesBackAsItIs(t *testing.T) {
	c := start(t)
	manifest := strings.Replace(c.manifest(), `{"schemaVersion"`, "{ \"x\":\"<&>\u2028é\",\n\"schemaVersion\"", 1)
	c.want(201, "", "PUT", "/v2/shop/web/manifests/1", manifest, "Content-Type", ociManifest)
	for _, reference := range []string{"1", digestOf(manifest)} {
		got := c.send("GET", "/v2/shop/web/manifests/"+reference, "", "Accept", "text/plain, "+ociManifest+";q=0.5")
		if got.Body != manifest || got.Header.Get("Content-Type") != ociManifest {
			t.Errorf("%s: %+v", reference, got)
		}
	}
	c.want(404, "MANIFEST_UNKNOWN", "GET", "/v2/shop/web/manifests/1", "", "Accept", "application/vnd.docker.distribution.manifest.v2+json")
	c.want(200, "", "GET", "/v2/shop/web/manifests/1", "", "Accept", "*/*")
}

func TestABlobIsReadByARedirect(t *testing.T) {
	c := start(t)
	layer := digestOf("layer")
	manifest := c.manifest()
	c.want(404, "BLOB_UNKNOWN", "GET", "/v2/shop/web/blobs/"+layer, "") // no image needs it yet
	c.want(201, "", "PUT", "/v2/shop/web/manifests/1", manifest, "Content-Type", ociManifest)
	address := c.want(307, "", "GET", "/v2/shop/web/blobs/"+layer, "").Header.Get("Location")
	path := strings.TrimPrefix(address, "http://"+c.w.Host)
	if !strings.HasPrefix(path, ecr.DownloadPath) {
		t.Fatalf("Location %q", address)
	}
	c.password = ""
	if got := c.send("GET", path, "", "Range", "bytes=1-2").Body; got != "ay" {
		t.Errorf("the range is %q", got)
	}
	c.want(403, "", "GET", strings.Replace(path, layer, digestOf("other"), 1), "")
	c.want(403, "", "PUT", path, "other")
}

func TestAThrottledCallHasNoEffectAndCanBeRepeated(t *testing.T) {
	c := start(t)
	at := c.begin()
	c.w.Core.Tamper(func(r world.Request, serve func() (any, error)) (any, error) {
		if r.Operation == "UploadLayerPart" {
			return nil, world.Errorf("ThrottlingException", "Rate exceeded")
		}
		return serve()
	})
	c.want(429, "TOOMANYREQUESTS", "PATCH", at, "wrong bytes")
	c.w.Core.Tamper(nil)
	c.want(201, "", "PATCH", at, "hello")
	c.want(201, "", "PUT", at+"?digest="+digestOf("hello"), "")
}

func TestBytesOfACallThatFailedAreNotPartOfTheLayer(t *testing.T) {
	c := start(t)
	at := c.begin()
	c.want(201, "", "PATCH", at, "he")
	c.w.Core.Tamper(func(world.Request, func() (any, error)) (any, error) {
		return nil, world.Errorf("ThrottlingException", "Rate exceeded")
	})
	c.want(429, "TOOMANYREQUESTS", "PATCH", at, "llo")
	c.w.Core.Tamper(nil)
	err := c.w.Call("admin", "CompleteLayerUpload", fmt.Sprintf(`{"repositoryName":"shop/web","uploadId":%q,"layerDigests":[%q]}`,
		at[strings.LastIndex(at, "/")+1:], digestOf("hello")), nil)
	if err == nil || world.AsError(err).Code != "InvalidLayerException" {
		t.Errorf("got %v", err)
	}
}

func TestABodyThatBreaksOffLeavesNothing(t *testing.T) {
	c := start(t)
	at := c.begin()
	if got := c.stream("PATCH", at, io.MultiReader(strings.NewReader("hel"), broken{})); got.Status != 400 {
		t.Errorf("%+v", got)
	}
	c.want(201, "", "PATCH", at, "hello")
	c.want(201, "", "PUT", at+"?digest="+digestOf("hello"), "")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTagsInPages(t *testing.T) {
	c := start(t)
	manifest := c.manifest()
	for _, tag := range []string{"a", "b", "c"} {
		c.want(201, "", "PUT", "/v2/shop/web/manifests/"+tag, manifest, "Content-Type", ociManifest)
	}
	var list struct{ Tags []string }
	first := c.send("GET", "/v2/shop/web/tags/list?n=2", "")
	if err := json.Unmarshal([]byte(first.Body), &list); err != nil || strings.Join(list.Tags, " ") != "a b" {
		t.Fatalf("%v, %v", list, err)
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(first.Header.Get("Link"), "<"), ">")
	second := c.send("GET", next, "")
	if err := json.Unmarshal([]byte(second.Body), &list); err != nil || strings.Join(list.Tags, " ") != "c" || second.Header.Get("Link") != "" {
		t.Errorf("%v, %v", list, err)
	}
}

// FuzzPush puts any manifest, under any reference: what is stored can be read back, under its digest, and neither
// a pull nor a list of referrers nor a snapshot breaks over it.
func FuzzPush(f *testing.F) {
	f.Add("1", `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"LAYER","size":1},"layers":[]}`, ociManifest)
	f.Add("1", `{"schemaVersion":2,"config":{"mediaType":"m","digest":"LAYER","size":1},"layers":[{"mediaType":"m","digest":"LAYER","size":-1}]}`, ociManifest)
	f.Add("sha256:00", `{"schemaVersion":2,"manifests":[]}`, "application/vnd.oci.image.index.v1+json")
	f.Add("x", `{"schemaVersion":2,"manifests":[{"digest":"LAYER","mediaType":"m"}],"subject":{"digest":"LAYER","mediaType":"m"}}`, "")
	f.Fuzz(func(t *testing.T, reference, manifest, mediaType string) {
		c := start(t)
		layer := c.blob("layer")
		manifest = strings.ReplaceAll(manifest, "LAYER", layer)
		path := "/v2/shop/web/manifests/" + url.PathEscape(reference)
		response := c.send("PUT", path, manifest, "Content-Type", mediaType)
		if response.Status >= 500 {
			t.Fatalf("PUT answers %d", response.Status)
		}
		if response.Status != 201 {
			return
		}
		body := c.send("GET", path, "", "Accept", "*/*").Body
		if body != manifest || response.Header.Get("Docker-Content-Digest") != digestOf(manifest) {
			t.Errorf("%q comes back as %q under %q", manifest, body, response.Header)
		}
		if _, err := c.w.World.Snapshot(); err != nil {
			t.Error(err)
		}
		_, _ = c.w.ECR.Pull(c.w.Host+"/shop/web@"+digestOf(manifest), c.w.Who("task"))
		c.send("GET", "/v2/shop/web/referrers/"+layer, "")
		c.w.Pass(time.Hour)
	})
}

// FuzzUpload sends any requests to an upload: it ends as the bytes that it took, or not at all.
func FuzzUpload(f *testing.F) {
	f.Add([]byte("he|llo"), "0-1|2-4", true)
	f.Add([]byte("he||llo"), "|0-1", false)
	f.Fuzz(func(t *testing.T, bodies []byte, ranges string, whole bool) {
		c := start(t)
		at, taken := c.begin(), ""
		headers := strings.Split(ranges, "|")
		for i, body := range strings.Split(string(bodies), "|") {
			response := c.send("PATCH", at, body, "Content-Range", headers[i%len(headers)])
			if response.Status == 201 {
				taken += body
			} else if response.Status != 416 {
				t.Fatalf("PATCH answers %d", response.Status)
			}
		}
		digest := digestOf(taken)
		if !whole {
			digest = digestOf(taken + "x")
		}
		got := c.send("PUT", at+"?digest="+digest, "").Status
		if want := whole && taken != ""; (got == 201) != want || got >= 500 {
			t.Errorf("PUT of %q answers %d", taken, got)
		}
	})
}
