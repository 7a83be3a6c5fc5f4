package ecr

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReferences(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		text string
		want reference
		bad  bool
	}{
		"a tag":                            {text: "127.0.0.1:4566/shop/web:1.2.3", want: reference{host: "127.0.0.1:4566", name: "shop/web", tag: "1.2.3"}},
		"a digest":                         {text: "127.0.0.1:4566/shop/web@" + digest, want: reference{host: "127.0.0.1:4566", name: "shop/web", digest: digest}},
		"a tag and a digest":               {text: "127.0.0.1:4566/web:1@" + digest, want: reference{host: "127.0.0.1:4566", name: "web", tag: "1", digest: digest}},
		"neither is latest":                {text: "localhost/web", want: reference{host: "localhost", name: "web", tag: "latest"}},
		"no host is Docker Hub":            {text: "nginx:1", want: reference{host: "docker.io", name: "nginx", tag: "1"}},
		"a first part that is no host":     {text: "library/nginx", want: reference{host: "docker.io", name: "library/nginx", tag: "latest"}},
		"a digest that is too short":       {text: "127.0.0.1:4566/web@sha256:00", bad: true},
		"a digest of another kind":         {text: "127.0.0.1:4566/web@sha512:" + strings.Repeat("00", 64), bad: true},
		"an empty tag":                     {text: "127.0.0.1:4566/web:", bad: true},
		"a tag with a blank":               {text: "127.0.0.1:4566/web:a b", bad: true},
		"upper case in the name":           {text: "127.0.0.1:4566/Web:1", bad: true},
		"no name":                          {text: "127.0.0.1:4566/:1", bad: true},
		"nothing":                          {text: "", bad: true},
		"a path that leaves the directory": {text: "127.0.0.1:4566/../web:1", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseReference(c.text)
			if (err != nil) != c.bad || !c.bad && got != c.want {
				t.Errorf("parseReference(%q) = %+v, %v", c.text, got, err)
			}
		})
	}
}

func FuzzReference(f *testing.F) {
	f.Add("127.0.0.1:4566/shop/web:1.2.3")
	f.Add("h.io/a@sha256:" + strings.Repeat("00", 32))
	f.Add("a/b/c:d@e")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseReference(text)
		if err != nil {
			return
		}
		again := r.host + "/" + r.name
		if r.tag != "" {
			again += ":" + r.tag
		}
		if r.digest != "" {
			again += "@" + r.digest
		}
		if second, err := parseReference(again); err != nil || second != r {
			t.Errorf("%q is %+v; written out, %q, it is %+v, %v", text, r, again, second, err)
		}
	})
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"latest", "latest", true}, {"latest", "latest2", false}, {"latest*", "latest", true}, {"latest*", "latest-2", true},
		{"*-rc", "1.0-rc", true}, {"*-rc", "1.0-rc2", false}, {"v*.*", "v1.2", true}, {"v*.*", "v12", false},
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-b-b-d", false},
	} {
		if got := wildcard(c.pattern, c.text); got != c.want {
			t.Errorf("wildcard(%q, %q) = %t", c.pattern, c.text, got)
		}
	}
}

func TestFindingsLabel(t *testing.T) {
	got, err := parseFindings("LOW:2, CVE-2026-1:HIGH:openssl@3.0.1>3.0.2,GHSA-1:CRITICAL:@scope/name, CVE-2:UNDEFINED")
	want := []Finding{{Name: "GHSA-1", Severity: "CRITICAL", Package: "@scope/name"}, {"CVE-2026-1", "HIGH", "openssl", "3.0.1", "3.0.2"},
		{Name: "LOCAL-LOW-1", Severity: "LOW"}, {Name: "LOCAL-LOW-2", Severity: "LOW"}, {Name: "CVE-2", Severity: "UNDEFINED"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, bad := range []string{"HIGH", "HIGH:0", "HIGH:x", "high:1", "HIGH:1,,LOW:1", "WORST:1", "HIGH:99999", "CVE-1", "CVE-1:WORST", ":HIGH", "CVE-1:"} {
		if got, err := parseFindings(bad); err == nil {
			t.Errorf("parseFindings(%q) = %v", bad, got)
		}
	}
}

func TestScanLabel(t *testing.T) {
	for label, want := range map[string]scanBehaviour{"": {takes: scanTime}, "90s": {takes: 90 * time.Second}, "0s": {}, "early:4m": {takes: 4 * time.Minute, early: true}, "fails": {takes: scanTime, fails: true}, "hangs": {takes: scanTime, never: true}} {
		if got, err := parseScan(label); err != nil || got != want {
			t.Errorf("%q is %+v, %v", label, got, err)
		}
	}
	for _, bad := range []string{"90", "-1s", "never", "25h", "early", "early:", "early:fails"} {
		if got, err := parseScan(bad); err == nil {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}
