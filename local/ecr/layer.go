package ecr

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// The quotas of a layer. Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
const (
	maxLayer    = 52_000 << 20
	minPart     = 5 << 20
	maxPart     = 20_971_520
	advisedPart = 10 << 20
	maxParts    = 4_200
)

// uploadLife is how long an upload that nobody completes is kept.
const uploadLife = 24 * time.Hour

type initiateOutput struct {
	UploadID string `json:"uploadId"`
	PartSize int64  `json:"partSize"`
}

func (s *Service) initiateLayerUpload(c *world.Call, in target) (initiateOutput, error) {
	repository, err := s.enter(c, "ecr:InitiateLayerUpload", in)
	if err != nil {
		return initiateOutput{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(s.state.Uploads)) {
		if s.w.Now().Sub(s.state.Uploads[id].Begun) > uploadLife {
			s.forget(id)
		}
	}
	id := s.w.UUID()
	s.state.Uploads[id] = &Upload{Repository: repository.Name, Begun: s.w.Now()}
	return initiateOutput{id, advisedPart}, nil
}

func (s *Service) forget(upload string) {
	delete(s.state.Uploads, upload)
	_ = s.blobs.Discard(upload) // what stays behind is bytes that nobody can reach
}

// upload returns the upload of that identifier into the repository.
func (s *Service) upload(r *Repository, id string) (*Upload, error) {
	upload := s.state.Uploads[id]
	if upload == nil || upload.Repository != r.Name {
		return nil, world.Errorf("UploadNotFoundException", "The upload with upload id '%s' could not be found in the "+
			"repository with name '%s' in the registry with id '%s'", id, r.Name, s.w.Account)
	}
	return upload, nil
}

type uploadPartInput struct {
	target
	UploadID  string `json:"uploadId"`
	FirstByte *int64 `json:"partFirstByte"`
	LastByte  *int64 `json:"partLastByte"`
	// Part is absent if the registry has put the bytes into the blob store already: it streams them there outside
	// the world's one thread. A client that leaves the part out has nothing there, and is refused.
	Part *[]byte `json:"layerPartBlob"`
}

type uploadPartOutput struct {
	target
	UploadID string `json:"uploadId"`
	LastByte int64  `json:"lastByteReceived"`
}

func (s *Service) uploadLayerPart(c *world.Call, in uploadPartInput) (uploadPartOutput, error) {
	repository, err := s.enter(c, "ecr:UploadLayerPart", in.target)
	if err != nil {
		return uploadPartOutput{}, err
	}
	upload, err := s.upload(repository, in.UploadID)
	if err != nil {
		return uploadPartOutput{}, err
	}
	if err := s.checkPart(repository, upload, in); err != nil {
		return uploadPartOutput{}, err
	}
	if err := s.receive(repository, upload, in); err != nil {
		return uploadPartOutput{}, err
	}
	size := *in.LastByte - *in.FirstByte + 1
	upload.Received, upload.Parts = upload.Received+size, upload.Parts+1
	upload.TooSmall = upload.TooSmall || upload.Short
	upload.Short = in.Part != nil && size < minPart
	return uploadPartOutput{s.here(repository), in.UploadID, *in.LastByte}, nil
}

func (s *Service) checkPart(r *Repository, upload *Upload, in uploadPartInput) error {
	if err := in.check(); err != nil {
		return err
	}
	switch {
	case *in.FirstByte != upload.Received:
		return s.invalidPart(r, upload, in)
	case *in.LastByte >= maxLayer:
		return world.Errorf("LimitExceededException", "a layer can have at most %d bytes", int64(maxLayer))
	case upload.Parts >= maxParts:
		return world.Errorf("LimitExceededException", "an upload can have at most %d parts", maxParts)
	}
	return nil
}

func (in uploadPartInput) check() error {
	if in.FirstByte == nil || in.LastByte == nil || *in.FirstByte < 0 || *in.LastByte < *in.FirstByte {
		return invalid("partFirstByte", "partFirstByte and partLastByte must be the numbers of the part's first and last byte")
	}
	if in.Part != nil && (int64(len(*in.Part)) != *in.LastByte-*in.FirstByte+1 || len(*in.Part) > maxPart) {
		return invalid("layerPartBlob", "must have as many bytes as partFirstByte to partLastByte, and at most 20971520")
	}
	return nil
}

func (s *Service) invalidPart(r *Repository, upload *Upload, in uploadPartInput) error {
	return &world.Error{Code: "InvalidLayerPartException", Status: 400,
		Message: "The first byte of the layer part is not consecutive to the last byte of the previous part",
		Fields: map[string]any{"registryId": s.w.Account, "repositoryName": r.Name, "uploadId": in.UploadID,
			"lastValidByteReceived": max(upload.Received-1, 0)}}
}

// receive stores the part, or sees that the registry has.
func (s *Service) receive(r *Repository, upload *Upload, in uploadPartInput) error {
	part, at := []byte{}, *in.LastByte+1
	if in.Part != nil {
		part, at = *in.Part, upload.Received
	}
	_, err := s.blobs.Append(in.UploadID, at, bytes.NewReader(part))
	switch {
	case errors.Is(err, blob.ErrGap):
		return invalid("layerPartBlob", "Member must not be null")
	case errors.Is(err, blob.ErrBusy) || errors.Is(err, blob.ErrSealed):
		return s.invalidPart(r, upload, in)
	}
	return err
}

type completeInput struct {
	target
	UploadID string   `json:"uploadId"`
	Digests  []string `json:"layerDigests"`
}

type completeOutput struct {
	target
	UploadID string `json:"uploadId"`
	Digest   string `json:"layerDigest"`
}

func (s *Service) completeLayerUpload(c *world.Call, in completeInput) (completeOutput, error) {
	repository, err := s.enter(c, "ecr:CompleteLayerUpload", in.target)
	if err != nil {
		return completeOutput{}, err
	}
	upload, err := s.upload(repository, in.UploadID)
	if err != nil {
		return completeOutput{}, err
	}
	if err := checkLayerDigests(in.Digests); err != nil {
		return completeOutput{}, err
	}
	if err := upload.whole(in.UploadID); err != nil {
		return completeOutput{}, err
	}
	sealed, err := s.blobs.Seal(in.UploadID)
	if err != nil {
		return completeOutput{}, err
	}
	if !slices.Contains(in.Digests, sealed.Digest) || sealed.Size != upload.Received {
		return completeOutput{}, world.Errorf("InvalidLayerException",
			"The digest of the layer that was received is %s, which is not the one that was given: %s", sealed.Digest, in.Digests[0])
	}
	s.forget(in.UploadID)
	return completeOutput{s.here(repository), in.UploadID, sealed.Digest}, s.hold(repository, sealed)
}

func (u *Upload) whole(id string) error {
	if u.Received == 0 {
		return world.Errorf("EmptyUploadException", "The upload with upload id '%s' has no layer parts", id)
	}
	if u.TooSmall {
		return world.Errorf("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size, save the last")
	}
	return nil
}

func checkLayerDigests(digests []string) error {
	if len(digests) == 0 || len(digests) > 100 {
		return invalid("layerDigests", "Member must have length between 1 and 100")
	}
	for _, digest := range digests {
		if !blob.ValidDigest(digest) {
			return invalid("layerDigests", "Member must satisfy regular expression 'sha256:[0-9a-f]{64}'")
		}
	}
	return nil
}

// hold makes the blob a layer of the repository.
func (s *Service) hold(r *Repository, sealed blob.Sealed) error {
	if r.Layers[sealed.Digest] != nil {
		return world.Errorf("LayerAlreadyExistsException", "The layer with digest '%s' already exists in the repository "+
			"with name '%s' in registry with id '%s'", sealed.Digest, r.Name, s.w.Account)
	}
	r.Layers[sealed.Digest] = &Layer{Size: sealed.Size}
	return nil
}

// Received returns how many bytes of the layer the upload has, if the principal may do action ("ecr:UploadLayerPart")
// in the repository. The registry asks before it takes bytes from the wire.
func (s *Service) Received(who world.Principal, action, repository, id string) (int64, error) {
	c := &world.Call{Request: world.Request{Service: s.Name(), Principal: who}, World: s.w}
	r, err := s.enter(c, action, target{RepositoryName: repository})
	if err != nil {
		return 0, err
	}
	upload, err := s.upload(r, id)
	if err != nil {
		return 0, err
	}
	return upload.Received, nil
}
