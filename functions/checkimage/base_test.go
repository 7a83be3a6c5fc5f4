package checkimage_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// TestWhatIsCopied looks at a service that runs revision 41, which an execution of ours made of revision 40.
func TestWhatIsCopied(t *testing.T) {
	foreign := func(w *world) revised { return revised{definition: w.services.definition} }
	ours := func(w *world) revised { return revised{w.services.definition, w.services.tags} }
	tests := []struct {
		name    string
		base    string
		world   func(*world)
		copies  int
		warning string
	}{
		{"nothing was added", config.BaseFamily, func(*world) {}, 41, ""},
		{"under the base service, what somebody has added is a warning", config.BaseService, func(w *world) { w.services.more = map[int]revised{43: foreign(w)} }, 41,
			"shop-web:43 was registered after what the service runs, and not by Fairlead"},
		{"under the base family it is copied", config.BaseFamily, func(w *world) { w.services.more = map[int]revised{43: foreign(w)} }, 43, ""},
		{"of two the newest is", config.BaseFamily, func(w *world) { w.services.more = map[int]revised{42: foreign(w), 43: foreign(w)} }, 43, ""},
		{"what our own executions have registered is not", config.BaseFamily, func(w *world) { w.services.more = map[int]revised{42: foreign(w), 43: ours(w), 44: ours(w)} }, 42, ""},
		{"what was registered before the base of what runs is not", config.BaseFamily, func(w *world) { w.services.more = map[int]revised{39: foreign(w)} }, 41, ""},
		{"what was registered while what runs was made is", config.BaseFamily, func(w *world) {
			w.services.more = map[int]revised{40: foreign(w)}
			w.services.tags[2].Value = aws.String("39")
		}, 40, ""},
		{"what runs was copied from is not copied again", config.BaseFamily, func(w *world) {
			w.services.more = map[int]revised{40: foreign(w)}
			w.services.tags[2].Value = aws.String("38")
			w.services.tags = append(w.services.tags, ecstypes.Tag{Key: aws.String("fairlead:copied"), Value: aws.String("40")})
		}, 41, ""},
		{"where a person's revision runs, only a newer one is", config.BaseFamily, func(w *world) {
			w.services.tags = nil
			w.services.more = map[int]revised{40: foreign(w)}
		}, 41, ""},
		{"an image that runs already takes nothing along", config.BaseFamily, func(w *world) {
			w.services.more = map[int]revised{43: foreign(w)}
			w.services.definition.ContainerDefinitions[0].Image = aws.String(uri + "@" + string(w.registry.tags["v1"]))
		}, 41, "the changes of arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:43 go out with the next image"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := sound(t)
			w.config.Base = test.base
			test.world(w)
			got, err := w.check(event("v1", ""))
			if err != nil {
				t.Fatal(err)
			}
			if got.Copies != revisionARN(test.copies) || got.Running.TaskDefinition != definition || got.Decision != image.Deploy {
				t.Errorf("%s: copies %s, runs %s", got.Decision, got.Copies, got.Running.TaskDefinition)
			}
			if says := strings.Contains(got.Reason, "copied from"); says != (test.copies != 41) {
				t.Error(got.Reason)
			}
			if warnings := strings.Join(got.Warnings, "\n"); !strings.Contains(warnings, test.warning) || (test.warning == "") != (warnings == "") {
				t.Errorf("warnings %q, want %q", warnings, test.warning)
			}
		})
	}
}

// TestWhatIsCopiedIsChecked gives the family a newer revision that cannot be deployed: what the service runs could be.
func TestWhatIsCopiedIsChecked(t *testing.T) {
	tests := map[string]struct {
		change func(*ecstypes.TaskDefinition)
		code   fault.Code
		says   string
	}{
		"a role that is not configured": {func(d *ecstypes.TaskDefinition) { d.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/admin") }, fault.ServiceRole,
			"shop-web:43 has the taskRole arn:aws:iam::123456789012:role/admin"},
		"another platform": {func(d *ecstypes.TaskDefinition) {
			d.RuntimePlatform = &ecstypes.RuntimePlatform{CpuArchitecture: ecstypes.CPUArchitectureArm64}
		}, fault.ImagePlatformMissing, "shop-web:43 runs on linux/arm64"},
		"no container of ours": {func(d *ecstypes.TaskDefinition) { d.ContainerDefinitions = d.ContainerDefinitions[1:] }, fault.ServiceContainer, "no container"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			w.config.Base = config.BaseFamily
			added := w.services.definition
			test.change(&added)
			w.services.more = map[int]revised{43: {definition: added}}
			_, err := w.check(event("v1", ""))
			if f := fault.From(err); f == nil || f.Code != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %s that says %q", err, test.code, test.says)
			}
		})
	}
}
