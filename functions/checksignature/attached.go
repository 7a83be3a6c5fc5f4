package checksignature

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/edge/artifact"
	"fairlead/shared/fault"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	// maxReferrers is how many artifacts of a kind are looked at that refer to an image, and how many ECR has on a page.
	maxReferrers = 50
	// maxPages is how many pages are turned for them. A page may have fewer than fit on it.
	maxPages = 5
	// maxBlob bounds a signature or attestation that is read, in bytes: real ones have some kilobytes.
	maxBlob = 4 << 20
)

// attached is a blob that may vouch for the image.
type attached struct {
	signature.Layer
	in image.Digest // the manifest that holds it
}

// search is the way to what may vouch for the image, and what came of it.
type search struct {
	gate     string // its name in the configuration
	wanted   string // what is looked for, in a few words
	looked   []string
	findings []string // what does not count, and why
	fix      string
}

// refuse notes why something does not count. What ECR says when it denies or fails is no finding but an error.
func (s *search) refuse(in image.Digest, err error) error {
	if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Kind() != fault.Reject {
		return err
	}
	why := err.Error()
	if f := fault.From(err); f.Code != fault.Unexpected {
		why = f.Message
	}
	s.findings = append(s.findings, fmt.Sprintf("%s: %s", in, why))
	return nil
}

// tagged reads the artifact that cosign puts under a tag made of the image's digest.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery
func (v *verification) tagged(ctx context.Context, s *search, suffix, mediaType string) ([]attached, error) {
	tag := strings.Replace(string(v.image.Digest), ":", "-", 1) + suffix
	s.looked = append(s.looked, "tag "+tag)
	found, there, err := v.reader.Tagged(ctx, tag)
	if err != nil || !there {
		return nil, err
	}
	return layers(s, found, mediaType)
}

// referring reads the artifacts of a type that name the image as their subject.
func (v *verification) referring(ctx context.Context, s *search, artifactType string, mediaTypes ...string) ([]attached, error) {
	s.looked = append(s.looked, "referrers of type "+artifactType)
	digests, more, err := v.referrers(ctx, artifactType)
	if err != nil {
		return nil, err
	}
	if more {
		s.findings = slices.Insert(s.findings, 0, fmt.Sprintf("more than %d artifacts of type %s refer to it, and no more are looked at", len(digests), artifactType))
		s.fix = "delete the artifacts of type " + artifactType + " that are not needed; " + s.fix
	}
	var all []attached
	for _, digest := range digests {
		found, err := v.reader.Manifest(ctx, digest)
		if err == nil {
			var some []attached
			some, err = layers(s, found, mediaTypes...)
			all = append(all, some...)
		}
		if err = s.refuseIf(digest, err); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// referrers lists the artifacts of a type that name the image as their subject, and says whether there are more than are listed.
func (v *verification) referrers(ctx context.Context, artifactType string) (digests []image.Digest, more bool, err error) {
	in := &ecr.ListImageReferrersInput{RepositoryName: aws.String(v.reader.Repository),
		SubjectId: &types.SubjectIdentifier{ImageDigest: aws.String(string(v.image.Digest))}, MaxResults: aws.Int32(maxReferrers),
		Filter: &types.ListImageReferrersFilter{ArtifactTypes: []string{artifactType}}}
	for range maxPages {
		reply, err := v.registry.ListImageReferrers(ctx, in)
		if err != nil {
			return nil, false, fault.FromAWS("list what refers to "+v.image.Named(), err)
		}
		for _, referrer := range reply.Referrers {
			digest, err := image.ParseDigest(aws.ToString(referrer.Digest))
			switch {
			case err != nil || aws.ToString(referrer.ArtifactType) != artifactType:
			case len(digests) == maxReferrers:
				return digests, true, nil
			default:
				digests = append(digests, digest)
			}
		}
		if in.NextToken = reply.NextToken; aws.ToString(in.NextToken) == "" {
			return digests, false, nil
		}
	}
	return digests, true, nil
}

// refuseIf is [search.refuse] where there is something to refuse.
func (s *search) refuseIf(in image.Digest, err error) error {
	if err == nil {
		return nil
	}
	return s.refuse(in, err)
}

// layers are the blobs of an artifact that have one of the media types, or all if none is given.
func layers(s *search, found artifact.Manifest, mediaTypes ...string) ([]attached, error) {
	parsed, err := signature.ParseArtifact(found.Content)
	if err != nil {
		return nil, s.refuse(found.Digest, err)
	}
	var all []attached
	for _, layer := range parsed.Layers {
		if len(mediaTypes) > 0 && !slices.Contains(mediaTypes, layer.MediaType) {
			continue
		}
		annotations := maps.Clone(parsed.Annotations)
		if annotations == nil {
			annotations = map[string]string{}
		}
		maps.Copy(annotations, layer.Annotations)
		layer.Annotations = annotations
		all = append(all, attached{layer, found.Digest})
	}
	return all, nil
}

// content fetches a blob and holds it against its digest.
func (v *verification) content(ctx context.Context, a attached) ([]byte, error) {
	content, err := v.reader.Blob(ctx, fmt.Sprintf("read the blob %s", a.Digest), a.Digest, a.Size, maxBlob)
	if err == nil && image.DigestOf(content) != a.Digest {
		return nil, errors.New("what it holds is not what its manifest names")
	}
	return content, err
}

// none is the fault of a search that found nothing that counts.
func (s *search) none(named string) error {
	const shown = 3
	if len(s.findings) == 0 {
		return fault.New(fault.ImageUnsigned, s.fix+", then start a new execution with the same input", "gate %s: %s has no %s; looked at %s",
			s.gate, named, s.wanted, strings.Join(s.looked, ", "))
	}
	told := strings.Join(s.findings[:min(len(s.findings), shown)], "; ")
	if more := len(s.findings) - shown; more > 0 {
		told += fmt.Sprintf("; and %d more", more)
	}
	return fault.New(fault.ImageSignatureInvalid, s.fix+", then start a new execution with the same input", "gate %s: %s has no %s; what is attached does not count: %s",
		s.gate, named, s.wanted, told)
}
