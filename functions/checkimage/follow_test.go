package checkimage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

func swept(tag string, digest image.Digest) string {
	return `{"service":"web","tag":"` + tag + `","sweep":{"digest":"` + string(digest) + `","pushedAt":"2026-11-23T07:00:00Z"}}`
}

func TestAPushThatTheSweepHasFound(t *testing.T) {
	w := sound(t)
	got, err := w.check(swept("v1", w.registry.tags["v1"]))
	if err != nil || got.Decision != image.Deploy || got.Sweep != "push" || !got.Time.Equal(start.Add(-3610e9)) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, test := range map[string]struct {
		change func(*world)
		says   string
	}{
		"a tag that names another image by now": {func(w *world) { w.registry.push("v1", "linux", "arm64") }, "that is a push of its own"},
		"a tag that the policy does not take":   {func(w *world) { w.config.IgnoreTags = []string{"v*"} }, "tag v1 is ignored"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			input := swept("v1", w.registry.tags["v1"])
			test.change(w)
			got, err := w.check(input)
			if err != nil || got.Decision != image.Skip || !strings.Contains(got.Reason, test.says) {
				t.Errorf("%s because %q, %v", got.Decision, got.Reason, err)
			}
		})
	}
}

func follows(taskDefinition, more string) string {
	return `{"service":"web","tag":"v0","sweep":{"follow":"` + taskDefinition + `"}` + more + `}`
}

func TestARolloutThatTheSweepHasFound(t *testing.T) {
	w := sound(t)
	got, err := w.check(follows(definition, ""))
	if err != nil {
		t.Fatal(err)
	}
	want := image.Checked{
		Decision:   image.Deploy,
		Reason:     "the rollout of shop/web:v0 (" + string(old) + ") as shop-web:41 is followed to its end: execution x has left it",
		Repository: "shop/web", RepositoryURI: uri, Tag: "v0", Digest: old, Time: start, Sweep: "rollout", Copies: definition,
		Running: image.Running{TaskDefinition: definition, Digest: old, Sequence: 7}, Runs: []image.Digest{}, Warnings: []string{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARolloutThatIsNotFollowed(t *testing.T) {
	for name, test := range map[string]struct {
		input  string
		change func(*world)
		says   string
	}{
		"the service is pointed elsewhere": {follows(revisionARN(42), ""), nil, "the service is pointed at shop-web:41 by now"},
		"a person's revision":              {follows(definition, ""), func(w *world) { w.services.tags = nil }, "was not made by Fairlead"},
		"a dry run":                        {follows(definition, `,"dryRun":true`), nil, "would be followed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			if test.change != nil {
				test.change(w)
			}
			got, err := w.check(test.input)
			if err != nil || got.Decision != image.Skip || !strings.Contains(got.Reason, test.says) {
				t.Errorf("%s because %q, %v", got.Decision, got.Reason, err)
			}
		})
	}
	w := sound(t)
	w.services.service.Status = nil
	if _, err := w.check(follows(definition, "")); fault.From(err).Code != fault.ServiceNotActive {
		t.Errorf("a service that is gone: %v", err)
	}
}
