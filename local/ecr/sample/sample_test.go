package sample_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"fairlead/local/ecr/ecrtest"
	"fairlead/local/ecr/sample"
)

func start(t *testing.T) (*ecrtest.World, string) {
	t.Helper()
	w := ecrtest.New(t)
	server := httptest.NewServer(w.Registry)
	t.Cleanup(server.Close)
	w.Host = strings.TrimPrefix(server.URL, "http://")
	return w, w.Host
}

func push(t *testing.T, w *ecrtest.World, s sample.Spec, repositoryAndTag string) string {
	t.Helper()
	digest, err := sample.Push(context.Background(), s, w.Host+"/"+repositoryAndTag, w.Password("admin"))
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func login(w *ecrtest.World, who string) remote.Option {
	return remote.WithAuth(&authn.Basic{Username: "AWS", Password: w.Password(who)})
}

func TestAPushIsSeenByTheAPIAndOnTheBus(t *testing.T) {
	w, _ := start(t)
	w.Create(t, "shop/web", "MUTABLE")
	digest := push(t, w, sample.Spec{Content: "one", Labels: map[string]string{"local.start": "3s"}}, "shop/web:1.0.0")

	var out struct {
		Details []struct {
			Digest string   `json:"imageDigest"`
			Tags   []string `json:"imageTags"`
			Type   string   `json:"imageManifestMediaType"`
			Status string   `json:"imageStatus"`
		} `json:"imageDetails"`
	}
	w.Must(t, "DescribeImages", `{"repositoryName":"shop/web","imageIds":[{"imageTag":"1.0.0"}]}`, &out)
	if len(out.Details) != 1 || out.Details[0].Digest != digest || out.Details[0].Status != "ACTIVE" {
		t.Fatalf("DescribeImages: %+v, pushed %s", out, digest)
	}
	want := `{"result":"SUCCESS","repository-name":"shop/web","image-digest":"` + digest + `","action-type":"PUSH","image-tag":"1.0.0",` +
		`"manifest-media-type":"application/vnd.oci.image.manifest.v1+json","artifact-media-type":"application/vnd.oci.image.config.v1+json"}`
	if diff := cmp.Diff([]string{want}, w.Bus.Details()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	image := pull(t, w, "shop/web:1.0.0")
	if config, err := image.ConfigFile(); err != nil || config.Config.Labels["local.start"] != "3s" || config.Architecture != "amd64" {
		t.Errorf("the config is %+v, %v", config, err)
	}
	if err := validate.Image(image); err != nil {
		t.Errorf("the image comes back broken: %v", err)
	}
}

func pull(t *testing.T, w *ecrtest.World, repositoryAndTag string) v1.Image {
	t.Helper()
	ref, err := name.ParseReference(w.Host + "/" + repositoryAndTag)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref, login(w, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestEqualSpecsMakeOneDigest(t *testing.T) {
	spec := sample.Spec{Content: "x", Created: time.Unix(1, 0), Labels: map[string]string{"a": "b", "c": "d"}}
	first, err := sample.Image(spec)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := sample.Image(spec)
	spec.Content = "y"
	third, _ := sample.Image(spec)
	a, _ := first.Digest()
	b, _ := second.Digest()
	c, _ := third.Digest()
	if a != b || a == c {
		t.Errorf("digests %s, %s of equal specs, %s of another", a, b, c)
	}
}

func TestAPushOfSeveralPlatformsIsAnEventForEachManifest(t *testing.T) {
	w, _ := start(t)
	w.Create(t, "shop/web", "IMMUTABLE")
	digest := push(t, w, sample.Spec{Content: "one", Platforms: []string{"linux/amd64", "linux/arm64"}}, "shop/web:1.0.0")

	var tags []string
	for _, detail := range w.Bus.Details() {
		var d map[string]string
		if err := json.Unmarshal([]byte(detail), &d); err != nil {
			t.Fatal(err)
		}
		tags = append(tags, d["image-tag"])
	}
	if diff := cmp.Diff([]string{"", "", "1.0.0"}, tags); diff != "" {
		t.Errorf("the tags of the events (-want +got):\n%s", diff)
	}
	pulled, err := w.ECR.Pull(w.Host+"/shop/web:1.0.0", w.Who("admin"))
	if err != nil {
		t.Fatal(err)
	}
	if len(pulled.Images) != 2 || pulled.Digest != digest {
		t.Errorf("pulled %+v", pulled)
	}
}

func TestAnImmutableTagStays(t *testing.T) {
	w, host := start(t)
	w.Create(t, "shop/web", "IMMUTABLE")
	push(t, w, sample.Spec{Content: "one"}, "shop/web:1.0.0")
	before := len(w.Bus.Details())
	for name, content := range map[string]string{"another image": "two", "the same image again": "one"} {
		t.Run(name, func(t *testing.T) {
			_, err := sample.Push(context.Background(), sample.Spec{Content: content}, host+"/shop/web:1.0.0", w.Password("admin"))
			want := "TAG_INVALID: The image tag '1.0.0' already exists in the 'shop/web' repository and cannot be overwritten because the tag is immutable."
			if content == "one" && err == nil {
				return // the client sees by HEAD that nothing is to be pushed
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	if after := len(w.Bus.Details()); after != before {
		t.Errorf("%d events for pushes that changed nothing", after-before)
	}
}

func TestAnIndexNeedsItsImages(t *testing.T) {
	w, host := start(t)
	w.Create(t, "shop/web", "MUTABLE")
	image, err := sample.Image(sample.Spec{Content: "one"})
	if err != nil {
		t.Fatal(err)
	}
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{Add: image})
	ref, _ := name.NewTag(host + "/shop/web:1")
	err = remote.Put(ref, index, login(w, "admin"))
	if err == nil || !strings.Contains(err.Error(), "MANIFEST_BLOB_UNKNOWN: Images with digests '[sha256:") {
		t.Errorf("an index without its images: %v", err)
	}
	err = remote.Put(ref, image, login(w, "admin"))
	if err == nil || !strings.Contains(err.Error(), "BLOB_UPLOAD_UNKNOWN: Layers with digests '[sha256:") {
		t.Errorf("an image without its layers: %v", err)
	}
	if len(w.Bus.Details()) != 0 {
		t.Error("an event for a push that failed")
	}
}

func TestAFurtherTagIsAFurtherEvent(t *testing.T) {
	w, host := start(t)
	w.Create(t, "shop/web", "IMMUTABLE")
	push(t, w, sample.Spec{Content: "one"}, "shop/web:1.0.0")
	tag, _ := name.NewTag(host + "/shop/web:latest")
	if err := remote.Tag(tag, pull(t, w, "shop/web:1.0.0"), login(w, "admin")); err != nil {
		t.Fatal(err)
	}
	if got := len(w.Bus.Details()); got != 2 {
		t.Errorf("%d events, want 2", got)
	}
	repository, _ := name.NewRepository(host + "/shop/web")
	tags, err := remote.List(repository, login(w, "admin"))
	slices.Sort(tags)
	if err != nil || !slices.Equal(tags, []string{"1.0.0", "latest"}) {
		t.Errorf("tags %v, %v", tags, err)
	}
}

func TestALargeImageComesBackWhole(t *testing.T) {
	w, host := start(t)
	w.Create(t, "shop/web", "MUTABLE")
	image, err := random.Image(3<<20, 3)
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := name.NewTag(host + "/shop/web:1")
	if err := remote.Write(ref, image, login(w, "admin")); err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(pull(t, w, "shop/web:1")); err != nil {
		t.Error(err)
	}
}

func TestEachStepNeedsItsPermission(t *testing.T) {
	for action, wanted := range map[string]string{
		"ecr:PutImage":                    "ecr:PutImage",
		"ecr:InitiateLayerUpload":         "ecr:InitiateLayerUpload",
		"ecr:UploadLayerPart":             "ecr:UploadLayerPart",
		"ecr:CompleteLayerUpload":         "ecr:CompleteLayerUpload",
		"ecr:BatchCheckLayerAvailability": "ecr:BatchCheckLayerAvailability",
	} {
		t.Run(action, func(t *testing.T) {
			w, host := start(t)
			w.Create(t, "shop/web", "MUTABLE")
			w.Deny("pusher", action)
			_, err := sample.Push(context.Background(), sample.Spec{Content: "one"}, host+"/shop/web:1", w.Password("pusher"))
			switch {
			case err == nil:
				t.Fatal("the push went through")
			case wanted == "ecr:BatchCheckLayerAvailability": // a HEAD: no text
				if !strings.Contains(err.Error(), "403") {
					t.Error(err)
				}
			case !strings.Contains(err.Error(), "DENIED: User: pusher is not authorized to perform: "+wanted+" on resource: "+
				"arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"):
				t.Error(err)
			}
			if len(w.Bus.Details()) != 0 {
				t.Error("an event for a push that was denied")
			}
		})
	}
}

func TestReferrersOfAnImage(t *testing.T) {
	w, host := start(t)
	w.Create(t, "shop/web", "MUTABLE")
	digest := push(t, w, sample.Spec{Content: "one"}, "shop/web:1")
	subject, err := remote.Head(mustRef(t, host+"/shop/web:1"), login(w, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	about, err := sample.Image(sample.Spec{Content: "about one"})
	if err != nil {
		t.Fatal(err)
	}
	artifact := mutate.Subject(about, *subject).(v1.Image)
	own, _ := artifact.Digest()
	if err := remote.Write(mustRef(t, host+"/shop/web@"+own.String()), artifact, login(w, "admin")); err != nil {
		t.Fatal(err)
	}
	ref, _ := name.NewDigest(host + "/shop/web@" + digest)
	index, err := remote.Referrers(ref, login(w, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := index.IndexManifest()
	if len(m.Manifests) != 1 || m.Manifests[0].Digest != own {
		t.Errorf("referrers %+v, want %s", m.Manifests, own)
	}
}

func mustRef(t *testing.T, text string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(text)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestLayersAreDownloadedByWhoeverHasTheAddress(t *testing.T) {
	w, _ := start(t)
	w.Create(t, "shop/web", "MUTABLE")
	push(t, w, sample.Spec{Content: "one"}, "shop/web:1")
	layers, err := pull(t, w, "shop/web:1").Layers()
	if err != nil {
		t.Fatal(err)
	}
	digest, _ := layers[0].Digest()
	var out struct {
		URL string `json:"downloadUrl"`
	}
	w.Must(t, "GetDownloadUrlForLayer", `{"repositoryName":"shop/web","layerDigest":"`+digest.String()+`"}`, &out)
	if body, status := ecrtest.Get(t, out.URL); status != 200 || !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		t.Errorf("status %d, body %q", status, body)
	}
	if _, status := ecrtest.Get(t, strings.Replace(out.URL, "X-Signature=", "X-Signature=x", 1)); status != 403 {
		t.Errorf("status %d with another signature", status)
	}
	w.Pass(61 * time.Minute)
	if _, status := ecrtest.Get(t, out.URL); status != 403 {
		t.Errorf("status %d after an hour", status)
	}
}
