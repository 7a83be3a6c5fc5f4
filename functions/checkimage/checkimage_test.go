package checkimage_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/checkimage"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/tag"
)

func TestAPushIsDeployed(t *testing.T) {
	w := sound(t)
	digest := w.registry.tags["v1"]
	got, err := w.check(event("v1", digest))
	if err != nil {
		t.Fatal(err)
	}
	want := image.Checked{
		Decision:   image.Deploy,
		Reason:     "shop/web:v1 (" + string(digest) + ") goes to app of service web in cluster prod, which runs shop-web:41",
		Repository: "shop/web", RepositoryURI: uri, Tag: "v1", Digest: digest, MediaType: image.OCIManifest, Platform: "linux/amd64", Runs: []image.Digest{digest},
		Time: start.Add(-10e9), Running: image.Running{TaskDefinition: definition, Digest: old, Sequence: 7}, Copies: definition, Warnings: []string{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"web " + execution}, w.looked); diff != "" {
		t.Errorf("one session of the service's role, for this execution: %s", diff)
	}
}

// TestWhatIsDeployed looks at inputs that go on, and what the document says of them.
func TestWhatIsDeployed(t *testing.T) {
	tests := []struct {
		name    string
		world   func(*world)
		input   func(*world) string
		want    func(*world) image.Digest
		warning string
	}{
		{"an operator's tag", nil, text(`{"service":"web","tag":"v1"}`), tagged("v1"), ""},
		{"an operator's digest", nil, func(w *world) string { return `{"service":"web","digest":"` + string(w.registry.tags["v1"]) + `"}` }, tagged("v1"), ""},
		{"an operator's tag that the policy does not take", func(w *world) { w.config.IgnoreTags = []string{"v*"} }, text(`{"service":"web","tag":"v1"}`), tagged("v1"),
			`tag v1 is ignored: ignoreTags has "v*"; it is deployed because an operator named it`},
		{"a tag that has moved on since the event", nil, func(*world) string { return event("v1", old) }, tagged("v1"),
			"the event names " + string(old) + "; tag v1 has been put on "},
		{"an event without a digest", nil, text(event("v1", "")), tagged("v1"), ""},
		{"an image for a Windows of the right build", func(w *world) {
			w.services.definition.RuntimePlatform = &ecstypes.RuntimePlatform{OperatingSystemFamily: ecstypes.OSFamilyWindowsServer2022Core}
			w.registry.put("v1", image.OCIIndex, index(old, `"os":"windows","architecture":"amd64","os.version":"10.0.20348.2227"`))
		}, text(event("v1", "")), tagged("v1"), ""},
		{"an index with the platform among others", func(w *world) {
			w.registry.put("v1", image.OCIIndex, index(old, `"os":"linux","architecture":"arm64"`, `"os":"linux","architecture":"amd64"`, `"os":"unknown","architecture":"unknown"`))
		}, text(event("v1", "")), tagged("v1"), ""},
		{"an index that names no platform, but its image does", func(w *world) {
			w.registry.put("v1", image.OCIIndex, index(w.registry.tags["v1"], ""))
		}, text(event("v1", "")), tagged("v1"), ""},
		{"a task definition that runs on any instance", func(w *world) {
			w.services.definition.RequiresCompatibilities = []ecstypes.Compatibility{ecstypes.CompatibilityEc2}
			w.registry.push("v1", "linux", "arm64")
		}, text(event("v1", "")), tagged("v1"), "runs on instances of any: the image's platform was not checked"},
		{"a service on EC2 whose task definition could run on Fargate as well", func(w *world) {
			w.services.service.LaunchType = ecstypes.LaunchTypeEc2
			w.registry.push("v1", "linux", "arm64")
		}, text(event("v1", "")), tagged("v1"), "runs on instances of any"},
		{"a service on capacity of its own", func(w *world) {
			w.services.service.CapacityProviderStrategy = []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("graviton")}}
			w.registry.push("v1", "linux", "arm64")
		}, text(event("v1", "")), tagged("v1"), "runs on instances of any"},
		{"a task definition of a system that is not known yet", func(w *world) {
			w.services.definition.RuntimePlatform = &ecstypes.RuntimePlatform{OperatingSystemFamily: "WINDOWS_SERVER_2030_CORE"}
		}, text(event("v1", "")), tagged("v1"), "WINDOWS_SERVER_2030_CORE is unknown to this version of Fairlead"},
		{"a task definition without a task role", func(w *world) { w.services.definition.TaskRoleArn = nil }, text(event("v1", "")), tagged("v1"),
			"the configuration names the taskRole arn:aws:iam::123456789012:role/task, and task definition shop-web:41 has none"},
		{"a task definition without a task role, where none is configured", func(w *world) { w.services.definition.TaskRoleArn, w.config.TaskRole = nil, "" }, text(event("v1", "")), tagged("v1"), ""},
		{"a task definition that names its role without an ARN", func(w *world) { w.services.definition.TaskRoleArn = aws.String("task") }, text(event("v1", "")), tagged("v1"), ""},
		{"a service with the controller ECS", func(w *world) {
			w.services.service.DeploymentController = &ecstypes.DeploymentController{Type: ecstypes.DeploymentControllerTypeEcs}
		}, text(event("v1", "")), tagged("v1"), ""},
		{"a container that is configured, whatever it runs", func(w *world) { w.config.Container = "proxy" }, text(event("v1", "")), tagged("v1"), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := sound(t)
			if test.world != nil {
				test.world(w)
			}
			got, err := w.check(test.input(w))
			if err != nil {
				t.Fatal(err)
			}
			if got.Decision != image.Deploy || got.Digest != test.want(w) {
				t.Errorf("%s of %s: %s", got.Decision, got.Digest, got.Reason)
			}
			if warnings := strings.Join(got.Warnings, "\n"); !strings.Contains(warnings, test.warning) || (test.warning == "") != (warnings == "") {
				t.Errorf("warnings %q, want %q", warnings, test.warning)
			}
		})
	}
}

func TestWhatIsSkipped(t *testing.T) {
	const layer = `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"` + string(old) + `"},"layers":[{"mediaType":"MEDIA","digest":"` + string(old) + `"}]}`
	signature := "sha256-" + strings.Repeat("0", 64) + ".sig"
	tests := []struct {
		name  string
		world func(*world)
		input string
		want  string
		looks bool // whether AWS is asked at all
	}{
		{"an untagged push", nil, event("", old), "the push has no tag", false},
		{"a push to another repository", nil, strings.Replace(event("v1", ""), "shop/web", "shop/api", 1), "the push was to repository shop/api; service web is deployed from shop/web", false},
		{"a deletion", nil, strings.Replace(event("v1", ""), "PUSH", "DELETE", 1), "the event is about the action DELETE", false},
		{"a signature's tag", nil, event(signature, ""), "is a signature, not an image to run", false},
		{"a tag outside the policy", func(w *world) { w.config.TagPolicy, _ = tag.New(tag.Glob, "release-*") }, event("v1", ""), `tag v1 does not match the tag policy glob "release-*"`, false},
		{"a signature under an ordinary tag", func(w *world) {
			w.registry.put("v1", image.OCIManifest, strings.Replace(layer, "MEDIA", "application/vnd.dev.cosign.simplesigning.v1+json", 1))
		}, event("v1", ""), "is a signature, not an image to run", true},
		{"an attestation that an operator names", func(w *world) {
			w.registry.put("v1", image.OCIManifest, strings.Replace(layer, "MEDIA", "application/vnd.in-toto+json", 1))
		}, `{"service":"web","tag":"v1"}`, "is an attestation, not an image to run", true},
		{"a Helm chart", func(w *world) {
			w.registry.put("v1", image.OCIManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"}}`)
		}, event("v1", ""), "is an artifact of type application/vnd.cncf.helm.config.v1+json, not an image to run", true},
		{"a dry run", nil, `{"service":"web","tag":"v1","dryRun":true}`, "dry run: if no newer push holds the claim, shop-web:41 would be copied with the image " + uri + "@sha256:", true},
		{"a dry run of what runs already", func(w *world) {
			w.services.definition.ContainerDefinitions[0].Image = aws.String(uri + "@" + string(w.registry.tags["v1"]))
		}, `{"service":"web","tag":"v1","dryRun":true}`, "is what app of service web in cluster prod runs already", true},
		{"a dry run of going back from what does not run", nil, `{"service":"web","tag":"v1","dryRun":true,"allowOlder":{"replaces":"sha256:` + strings.Repeat("f", 64) + `"}}`,
			"dry run: nothing would be done, for app of service web in cluster prod does not run sha256:ffff", true},
		{"going back from what does not run, which is what a replay of going back is", nil, `{"service":"web","tag":"v1","allowOlder":{"replaces":"sha256:` + strings.Repeat("f", 64) + `"}}`,
			"allowOlder replaces sha256:" + strings.Repeat("f", 64) + ", and the service runs ", true},
		{"a dry run of an event", nil, strings.Replace(event("v1", ""), "{", `{"dryRun":true,`, 1), "dry run: if no newer push", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := sound(t)
			if test.world != nil {
				test.world(w)
			}
			got, err := w.check(test.input)
			if err != nil {
				t.Fatal(err)
			}
			if got.Decision != image.Skip || !strings.Contains(got.Reason, test.want) {
				t.Errorf("%s: %s\nwant %s", got.Decision, got.Reason, test.want)
			}
			if (len(w.looked) > 0) != test.looks {
				t.Errorf("AWS was asked: %t, want %t", len(w.looked) > 0, test.looks)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: ecr:DescribeImages"}
	tests := []struct {
		name  string
		world func(*world)
		input string
		want  fault.Code
		text  string
	}{
		{"an unknown service", nil, `{"service":"shop","tag":"v1"}`, fault.UnknownName, `no service "shop" is configured; there are web`},
		{"a role in the input", nil, `{"service":"web","tag":"v1","taskRole":"admin"}`, fault.InputInvalid, `unknown key "taskRole"`},
		{"a repository that is gone", func(w *world) { w.config.Repository = "shop/none" }, `{"service":"web","tag":"v1"}`, fault.RepositoryNotFound, "there is no repository shop/none in ECR"},
		{"a tag that is gone", nil, event("v2", ""), fault.ImageNotFound, "ECR has no image shop/web:v2"},
		{"a digest that is not there", nil, `{"service":"web","digest":"` + string(old) + `"}`, fault.ImageNotFound, "ECR has no image shop/web@" + string(old)},
		{"an archived image", func(w *world) {
			w.registry.describeImages = func(*ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) {
				return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{{ImageDigest: aws.String(string(old)), ImageStatus: ecrtypes.ImageStatusArchived}}}, nil
			}
		}, event("v1", ""), fault.ImageNotActive, "image shop/web:v1 is ARCHIVED"},
		{"an image that was deleted in between", func(w *world) {
			delete(w.registry.blobs, configOf(w))
			w.registry.batchGetImage = missing(ecrtypes.ImageFailureCodeImageNotFound)
		},
			event("v1", ""), fault.ImageNotFound, "was deleted"},
		{"an upstream that is down", func(w *world) { w.registry.batchGetImage = missing(ecrtypes.ImageFailureCodeUpstreamUnavailable) }, event("v1", ""), fault.AWSUnavailable, "UpstreamUnavailable"},
		{"a key that ECR may not use", func(w *world) { w.registry.batchGetImage = missing(ecrtypes.ImageFailureCodeKmsError) }, event("v1", ""), fault.AWSRefused, "KmsError"},
		{"a manifest that is broken", func(w *world) { w.registry.put("v1", image.OCIManifest, `{"schemaVersion":2,"config":"x"}`) }, event("v1", ""), fault.ImageUnreadable, "the manifest is no JSON object"},
		{"an image for another architecture", func(w *world) { w.registry.push("v1", "linux", "arm64") }, event("v1", ""), fault.ImagePlatformMissing,
			"is built for linux/arm64, and task definition shop-web:41 runs on linux/amd64"},
		{"an image for another architecture, on Fargate's spot capacity", func(w *world) {
			w.services.service.CapacityProviderStrategy = []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT")}}
			w.registry.push("v1", "linux", "arm64")
		}, event("v1", ""), fault.ImagePlatformMissing, "is built for linux/arm64"},
		{"an index without the platform", func(w *world) {
			w.registry.put("v1", image.OCIIndex, index(old, `"os":"linux","architecture":"arm64"`, `"os":"linux","architecture":"arm"`))
		}, event("v1", ""), fault.ImagePlatformMissing, "is built for linux/arm64, linux/arm, and"},
		{"a Windows image of another build", func(w *world) {
			w.services.definition.RuntimePlatform = &ecstypes.RuntimePlatform{OperatingSystemFamily: ecstypes.OSFamilyWindowsServer2022Core}
			w.registry.put("v1", image.OCIIndex, index(old, `"os":"windows","architecture":"amd64","os.version":"10.0.17763.1"`))
		}, event("v1", ""), fault.ImagePlatformMissing, "runs on windows/amd64:10.0.20348"},
		{"a configuration that is not in the repository", func(w *world) { delete(w.registry.blobs, configOf(w)) }, event("v1", ""), fault.ImageUnreadable, "layers.example has no such blob"},
		{"a configuration of another digest", func(w *world) { w.registry.blobs[configOf(w)] = []byte(`{"os":"linux","architecture":"amd64"}`) }, event("v1", ""), fault.ImageUnreadable, "has the digest"},
		{"a configuration that is too large", func(w *world) { w.registry.blobs[configOf(w)] = make([]byte, 4<<20+1) }, event("v1", ""), fault.ImageUnreadable, "more than 4194304 bytes"},
		{"a configuration that says that it is too large", func(w *world) {
			w.registry.put("v1", image.OCIManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":4194305,"digest":"`+string(configOf(w))+`"}}`)
		}, event("v1", ""), fault.ImageUnreadable, "it has 4194305 bytes, at most 4194304 are read"},
		{"an index of what turns out to be no image", func(w *world) {
			chart := w.registry.put("", image.OCIManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"}}`)
			w.registry.put("v1", image.OCIIndex, index(chart, ""))
		}, event("v1", ""), fault.ImagePlatformMissing, "is built for no platform that it names"},
		{"a layer that ECR does not know", func(w *world) {
			w.registry.downloadURL = func(*ecr.GetDownloadUrlForLayerInput) (*ecr.GetDownloadUrlForLayerOutput, error) {
				return nil, &ecrtypes.LayersNotFoundException{}
			}
		}, event("v1", ""), fault.ImageUnreadable, "read the configuration"},
		{"a denial", func(w *world) {
			w.registry.describeImages = func(*ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) { return nil, denied }
		}, event("v1", ""), fault.PermissionDenied, "describe image shop/web:v1: AccessDeniedException"},
		{"a service that is not there", func(w *world) { w.config.Service = "none" }, event("v1", ""), fault.ServiceNotFound, "there is no service none in cluster prod in ECS"},
		{"a cluster that is not there", func(w *world) {
			w.services.describeServices = func(*ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
				return nil, &ecstypes.ClusterNotFoundException{}
			}
		}, event("v1", ""), fault.ServiceNotFound, "there is no cluster prod in ECS"},
		{"an inactive service", func(w *world) { w.services.service.Status = aws.String("INACTIVE") }, event("v1", ""), fault.ServiceNotActive, "service web in cluster prod is INACTIVE"},
		{"a draining service", func(w *world) { w.services.service.Status = aws.String("DRAINING") }, event("v1", ""), fault.ServiceNotActive, "is DRAINING"},
		{"a service under CodeDeploy", controlledBy(ecstypes.DeploymentControllerTypeCodeDeploy), event("v1", ""), fault.ServiceController, "has the deployment controller CODE_DEPLOY"},
		{"a service under another controller", controlledBy(ecstypes.DeploymentControllerTypeExternal), event("v1", ""), fault.ServiceController, "has the deployment controller EXTERNAL"},
		{"a service with an ARN of the old form", func(w *world) {
			w.services.service.ServiceArn = aws.String("arn:aws:ecs:eu-west-1:123456789012:service/web")
		}, event("v1", ""), fault.ServiceARN, "service web in cluster prod has an ARN of the old form, arn:aws:ecs:eu-west-1:123456789012:service/web"},
		{"a denial that names an ARN of the old form: the service was not seen", func(w *world) {
			w.services.describeServices = func(*ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
				return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:aws:sts::123456789012:assumed-role/fairlead-web-look/x is not authorized to perform: " +
					"ecs:DescribeServices on resource: arn:aws:ecs:eu-west-1:123456789012:service/web because no identity-based policy allows the ecs:DescribeServices action"}
			}
		}, event("v1", ""), fault.PermissionDenied, "run make deploy, which grants it; a change in IAM takes a while to be in effect; then redrive the execution; if it is denied again, look in ECS whether"},
		{"a denial of a service of the new form", func(w *world) {
			w.services.describeServices = func(*ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
				return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: ecs:DescribeServices on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web"}
			}
		}, event("v1", ""), fault.PermissionDenied, "describe service web in cluster prod"},
		{"a task role that is not configured", func(w *world) { w.services.definition.TaskRoleArn = aws.String("arn:aws:iam::123456789012:role/admin") }, event("v1", ""), fault.ServiceRole,
			"task definition shop-web:41 has the taskRole arn:aws:iam::123456789012:role/admin, and the configuration names arn:aws:iam::123456789012:role/task"},
		{"an execution role where none is configured", func(w *world) { w.config.ExecutionRole = "" }, event("v1", ""), fault.ServiceRole,
			"has the executionRole arn:aws:iam::123456789012:role/shop/execution, and the configuration names none"},
		{"a role of the same name in another path", func(w *world) {
			w.services.definition.ExecutionRoleArn = aws.String("arn:aws:iam::123456789012:role/execution")
		}, event("v1", ""), fault.ServiceRole, "has the executionRole arn:aws:iam::123456789012:role/execution"},
		{"no container of the repository", func(w *world) {
			w.services.definition.ContainerDefinitions = w.services.definition.ContainerDefinitions[1:]
		}, event("v1", ""), fault.ServiceContainer,
			"no container of the task definition runs an image of " + uri + "; it has proxy (public.ecr.aws/nginx:1)"},
		{"a configured container that is not there", func(w *world) { w.config.Container = "api" }, event("v1", ""), fault.ServiceContainer, `the task definition has no container "api"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := sound(t)
			if test.world != nil {
				test.world(w)
			}
			got, err := w.check(test.input)
			var f *fault.Fault
			if !errors.As(err, &f) || f.Code != test.want || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %+v, %v\nwant %s with %q", got, err, test.want, test.text)
			}
			if f != nil && f.Fix == "" {
				t.Errorf("%s says nothing to do", f)
			}
		})
	}
}

// TestThePresignedURLStaysSecret looks at every text that leaves the step after a download went wrong.
func TestThePresignedURLStaysSecret(t *testing.T) {
	w := sound(t)
	delete(w.registry.blobs, configOf(w))
	_, err := w.check(event("v1", ""))
	if len(w.registry.downloads) != 1 || err == nil || strings.Contains(err.Error(), "signature") {
		t.Errorf("fetched %v, said %v", w.registry.downloads, err)
	}
}

func TestThePortsAreThePolicy(t *testing.T) {
	permissiontest.Check(t, checkimage.Policy(), permissiontest.Ports{
		Own:  []any{(*ledger.Getter)(nil)},
		Look: []any{(*checkimage.Registry)(nil), (*checkimage.Services)(nil), (*checkimage.Roles)(nil), (*checkimage.Settings)(nil)},
	})
}

// TestADigestSaysWhyNoTagPolicyBindsIt looks at the one input that no tag policy can look at.
func TestADigestSaysWhyNoTagPolicyBindsIt(t *testing.T) {
	w := sound(t)
	w.config.TagPolicy, _ = tag.New(tag.Exact, "production")
	got, err := w.check(`{"service":"web","digest":"` + string(w.registry.tags["v1"]) + `"}`)
	if err != nil || got.Decision != image.Deploy || !strings.HasSuffix(got.Reason, "; an operator named the digest, so no tag policy applies") {
		t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
	}
}

func TestTheDocumentHoldsTheVersion(t *testing.T) {
	w := sound(t)
	w.config.TagPolicy, _ = tag.New(tag.Semver, ">=2.0.0")
	w.registry.push("v2.1.0", "linux", "amd64")
	if got, err := w.check(event("v2.1.0", "")); err != nil || got.Decision != image.Deploy || got.Version != "2.1.0" {
		t.Errorf("%s %q: %s, %v", got.Decision, got.Version, got.Reason, err)
	}
}

// TestTheRunningDigest looks at services of several containers, of which the digest is known only if it is one.
func TestTheRunningDigest(t *testing.T) {
	other := uri + "@" + string(image.DigestOf([]byte("other")))
	for name, test := range map[string]struct {
		images []string
		want   image.Digest
	}{
		"two containers on one digest":  {[]string{uri + "@" + string(old), uri + "@" + string(old)}, old},
		"two containers on two digests": {[]string{uri + "@" + string(old), other}, ""},
		"one of two on a tag":           {[]string{uri + "@" + string(old), uri + ":v0"}, ""},
		"one on a tag and a digest":     {[]string{uri + ":v0@" + string(old)}, old},
		"one on a tag":                  {[]string{uri + ":v0"}, ""},
	} {
		w := sound(t)
		w.services.definition.ContainerDefinitions = nil
		for i, reference := range test.images {
			w.services.definition.ContainerDefinitions = append(w.services.definition.ContainerDefinitions,
				ecstypes.ContainerDefinition{Name: aws.String("c" + string(rune('0'+i))), Image: aws.String(reference)})
		}
		if got, err := w.check(event("v1", "")); err != nil || got.Running.Digest != test.want {
			t.Errorf("%s: %q, %v", name, got.Running.Digest, err)
		}
	}
}

func text(input string) func(*world) string { return func(*world) string { return input } }

func tagged(name string) func(*world) image.Digest {
	return func(w *world) image.Digest { return w.registry.tags[name] }
}

// index composes an index of entries with these platforms; "" is an entry that names none.
func index(digest image.Digest, platforms ...string) string {
	var entries []string
	for _, p := range platforms {
		entry := `{"mediaType":"` + image.OCIManifest + `","digest":"` + string(digest) + `"`
		if p != "" {
			entry += `,"platform":{` + p + `}`
		}
		entries = append(entries, entry+"}")
	}
	return `{"schemaVersion":2,"mediaType":"` + image.OCIIndex + `","manifests":[` + strings.Join(entries, ",") + `]}`
}

// configOf is the digest of the only configuration blob that there is.
func configOf(w *world) image.Digest {
	for digest := range w.registry.blobs {
		return digest
	}
	return ""
}

func missing(code ecrtypes.ImageFailureCode) func(*ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error) {
	return func(*ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error) {
		return &ecr.BatchGetImageOutput{Failures: []ecrtypes.ImageFailure{{FailureCode: code}}}, nil
	}
}

func controlledBy(controller ecstypes.DeploymentControllerType) func(*world) {
	return func(w *world) {
		w.services.service.DeploymentController = &ecstypes.DeploymentController{Type: controller}
	}
}
