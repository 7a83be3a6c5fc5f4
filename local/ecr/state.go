package ecr

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// State is all that the embedded ECR remembers, save the layers' bytes.
type State struct {
	Secret       string                 `json:"secret"` // signs authorization tokens and download URLs
	Repositories map[string]*Repository `json:"repositories"`
	Uploads      map[string]*Upload     `json:"uploads"`
	Scanning     Scanning               `json:"scanning"`
}

// Repository is a repository and what it holds.
type Repository struct {
	Name          string            `json:"name"`
	CreatedAt     time.Time         `json:"createdAt"`
	Mutability    Mutability        `json:"mutability"`
	ScanOnPush    bool              `json:"scanOnPush"`
	Tags          map[string]string `json:"tags"` // the resource's own tags
	Lifecycle     string            `json:"lifecycle"`
	Policy        json.RawMessage   `json:"policy,omitempty"`
	EmptyOnDelete bool              `json:"emptyOnDelete"`

	Images map[string]*Image `json:"images"` // by digest
	Tagged map[string]string `json:"tagged"` // the digest of each image tag
	Layers map[string]*Layer `json:"layers"` // by digest
}

// Image is a manifest in a repository: an image, an index of images, or an artifact.
type Image struct {
	Digest       string            `json:"digest"`
	Manifest     string            `json:"manifest"`
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"` // what ECR calls artifactMediaType
	Tags         []string          `json:"tags"`                   // sorted
	PushedAt     time.Time         `json:"pushedAt"`
	PulledAt     time.Time         `json:"pulledAt"`
	Size         int64             `json:"size"`
	Layers       []string          `json:"layers"`   // the blobs that it needs in the repository, the config included
	Children     []string          `json:"children"` // the manifests that it needs in the repository
	Subject      string            `json:"subject,omitempty"`
	Platform     Platform          `json:"platform"` // of the config; zero for an index
	Labels       map[string]string `json:"labels"`   // of the config
	Scan         *Scan             `json:"scan,omitempty"`
}

// Layer is a blob that a repository holds.
type Layer struct {
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"` // as the last image named it; empty while no image has
	Users     int    `json:"users"`     // how many images need it
}

// Upload is a layer while it is uploaded.
type Upload struct {
	Repository string    `json:"repository"`
	Begun      time.Time `json:"begun"`
	Received   int64     `json:"received"` // bytes
	Parts      int       `json:"parts"`
	Short      bool      `json:"short"`    // the last part is smaller than a part may be that is not the last
	TooSmall   bool      `json:"tooSmall"` // another part came after such a one
}

func (r *Repository) digests() []string { return slices.Sorted(maps.Keys(r.Images)) }

// tag points the tag to the image, and away from the one that had it.
func (r *Repository) tag(tag string, image *Image) {
	r.untag(tag)
	r.Tagged[tag] = image.Digest
	at, _ := slices.BinarySearch(image.Tags, tag)
	image.Tags = slices.Insert(image.Tags, at, tag)
}

func (r *Repository) untag(tag string) {
	if image := r.Images[r.Tagged[tag]]; image != nil {
		image.Tags = slices.DeleteFunc(image.Tags, func(t string) bool { return t == tag })
	}
	delete(r.Tagged, tag)
}

// keep adds an image, and counts it with the layers that it needs.
func (r *Repository) keep(image *Image) {
	r.Images[image.Digest] = image
	for _, digest := range image.Layers {
		r.Layers[digest].Users++
	}
}

// remove deletes an image with its tags, and the layers that no other image needs.
func (r *Repository) remove(image *Image) {
	for _, tag := range slices.Clone(image.Tags) {
		r.untag(tag)
	}
	delete(r.Images, image.Digest)
	for _, digest := range image.Layers {
		layer := r.Layers[digest]
		if layer.Users--; layer.Users == 0 {
			delete(r.Layers, digest)
		}
	}
}
