package signer

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"fairlead/local/world"
)

// validity is how long signatures are valid: 135 months if nobody says otherwise.
// https://docs.aws.amazon.com/signer/latest/api/API_SignatureValidityPeriod.html
type validity struct {
	Type  string `json:"type"` // DAYS, MONTHS or YEARS
	Value int    `json:"value"`
}

// from is the end of a signature that is made at t.
func (v validity) from(t time.Time) time.Time {
	switch v.Type {
	case "DAYS":
		return t.AddDate(0, 0, v.Value)
	case "MONTHS":
		return t.AddDate(0, v.Value, 0)
	default:
		return t.AddDate(v.Value, 0, 0)
	}
}

type putInput struct {
	ProfileName             string
	PlatformID              string `json:"platformId"`
	SignatureValidityPeriod *validity
	Overrides               json.RawMessage
	SigningMaterial         json.RawMessage
	SigningParameters       json.RawMessage
	Tags                    json.RawMessage
}

type putOutput struct {
	ARN               string `json:"arn"`
	ProfileVersion    string `json:"profileVersion"`
	ProfileVersionARN string `json:"profileVersionArn"`
}

// putSigningProfile makes a profile.
// https://docs.aws.amazon.com/signer/latest/api/API_PutSigningProfile.html
func (s *Service) putSigningProfile(c *world.Call, in putInput) (putOutput, error) {
	if err := c.Authorize("signer:PutSigningProfile", "*", nil); err != nil {
		return putOutput{}, err
	}
	lasts := validity{"MONTHS", 135}
	if in.SignatureValidityPeriod != nil {
		lasts = *in.SignatureValidityPeriod
	}
	if err := check(constraint{"profileName", in.ProfileName, nameForm.MatchString(in.ProfileName)}, constraint{"platformId", in.PlatformID, in.PlatformID != ""},
		constraint{"signatureValidityPeriod.type", lasts.Type, slices.Contains([]string{"DAYS", "MONTHS", "YEARS"}, lasts.Type)},
		constraint{"signatureValidityPeriod.value", strconv.Itoa(lasts.Value), lasts.Value > 0}); err != nil {
		return putOutput{}, err
	}
	switch {
	case in.PlatformID != platform:
		return putOutput{}, world.NotImplemented("a platform other than " + platform)
	case in.Overrides != nil || in.SigningMaterial != nil || in.SigningParameters != nil || in.Tags != nil:
		return putOutput{}, world.NotImplemented("overrides, signingMaterial, signingParameters or tags of a signing profile")
	case s.state.Profiles[in.ProfileName] != nil:
		return putOutput{}, world.NotImplemented("another version of a signing profile")
	}
	p := &profile{Name: in.ProfileName, Version: s.w.Alphanumeric(10), Validity: lasts}
	s.state.Profiles[in.ProfileName] = p
	return putOutput{s.profileARN(p.Name), p.Version, s.versionARN(p)}, nil
}

type getInput struct{ ProfileName, ProfileOwner string }

type getOutput struct {
	putOutput
	ProfileName             string            `json:"profileName"`
	PlatformID              string            `json:"platformId"`
	PlatformDisplayName     string            `json:"platformDisplayName"`
	SignatureValidityPeriod validity          `json:"signatureValidityPeriod"`
	Status                  string            `json:"status"`
	RevocationRecord        *revocationRecord `json:"revocationRecord,omitempty"`
	Tags                    map[string]string `json:"tags"`
}

type revocationRecord struct {
	RevocationEffectiveFrom *world.Epoch `json:"revocationEffectiveFrom"`
	RevokedAt               *world.Epoch `json:"revokedAt"`
	RevokedBy               string       `json:"revokedBy"`
}

// getSigningProfile describes a profile.
// https://docs.aws.amazon.com/signer/latest/api/API_GetSigningProfile.html
func (s *Service) getSigningProfile(c *world.Call, in getInput) (getOutput, error) {
	p, err := s.find(c, "signer:GetSigningProfile", in.ProfileName, in.ProfileOwner)
	if err != nil {
		return getOutput{}, err
	}
	out := getOutput{putOutput: putOutput{s.profileARN(p.Name), p.Version, s.versionARN(p)}, ProfileName: p.Name, PlatformID: platform,
		PlatformDisplayName: platformName, SignatureValidityPeriod: p.Validity, Status: "Active", Tags: map[string]string{}}
	if p.Revoked != nil {
		out.Status = "Revoked"
		out.RevocationRecord = &revocationRecord{world.EpochOf(p.Revoked.From), world.EpochOf(p.Revoked.At), p.Revoked.By}
	}
	return out, nil
}

type revokeProfileInput struct {
	ProfileName, ProfileVersion, Reason string
	EffectiveTime                       *world.Epoch
}

// revokeSigningProfile makes signatures of a profile that are made after a time count no more.
// https://docs.aws.amazon.com/signer/latest/api/API_RevokeSigningProfile.html
func (s *Service) revokeSigningProfile(c *world.Call, in revokeProfileInput) (struct{}, error) {
	p, err := s.find(c, "signer:RevokeSigningProfile", in.ProfileName, "")
	if err != nil {
		return struct{}{}, err
	}
	if err := check(constraint{"profileVersion", in.ProfileVersion, versionForm.MatchString(in.ProfileVersion)}, reason(in.Reason),
		constraint{"effectiveTime", "null", in.EffectiveTime != nil}); err != nil {
		return struct{}{}, err
	}
	if in.ProfileVersion != p.Version {
		return struct{}{}, notFound("Version " + in.ProfileVersion + " of the signing profile " + p.Name)
	}
	p.Revoked = &revoking{From: in.EffectiveTime.Time, At: s.w.Now(), By: c.Principal.ARN}
	return struct{}{}, nil
}

// find is the profile that a call names, if the caller may.
func (s *Service) find(c *world.Call, action, name, owner string) (*profile, error) {
	p, version := s.state.Profiles[name], ""
	if p != nil {
		version = p.Version
	}
	if err := c.Authorize(action, s.profileARN(name), byVersion(version)); err != nil {
		return nil, err
	}
	if err := check(constraint{"profileName", name, nameForm.MatchString(name)}); err != nil {
		return nil, err
	}
	if err := s.ours("profileOwner", owner); err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notFound("The signing profile " + name)
	}
	return p, nil
}
