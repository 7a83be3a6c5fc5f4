package signer

import (
	"strconv"

	core "github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-core-go/signature/jws"

	"fairlead/local/world"
)

const (
	// payloadFormat is the only one that AWS takes.
	payloadFormat = "application/vnd.cncf.notary.payload.v1+json"
	maxPayload    = 4096 // bytes
)

type signInput struct {
	ProfileName, ProfileOwner, PayloadFormat string
	Payload                                  []byte
}

type signOutput struct {
	JobID     string            `json:"jobId"`
	JobOwner  string            `json:"jobOwner"`
	Metadata  map[string]string `json:"metadata"`
	Signature []byte            `json:"signature"`
}

// signPayload signs the descriptor of an image with a profile, and answers the whole envelope.
// https://docs.aws.amazon.com/signer/latest/api/API_SignPayload.html
func (s *Service) signPayload(c *world.Call, in signInput) (signOutput, error) {
	p, err := s.find(c, "signer:SignPayload", in.ProfileName, in.ProfileOwner)
	if err != nil {
		return signOutput{}, err
	}
	if err := check(constraint{"payload", strconv.Itoa(len(in.Payload)) + " bytes", len(in.Payload) >= 1 && len(in.Payload) <= maxPayload},
		constraint{"payloadFormat", in.PayloadFormat, in.PayloadFormat == payloadFormat}); err != nil {
		return signOutput{}, err
	}
	if p.Revoked != nil {
		return signOutput{}, world.Errorf("ValidationException", "The signing profile %s is revoked.", p.Name)
	}
	made := &job{ID: s.w.UUID(), Profile: s.versionARN(p), Version: p.Version}
	envelope, err := s.sign(in.Payload, p, made)
	if err != nil {
		return signOutput{}, &world.Error{Code: "InternalServiceErrorException", Status: 500, Message: err.Error()}
	}
	s.state.Jobs[made.ID] = made
	return signOutput{JobID: made.ID, JobOwner: s.w.Account, Metadata: map[string]string{}, Signature: envelope}, nil
}

// sign makes the envelope, with the attributes that AWS's have.
// https://docs.aws.amazon.com/signer/latest/developerguide/image-verification.html
func (s *Service) sign(payload []byte, p *profile, made *job) ([]byte, error) {
	now := s.w.Now()
	with, err := s.state.Authority.signer(now, s.w.Region)
	if err != nil {
		return nil, err
	}
	return jws.NewEnvelope().Sign(&core.SignRequest{
		Signer: with, SigningScheme: core.SigningSchemeX509SigningAuthority, SigningTime: now, Expiry: p.Validity.from(now),
		Payload: core.Payload{ContentType: payloadFormat, Content: payload},
		ExtendedSignedAttributes: []core.Attribute{
			{Key: "io.cncf.notary.verificationPlugin", Critical: true, Value: "com.amazonaws.signer.notation.plugin"},
			{Key: "com.amazonaws.signer.signingProfileVersion", Critical: true, Value: made.Profile},
			{Key: "com.amazonaws.signer.signingJob", Critical: true, Value: s.jobARN(made.ID)},
		},
	})
}

type revokeInput struct{ JobID, JobOwner, Reason string }

// revokeSignature makes one signature count no more.
// https://docs.aws.amazon.com/signer/latest/api/API_RevokeSignature.html
func (s *Service) revokeSignature(c *world.Call, in revokeInput) (struct{}, error) {
	made, version := s.state.Jobs[in.JobID], ""
	if made != nil {
		version = made.Version
	}
	if err := c.Authorize("signer:RevokeSignature", s.jobARN(in.JobID), byVersion(version)); err != nil {
		return struct{}{}, err
	}
	if err := check(reason(in.Reason)); err != nil {
		return struct{}{}, err
	}
	if err := s.ours("jobOwner", in.JobOwner); err != nil {
		return struct{}{}, err
	}
	if made == nil {
		return struct{}{}, notFound("The signing job " + in.JobID)
	}
	made.Revoked = true
	return struct{}{}, nil
}
