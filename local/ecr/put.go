package ecr

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"fairlead/local/world"
)

// The quotas of a repository. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
const (
	maxImages       = 100_000
	maxTagsPerImage = 1_000
)

// maxConfig is how much of an image's config is read, in bytes.
const maxConfig = 8 << 20

type putImageInput struct {
	target
	Manifest  string `json:"imageManifest"`
	MediaType string `json:"imageManifestMediaType"`
	Tag       string `json:"imageTag"`
	Digest    string `json:"imageDigest"`
}

type imageView struct {
	target
	ID        imageID `json:"imageId"`
	Manifest  string  `json:"imageManifest"`
	MediaType string  `json:"imageManifestMediaType"`
}

type putImageOutput struct {
	Image imageView `json:"image"`
}

func (s *Service) putImage(c *world.Call, in putImageInput) (putImageOutput, error) {
	repository, err := s.enter(c, "ecr:PutImage", in.target)
	if err != nil {
		return putImageOutput{}, err
	}
	m, digest, err := readImage(in)
	if err != nil {
		return putImageOutput{}, err
	}
	if err := s.mayPut(repository, m, digest, in.Tag); err != nil {
		return putImageOutput{}, err
	}
	image := repository.Images[digest]
	if image == nil {
		image = s.newImage(repository, m, digest, in.Manifest)
	}
	if in.Tag != "" {
		repository.tag(in.Tag, image)
	}
	s.emit(repository, image, "PUSH", in.Tag)
	return putImageOutput{s.viewImage(repository, image, in.Tag)}, nil
}

// readImage checks the input by itself, and returns the manifest and its digest.
func readImage(in putImageInput) (manifest, string, error) {
	if in.Tag != "" {
		if err := checkTag(in.Tag); err != nil {
			return manifest{}, "", err
		}
	}
	m, err := parseManifest(in.Manifest, in.MediaType)
	if err != nil {
		return m, "", err
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(in.Manifest)))
	if in.Digest != "" && in.Digest != digest {
		return m, "", world.Errorf("ImageDigestDoesNotMatchException",
			"The image digest '%s' does not match the digest '%s' that was calculated for the image", in.Digest, digest)
	}
	return m, digest, nil
}

// mayPut tells whether the repository can take the image under the tag.
func (s *Service) mayPut(r *Repository, m manifest, digest, tag string) error {
	if err := s.mayTag(r, digest, tag); err != nil {
		return err
	}
	if err := s.complete(r, m); err != nil {
		return err
	}
	image := r.Images[digest]
	if image == nil && len(r.Images) >= maxImages {
		return world.Errorf("LimitExceededException", "The repository with name '%s' in registry with id '%s' has the most "+
			"images that it can have, %d", r.Name, s.w.Account, maxImages)
	}
	if image != nil && len(image.Tags) >= maxTagsPerImage {
		return world.Errorf("LimitExceededException", "The image with digest '%s' has the most tags that it can have, %d",
			digest, maxTagsPerImage)
	}
	return nil
}

// mayTag refuses what changes nothing, and what an immutable tag forbids. An immutable tag is refused to its own image
// too: https://github.com/aws/containers-roadmap/issues/2179.
func (s *Service) mayTag(r *Repository, digest, tag string) error {
	had, taken := r.Tagged[tag]
	switch {
	case tag == "" && r.Images[digest] != nil:
		return s.imageExists(r, digest, "")
	case tag == "" || !taken:
		return nil
	case r.Mutability.protects(tag):
		return s.tagImmutable(r, tag)
	case had == digest:
		return s.imageExists(r, digest, tag)
	}
	return nil
}

// complete tells whether the repository holds all that the manifest names.
func (s *Service) complete(r *Repository, m manifest) error {
	var layers, images []string
	for _, d := range m.blobs() {
		if r.Layers[d.Digest] == nil {
			layers = append(layers, d.Digest)
		}
	}
	for _, digest := range m.children() {
		if r.Images[digest] == nil {
			images = append(images, digest)
		}
	}
	if len(layers) > 0 {
		return s.absent("LayersNotFoundException", "Layers", layers, r)
	}
	if len(images) > 0 {
		return s.absent("ReferencedImagesNotFoundException", "Images", images, r)
	}
	return nil
}

func (s *Service) absent(code, what string, digests []string, r *Repository) error {
	return world.Errorf(code, "%s with digests '[%s]' required for pushing image into repository with name '%s' in the "+
		"registry with id '%s' do not exist", what, strings.Join(digests, ", "), r.Name, s.w.Account)
}

// newImage keeps the image that the manifest describes, and has it scanned if the repository wants that.
func (s *Service) newImage(r *Repository, m manifest, digest, raw string) *Image {
	image := &Image{Digest: digest, Manifest: raw, MediaType: m.MediaType, ArtifactType: m.artifactMediaType(),
		PushedAt: s.w.Now().Truncate(time.Millisecond), Children: m.children()}
	for _, d := range m.blobs() {
		image.Layers = append(image.Layers, d.Digest)
		image.Size += r.Layers[d.Digest].Size
		r.Layers[d.Digest].MediaType = d.MediaType
	}
	for _, child := range image.Children {
		image.Size = max(image.Size, r.Images[child].Size)
	}
	if m.Subject != nil {
		image.Subject = m.Subject.Digest
	}
	if m.Config != nil && (m.Config.MediaType == ociConfig || m.Config.MediaType == dockerConfig) {
		read := s.readConfig(m.Config.Digest)
		image.Platform, image.Labels = read.Platform, read.Config.Labels
	}
	r.keep(image)
	s.scanPushed(r, image)
	return image
}

// readConfig reads an image's config. ECR takes any bytes as a config, and so what cannot be read is empty.
func (s *Service) readConfig(digest string) config {
	var c config
	content, err := s.blobs.Open(digest)
	if err != nil {
		return c
	}
	defer func() { _ = content.Close() }()
	if err := json.NewDecoder(io.LimitReader(content, maxConfig)).Decode(&c); err != nil {
		return config{}
	}
	return c
}

func (s *Service) viewImage(r *Repository, image *Image, tag string) imageView {
	return imageView{s.here(r), imageID{Digest: image.Digest, Tag: tag}, image.Manifest, image.MediaType}
}
