// Package ecr is the embedded Amazon ECR: repositories, images, layers, tags and their immutability, basic and enhanced scans, and
// the events that a push emits.
//
// It is the API alone. What docker, crane and skopeo speak is the OCI distribution protocol, which ECR serves by a
// proxy that calls this API; local/ecr/registry is that proxy. So there is one place that decides what a push may do,
// and a push shows in the trail of calls as it does in CloudTrail.
//
// A repository remembers manifests and which layers it holds; the layers' bytes are in a blob.Store. A layer that one
// repository holds does not exist for another (blob mounting is an account setting of ECR that is off by default).
//
// # What differs from AWS
//
// Lifecycle policies are kept and shown, and never run. A repository policy is kept, and neither grants nor denies:
// one with a Deny is refused, so that nothing is allowed here that AWS would deny. Encryption is AES256 only. Images
// of foreign registries do not exist, and so no pull-through cache, no replication, no archive (imageStatus is ACTIVE
// always).
package ecr

import (
	"encoding/json"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// Service is the embedded ECR.
type Service struct {
	w     *world.World
	bus   world.Bus
	blobs blob.Store
	host  func() string
	state State
}

// New makes an ECR without repositories. Its events go to bus and its layers to blobs; host is asked for the address
// ("127.0.0.1:4566") at which clients reach the registry, and is the first part of every repository's URI.
func New(w *world.World, bus world.Bus, blobs blob.Store, host func() string) *Service {
	return &Service{w: w, bus: bus, blobs: blobs, host: host,
		state: State{Repositories: map[string]*Repository{}, Uploads: map[string]*Upload{}}}
}

// Name implements [world.Service].
func (s *Service) Name() string { return "ecr" }

// State implements [world.Service].
func (s *Service) State() any { return &s.state }

// Operations implements [world.Service].
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"CreateRepository":              world.Op(s.createRepository),
		"DescribeRepositories":          world.Op(s.describeRepositories),
		"DeleteRepository":              world.Op(s.deleteRepository),
		"PutImageTagMutability":         world.Op(s.putImageTagMutability),
		"PutImageScanningConfiguration": world.Op(s.putImageScanningConfiguration),
		"GetAuthorizationToken":         world.Op(s.getAuthorizationToken),
		"DescribeImages":                world.Op(s.describeImages),
		"ListImages":                    world.Op(s.listImages),
		"BatchGetImage":                 world.Op(s.batchGetImage),
		"BatchDeleteImage":              world.Op(s.batchDeleteImage),
		"BatchCheckLayerAvailability":   world.Op(s.batchCheckLayerAvailability),
		"InitiateLayerUpload":           world.Op(s.initiateLayerUpload),
		"UploadLayerPart":               world.Op(s.uploadLayerPart),
		"CompleteLayerUpload":           world.Op(s.completeLayerUpload),
		"PutImage":                      world.Op(s.putImage),
		"GetDownloadUrlForLayer":        world.Op(s.getDownloadURLForLayer),
		"StartImageScan":                world.Op(s.startImageScan),
		"DescribeImageScanFindings":     world.Op(s.describeImageScanFindings),
		"ListImageReferrers":            world.Op(s.listImageReferrers),
		"PutLifecyclePolicy":            world.Op(s.putLifecyclePolicy),
		"GetLifecyclePolicy":            world.Op(s.getLifecyclePolicy),
		"DeleteLifecyclePolicy":         world.Op(s.deleteLifecyclePolicy),

		"PutRegistryScanningConfiguration":        world.Op(s.putRegistryScanningConfiguration),
		"GetRegistryScanningConfiguration":        world.Op(s.getRegistryScanningConfiguration),
		"BatchGetRepositoryScanningConfiguration": world.Op(s.batchGetRepositoryScanningConfiguration),
	}
}

// Due implements [world.Service]: a scan is finished.
func (s *Service) Due(what json.RawMessage) {
	var due scanDue
	if err := json.Unmarshal(what, &due); err == nil {
		s.finishScan(due)
	}
}
