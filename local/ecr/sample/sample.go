// Package sample makes small container images and pushes them: what a CI job does with a real one. The image is valid
// for any registry, cannot run, and carries the labels that tell the embedded AWS how it behaves (local.start=3s,
// local.exit=1, …).
package sample

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Spec says what image to make. Equal specs make equal images, with one digest.
type Spec struct {
	Content   string            // what is in the image's one file, so that two images differ
	Platforms []string          // "linux/arm64"; several make an index. The default is linux/amd64
	Labels    map[string]string //
	Created   time.Time         //
}

// Image makes the image of a spec with one platform.
func Image(s Spec) (v1.Image, error) {
	platforms := s.platforms()
	if len(platforms) != 1 {
		return nil, fmt.Errorf("make an image: it is for one platform, not %d", len(platforms))
	}
	return s.image(platforms[0])
}

// Index makes an index with an image for each platform of the spec.
func Index(s Spec) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, text := range s.platforms() {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			return nil, fmt.Errorf("make an index: %w", err)
		}
		image, err := s.image(text)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	return index, nil
}

func (s Spec) platforms() []string {
	if len(s.Platforms) == 0 {
		return []string{"linux/amd64"}
	}
	return s.Platforms
}

func (s Spec) image(text string) (v1.Image, error) {
	platform, err := v1.ParsePlatform(text)
	if err != nil {
		return nil, fmt.Errorf("make an image: %w", err)
	}
	layer, err := s.layer(text)
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, fmt.Errorf("make an image: %w", err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("make an image: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Variant = platform.OS, platform.Architecture, platform.Variant
	config.Config.Labels, config.Created = s.Labels, v1.Time{Time: s.Created}
	return mutate.ConfigFile(image, config)
}

// layer has one file.
func (s Spec) layer(platform string) (v1.Layer, error) {
	content := []byte(s.Content + "\n" + platform + "\n")
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	err := w.WriteHeader(&tar.Header{Name: "content", Mode: 0o444, Size: int64(len(content)), ModTime: s.Created})
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("make a layer: %w", err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// Push makes the image of the spec, an index if it has several platforms, pushes it to the reference
// ("127.0.0.1:4566/shop/web:1.2.3") under the registry's password (that of "aws ecr get-login-password"), and returns
// its digest.
func Push(ctx context.Context, s Spec, reference, password string) (string, error) {
	ref, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("push: %w", err)
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuth(&authn.Basic{Username: "AWS", Password: password})}
	pushed, err := s.write(ref, options)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", reference, err)
	}
	digest, err := pushed.Digest()
	if err != nil {
		return "", fmt.Errorf("push %s: %w", reference, err)
	}
	return digest.String(), nil
}

func (s Spec) write(ref name.Reference, options []remote.Option) (interface{ Digest() (v1.Hash, error) }, error) {
	if len(s.platforms()) > 1 {
		index, err := Index(s)
		if err != nil {
			return nil, err
		}
		return index, remote.WriteIndex(ref, index, options...)
	}
	image, err := Image(s)
	if err != nil {
		return nil, err
	}
	return image, remote.Write(ref, image, options...)
}

// ParseLabels reads "key=value" pairs, as a command line has them.
func ParseLabels(pairs []string) (map[string]string, error) {
	labels := map[string]string{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("a label is key=value, not %q", pair)
		}
		labels[key] = value
	}
	return labels, nil
}
