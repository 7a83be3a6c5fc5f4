package image_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/image"
)

const one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")

func TestParseReference(t *testing.T) {
	const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
	tests := []struct {
		name, text string
		want       image.Reference
	}{
		{"a repository of ECR by digest", ecr + "@" + string(one), image.Reference{Name: ecr, Digest: one}},
		{"a repository of ECR by tag", ecr + ":v1", image.Reference{Name: ecr, Tag: "v1"}},
		{"tag and digest", ecr + ":v1@" + string(one), image.Reference{Name: ecr, Tag: "v1", Digest: one}},
		{"neither", "nginx", image.Reference{Name: "nginx"}},
		{"the colon of a port is not that of a tag", "127.0.0.1:4566/shop/web", image.Reference{Name: "127.0.0.1:4566/shop/web"}},
		{"a port and a tag", "127.0.0.1:4566/shop/web:v1", image.Reference{Name: "127.0.0.1:4566/shop/web", Tag: "v1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := image.ParseReference(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if got.String() != test.text {
				t.Errorf("it is written as %s", got)
			}
		})
	}
}

func TestParseReferenceRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                   "",
		"a tag alone":               ":v1",
		"a digest alone":            "@" + string(one),
		"another algorithm":         "web@sha512:" + strings.Repeat("1", 128),
		"a short digest":            "web@sha256:11",
		"a digest in capitals":      "web@sha256:" + strings.Repeat("A", 64),
		"two digests":               "web@" + string(one) + "@" + string(one),
		"an empty tag":              "web:",
		"a tag with a blank":        "web:v 1",
		"an empty part of the path": "shop//web",
		"a blank in the name":       "shop/ web",
		"a colon in the path":       "host:5000/shop:x/web",
		"a port without a host":     ":5000/shop/web",
	} {
		if got, err := image.ParseReference(text); err == nil {
			t.Errorf("%s: %q is taken as %+v", name, text, got)
		}
	}
}

func TestPin(t *testing.T) {
	if got, want := image.Pin("host/shop/web", one).String(), "host/shop/web@"+string(one); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParseReference(f *testing.F) {
	for _, seed := range []string{"nginx", "127.0.0.1:4566/shop/web:v1@" + string(one), "a:b/c:d", "@", ":", "a@b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := image.ParseReference(text)
		if err != nil {
			return
		}
		if ref.String() != text {
			t.Fatalf("%q is written as %q", text, ref)
		}
		if strings.ContainsAny(ref.Name, "@ ") || ref.Name == "" {
			t.Fatalf("%q has the name %q", text, ref.Name)
		}
		// What a name and a digest make is read as the same name: a registration cannot name another repository.
		again, err := image.ParseReference(image.Pin(ref.Name, one).String())
		if err != nil || again != image.Pin(ref.Name, one) {
			t.Fatalf("%q pinned is %+v (%v)", ref.Name, again, err)
		}
	})
}
