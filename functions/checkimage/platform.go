package checkimage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/edge/artifact"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

const (
	// maxConfigSize bounds a configuration blob that is read: real ones have some kilobytes.
	maxConfigSize = 4 << 20
	// maxUnnamed bounds the images of an index that are looked into because the index names no platform for them.
	maxUnnamed = 8
	// maxRuns bounds the images of an index of which any may run.
	maxRuns = 16
)

// checkPlatform holds what the image is built for against what the task definition asks for, and notes which of the images
// of an index may run.
func (c *check) checkPlatform(ctx context.Context, manifest image.Manifest, t target) error {
	want, warning := wantedPlatform(t)
	if warning != "" {
		c.warn("%s", warning)
		return c.anyRuns(manifest)
	}
	c.out.Platform = want.String()
	offered, err := c.platforms(ctx, manifest, want)
	if err != nil {
		return err
	}
	for _, entry := range offered {
		if entry.Platform.Runs(want) {
			c.out.Runs = append(c.out.Runs, entry.Digest)
		}
	}
	if len(c.out.Runs) > 0 {
		return nil
	}
	return fault.New(fault.ImagePlatformMissing,
		fmt.Sprintf("build the image for %s/%s and push it under a new tag; or set runtimePlatform of the task definition to what the image is built for", want.OS, want.Architecture),
		"image %s is built for %s, and task definition %s runs on %s", c.out.Named(), list(offered), t.revision(), want)
}

// anyRuns notes that any of the images of an index may run. A gate looks at each of them, so they must not be too many.
func (c *check) anyRuns(manifest image.Manifest) error {
	if !manifest.Index() {
		c.out.Runs = []image.Digest{c.out.Digest}
		return nil
	}
	if n := len(manifest.Images); n > maxRuns && c.service.Gates.Scan != nil {
		return fault.New(fault.ImageNotScanned, "set runtimePlatform of the task definition, so that one image is known to run; or push an index of fewer images under a new tag",
			"gate scan: %s holds %d images of which any may run, and the scans of %d are looked at", c.out.Named(), n, maxRuns)
	}
	for _, entry := range manifest.Images {
		c.out.Runs = append(c.out.Runs, entry.Digest)
	}
	return nil
}

// wantedPlatform reads what the task definition asks for, or says why that cannot be told. A task definition that names
// nothing gets X86_64 and LINUX, but on instances of the user's own it runs on whatever they are.
func wantedPlatform(t target) (image.Platform, string) {
	var asked ecstypes.RuntimePlatform
	if t.definition.RuntimePlatform != nil {
		asked = *t.definition.RuntimePlatform
	}
	if asked.CpuArchitecture == "" && t.onInstances() {
		return image.Platform{}, "the task definition names no CPU architecture and runs on instances of any: the image's platform was not checked"
	}
	want, err := image.PlatformOf(string(asked.CpuArchitecture), string(asked.OperatingSystemFamily))
	if err != nil {
		return image.Platform{}, err.Error() + ": the image's platform was not checked"
	}
	return want, ""
}

// onInstances reports whether the service's tasks run on instances of the user's own: by its launch type, by its
// capacity providers, or because the task definition allows nothing else.
func (t target) onInstances() bool {
	switch t.service.LaunchType {
	case ecstypes.LaunchTypeEc2, ecstypes.LaunchTypeExternal:
		return true
	case ecstypes.LaunchTypeFargate:
		return false
	default:
	}
	if providers := t.service.CapacityProviderStrategy; len(providers) > 0 { // all of one kind
		return !strings.HasPrefix(aws.ToString(providers[0].CapacityProvider), "FARGATE")
	}
	on := t.definition.RequiresCompatibilities
	return len(on) > 0 && !slices.Contains(on, ecstypes.CompatibilityFargate) && !slices.Contains(on, ecstypes.CompatibilityManagedInstances)
}

// platforms finds what the image is built for. It looks into the images of an index only where the index does not say.
func (c *check) platforms(ctx context.Context, manifest image.Manifest, want image.Platform) ([]image.Entry, error) {
	if !manifest.Index() {
		p, err := c.readPlatform(ctx, manifest)
		return []image.Entry{{Digest: c.out.Digest, Platform: p}}, err
	}
	var offered []image.Entry
	var unnamed []image.Digest
	for _, entry := range manifest.Images {
		if entry.Platform == (image.Platform{}) {
			unnamed = append(unnamed, entry.Digest)
			continue
		}
		offered = append(offered, entry)
	}
	if slices.ContainsFunc(offered, func(e image.Entry) bool { return e.Platform.Runs(want) }) {
		return offered, nil
	}
	inside, err := c.lookInside(ctx, unnamed)
	return append(offered, inside...), err
}

// lookInside reads the platforms of images that an index names without saying theirs.
func (c *check) lookInside(ctx context.Context, digests []image.Digest) ([]image.Entry, error) {
	var found []image.Entry
	for _, digest := range digests[:min(len(digests), maxUnnamed)] {
		manifest, err := c.readManifest(ctx, digest)
		if err != nil {
			return nil, err
		}
		if manifest.NotRunnable != "" || manifest.Index() {
			continue
		}
		p, err := c.readPlatform(ctx, manifest)
		if err != nil {
			return nil, err
		}
		found = append(found, image.Entry{Digest: digest, Platform: p})
	}
	return found, nil
}

// readPlatform reads the platform of one image from its configuration blob.
func (c *check) readPlatform(ctx context.Context, manifest image.Manifest) (image.Platform, error) {
	doing := fmt.Sprintf("read the configuration %s of image %s", manifest.Config, c.out.Named())
	content, err := c.reader().Blob(ctx, doing, manifest.Config, manifest.ConfigSize, maxConfigSize)
	if err != nil {
		return image.Platform{}, err
	}
	p, err := image.ParseConfig(manifest.Config, content)
	if err != nil {
		return image.Platform{}, fault.New(fault.ImageUnreadable, artifact.PushAgain, "%s: %w", doing, err)
	}
	return p, nil
}

// list names platforms in a sentence.
func list(offered []image.Entry) string {
	var names []string
	for _, entry := range offered {
		if name := entry.Platform.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "no platform that it names"
	}
	return strings.Join(names, ", ")
}
