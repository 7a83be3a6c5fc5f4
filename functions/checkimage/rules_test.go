package checkimage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/gate/rules"
	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
)

// pushedAt lets ECR say when the image was pushed, and which tags can be moved.
func (w *world) pushedAt(at time.Time, setting ecrtypes.ImageTagMutability, exclusions ...string) {
	digest := w.registry.tags["v1"]
	w.registry.describeImages = func(*ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) {
		return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{{ImageDigest: aws.String(string(digest)), ImagePushedAt: &at}}}, nil
	}
	w.registry.describeRepositories = func(*ecr.DescribeRepositoriesInput) (*ecr.DescribeRepositoriesOutput, error) {
		r := ecrtypes.Repository{RepositoryUri: aws.String(uri), ImageTagMutability: setting}
		for _, filter := range exclusions {
			r.ImageTagMutabilityExclusionFilters = append(r.ImageTagMutabilityExclusionFilters, ecrtypes.ImageTagMutabilityExclusionFilter{Filter: &filter})
		}
		return &ecr.DescribeRepositoriesOutput{Repositories: []ecrtypes.Repository{r}}, nil
	}
}

func TestTheBaseRules(t *testing.T) {
	all := &rules.Policy{ImmutableTag: true, MaxAge: time.Hour}
	young, old := start.Add(-time.Minute), start.Add(-2*time.Hour)
	back := func(w *world) string {
		return `{"service":"web","tag":"v1","allowOlder":{"replaces":"` + string(w.services.running()) + `"}}`
	}
	for name, test := range map[string]struct {
		gate  *rules.Policy
		world func(*world)
		input func(*world) string
		want  fault.Code // "" for what is deployed
	}{
		"a gate that is off":                    {nil, func(w *world) { w.pushedAt(old, ecrtypes.ImageTagMutabilityMutable) }, text(event("v1", "")), ""},
		"an image that keeps the rules":         {all, func(w *world) { w.pushedAt(young, ecrtypes.ImageTagMutabilityImmutable) }, text(event("v1", "")), ""},
		"an exclusion that does not take it":    {all, func(w *world) { w.pushedAt(young, ecrtypes.ImageTagMutabilityImmutableWithExclusion, "latest") }, text(event("v1", "")), ""},
		"a tag that can be moved":               {all, func(w *world) { w.pushedAt(young, ecrtypes.ImageTagMutabilityMutable) }, text(event("v1", "")), fault.ImageTagMutable},
		"an exclusion that takes it":            {all, func(w *world) { w.pushedAt(young, ecrtypes.ImageTagMutabilityImmutableWithExclusion, "latest", "v*") }, text(event("v1", "")), fault.ImageTagMutable},
		"an image that is too old":              {all, func(w *world) { w.pushedAt(old, ecrtypes.ImageTagMutabilityImmutable) }, text(event("v1", "")), fault.ImageTooOld},
		"an old image that an operator goes to": {all, func(w *world) { w.pushedAt(old, ecrtypes.ImageTagMutabilityImmutable) }, back, ""},
		"an old image that an operator deploys": {all, func(w *world) { w.pushedAt(old, ecrtypes.ImageTagMutabilityImmutable) }, text(`{"service":"web","tag":"v1"}`), fault.ImageTooOld},
		"a dry run of what would be refused":    {all, func(w *world) { w.pushedAt(old, ecrtypes.ImageTagMutabilityImmutable) }, text(`{"service":"web","tag":"v1","dryRun":true}`), fault.ImageTooOld},
		"a digest, whatever the tags do":        {all, func(w *world) { w.pushedAt(young, ecrtypes.ImageTagMutabilityMutable) }, func(w *world) string { return `{"service":"web","digest":"` + string(w.registry.tags["v1"]) + `"}` }, ""},
		"what is no image is skipped, not refused": {all, func(w *world) {
			w.registry.put("v1", image.OCIManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"}}`)
			w.pushedAt(old, ecrtypes.ImageTagMutabilityMutable)
		}, text(event("v1", "")), "skip"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			w.config.Gates = config.Gates{Image: test.gate}
			test.world(w)
			got, err := w.check(test.input(w))
			switch {
			case test.want == "" || test.want == "skip":
				if err != nil || got.Decision != map[fault.Code]string{"": image.Deploy, "skip": image.Skip}[test.want] {
					t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
				}
			case fault.From(err) == nil || fault.From(err).Code != test.want:
				t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
			}
		})
	}
}

// running is the digest that the service runs.
func (s *services) running() image.Digest { return old }

func TestTheScanOfAnImageIsLeftToTheNextState(t *testing.T) {
	policy := scan.Default()
	w := sound(t)
	w.config.Gates.Scan = &policy
	if got, err := w.check(event("v1", "")); err != nil || got.Decision != image.Scan || !strings.Contains(got.Reason, "goes to app of service web") {
		t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
	}
	got, err := w.check(`{"service":"web","tag":"v1","dryRun":true}`)
	if err != nil || got.Decision != image.Skip || !strings.Contains(got.Reason, "dry run: if its scan lets it pass and no newer push holds the claim") {
		t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
	}
}

func TestWhichImagesMayRun(t *testing.T) {
	const other = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	entry := func(digest image.Digest, platform string) string {
		return strings.TrimSuffix(strings.SplitAfter(index(digest, platform), `"manifests":[`)[1], "]}")
	}
	of := func(entries ...string) string {
		return `{"schemaVersion":2,"mediaType":"` + image.OCIIndex + `","manifests":[` + strings.Join(entries, ",") + `]}`
	}
	const amd, arm = `"os":"linux","architecture":"amd64"`, `"os":"linux","architecture":"arm64"`
	anywhere := func(w *world) { w.services.service.LaunchType = ecstypes.LaunchTypeEc2 }
	for name, test := range map[string]struct {
		world func(*world)
		index string
		want  []image.Digest
	}{
		"of an index that for the platform":      {nil, of(entry(old, arm), entry(other, amd)), []image.Digest{other}},
		"of an index all that are for it":        {nil, of(entry(old, amd), entry(other, amd)), []image.Digest{old, other}},
		"of an index all where it is not known":  {anywhere, of(entry(old, arm), entry(other, amd)), []image.Digest{old, other}},
		"of an index with attestations no other": {anywhere, of(entry(old, arm), entry(other, `"os":"unknown","architecture":"unknown"`)), []image.Digest{old}},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			if test.world != nil {
				test.world(w)
			}
			w.registry.put("v1", image.OCIIndex, test.index)
			got, err := w.check(event("v1", ""))
			if diff := cmp.Diff(test.want, got.Runs); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	t.Run("too many that may run are not looked at", func(t *testing.T) {
		policy := scan.Default()
		w := sound(t)
		anywhere(w)
		w.config.Gates.Scan = &policy
		var entries []string
		for range 17 {
			entries = append(entries, entry(old, amd))
		}
		w.registry.put("v1", image.OCIIndex, of(entries...))
		if _, err := w.check(event("v1", "")); fault.From(err) == nil || fault.From(err).Code != fault.ImageNotScanned {
			t.Error(err)
		}
	})
}
