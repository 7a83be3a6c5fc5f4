package ecr_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/ecr"
	"fairlead/local/ecr/ecrtest"
)

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
