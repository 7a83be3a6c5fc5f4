package intoto_test

import (
	"strings"
	"testing"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/intoto"
	"fairlead/shared/image"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

func TestAbout(t *testing.T) {
	s, err := intoto.Parse(gatetest.Statement(t, "x", two, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.About(one); err == nil || !strings.Contains(err.Error(), string(two)) {
		t.Errorf("another image: %v", err)
	}
	if err := (intoto.Statement{}).About(one); err == nil {
		t.Error("a statement about nothing is about everything")
	}
	for name, digest := range map[string]map[string]string{
		"of another algorithm": {"sha512": strings.TrimPrefix(string(one), "sha256:")}, "with its algorithm": {"sha256": string(one)}} {
		if (intoto.Statement{Subject: []intoto.Subject{{Digest: digest}}}).About(one) == nil {
			t.Errorf("a digest %s counts", name)
		}
	}
}
