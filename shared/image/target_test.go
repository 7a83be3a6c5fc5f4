package image_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

const uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"

func TestTargets(t *testing.T) {
	containers := []image.Container{
		{Name: "app", Image: uri + "@" + string(one)},
		{Name: "worker", Image: uri + ":v1"},
		{Name: "cache", Image: "public.ecr.aws/docker/library/redis:7"},
		{Name: "web2", Image: uri + "2:v1"},
		{Name: "mirror", Image: strings.Replace(uri, "eu-west-1", "us-east-1", 1)},
	}
	tests := []struct {
		name, configured string
		want             []string
	}{
		{"all containers of the repository", "", []string{"app", "worker"}},
		{"the container that is configured, whatever it runs", "cache", []string{"cache"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := image.Targets(containers, test.configured, uri)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTargetsFindsNone(t *testing.T) {
	containers := []image.Container{{Name: "cache", Image: "redis:7"}}
	for configured, want := range map[string]string{
		"":    "no container of the task definition runs an image of " + uri + "; it has cache (redis:7)",
		"app": `the task definition has no container "app"; it has cache (redis:7)`,
	} {
		_, err := image.Targets(containers, configured, uri)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != fault.ServiceContainer || f.Message != want || f.Fix == "" {
			t.Errorf("container %q: got %v, want %q and a fix", configured, err, want)
		}
	}
}

// TestCheckedHoldsEveryField holds the workflow's ResultSelector possible: it fails on a field that is not there.
func TestCheckedHoldsEveryField(t *testing.T) {
	raw, err := json.Marshal(image.Checked{Runs: []image.Digest{}, Warnings: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"decision":"","reason":"","held":false,"repository":"","repositoryUri":"","tag":"","digest":"","mediaType":"","platform":"","version":"","runs":[],` +
		`"time":"0001-01-01T00:00:00Z","sweep":"","replaces":"","verify":false,"running":{"taskDefinition":"","digest":"","sequence":0},"copies":"","warnings":[]}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
}
