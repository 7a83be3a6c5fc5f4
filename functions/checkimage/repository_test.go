package checkimage_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
)

// TestARepositoryThatSomebodyElseHasMade wants warnings of how it is set up, and a push to go out all the same.
func TestARepositoryThatSomebodyElseHasMade(t *testing.T) {
	const expiring = `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":9},"action":{"type":"expire"}}]}`
	const look, push = `{"service":"web","dryRun":true}`, "push"
	gated := func(w *world) {
		policy := scan.Default()
		w.config.Gates.Scan = &policy
	}
	for name, test := range map[string]struct {
		world func(*world)
		input string
		want  []string // how the warnings begin
		asked []string
	}{
		"one that is as it should be":               {func(*world) {}, look, nil, []string{"lifecycle shop/web"}},
		"a push to it":                              {func(*world) {}, push, nil, []string{"lifecycle shop/web"}},
		"its tags can be moved":                     {func(w *world) { w.pushedAt(start, ecrtypes.ImageTagMutabilityMutable) }, look, []string{"tags of repository shop/web can be put on another image"}, []string{"lifecycle shop/web"}},
		"the tag that is pushed can be":             {func(w *world) { w.pushedAt(start, ecrtypes.ImageTagMutabilityMutable) }, push, []string{"tag v1 of repository shop/web can be put on another image"}, []string{"lifecycle shop/web"}},
		"its images expire":                         {func(w *world) { w.settings.lifecycle = expiring }, look, []string{"rule 1 of the lifecycle policy of repository shop/web expires images with any tag"}, []string{"lifecycle shop/web"}},
		"its images expire, at a push":              {func(w *world) { w.settings.lifecycle = expiring }, push, []string{"rule 1 of the lifecycle policy"}, []string{"lifecycle shop/web"}},
		"its lifecycle policy is none":              {func(w *world) { w.settings.lifecycle = "x" }, look, []string{"whether images of repository shop/web expire while they run was not checked: ask ECR: read the lifecycle policy"}, []string{"lifecycle shop/web"}},
		"ECR denies the read":                       {func(w *world) { w.settings.err = errors.New("denied") }, push, []string{"whether images of repository shop/web expire while they run was not checked: ask ECR: denied"}, []string{"lifecycle shop/web"}},
		"nothing scans it, and the gate is off":     {func(w *world) { w.settings.scanned = false }, look, nil, []string{"lifecycle shop/web"}},
		"nothing scans it, and the gate is on":      {func(w *world) { gated(w); w.settings.scanned = false }, look, []string{"nothing scans the images of repository shop/web"}, []string{"scanning shop/web", "lifecycle shop/web"}},
		"it is scanned, and the gate is on":         {gated, look, nil, []string{"scanning shop/web", "lifecycle shop/web"}},
		"at a push JudgeScan asks about the scan":   {func(w *world) { gated(w); w.settings.scanned = false }, push, nil, []string{"lifecycle shop/web"}},
		"whether it is scanned cannot be found out": {func(w *world) { gated(w); w.settings.err = errors.New("denied") }, look, []string{"whether repository shop/web is scanned on push was not checked: ", "whether images of"}, []string{"scanning shop/web", "lifecycle shop/web"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			test.world(w)
			input, want := test.input, image.Skip
			if input == push {
				input, want = event("v1", ""), image.Deploy
				if w.config.Gates.Scan != nil {
					want = image.Scan
				}
			}
			got, err := w.check(input)
			if err != nil || got.Decision != want {
				t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
			}
			if !slices.EqualFunc(got.Warnings, test.want, strings.HasPrefix) {
				t.Errorf("it warns %q, want %q", got.Warnings, test.want)
			}
			if diff := cmp.Diff(test.asked, w.settings.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
