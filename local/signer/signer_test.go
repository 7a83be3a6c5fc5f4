package signer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssigner "github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/aws-sdk-go-v2/service/signer/types"
	"github.com/aws/smithy-go"

	"fairlead/functions/checksignature"
	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/shared/gate/notation"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	format   = "application/vnd.cncf.notary.payload.v1+json"
	platform = "Notation-OCI-SHA384-ECDSA"
	digest   = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
)

// reached is an embedded AWS that is reached as from outside.
type reached struct {
	*awssigner.Client
	aws *local.AWS
	url string
}

func start(t *testing.T) reached {
	t.Helper()
	a := local.New(local.Options{Place: local.Place(), Seed: 1, Clock: time.Now, Host: func() string { return "127.0.0.1:4566" },
		Blobs: &blob.Memory{}, Pace: 1, Logger: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	keys := a.Administrator()
	return reached{checksignature.NewSigner(aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)}), a, server.URL}
}

// profile makes the profile "shop", and returns its version and the ARN of that.
func (r reached) profile(t *testing.T) (version, arn string) {
	t.Helper()
	made, err := r.PutSigningProfile(t.Context(), &awssigner.PutSigningProfileInput{ProfileName: aws.String("shop"), PlatformId: aws.String(platform)})
	if err != nil {
		t.Fatal(err)
	}
	return *made.ProfileVersion, *made.ProfileVersionArn
}

// sign signs an image as AWS's plugin has it signed.
func (r reached) sign(t *testing.T) *awssigner.SignPayloadOutput {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"targetArtifact": map[string]any{"mediaType": image.OCIManifest, "digest": digest, "size": 500}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.SignPayload(t.Context(), &awssigner.SignPayloadInput{ProfileName: aws.String("shop"), PayloadFormat: aws.String(format), Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verify holds an envelope against the gate's own verifier, which asks this AWS Signer.
func (r reached) verify(t *testing.T, envelope []byte) (string, error) {
	t.Helper()
	reply, err := http.Get(r.url + "/_local/signer/root.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	root, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	v, err := notation.NewSigner(signature.Signer{Profiles: []string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"}, Certificates: string(root)},
		func(ctx context.Context, made notation.Traces) ([]string, error) {
			out, err := r.GetRevocationStatus(ctx, &awssigner.GetRevocationStatusInput{CertificateHashes: made.CertificateHashes, JobArn: &made.Job,
				PlatformId: aws.String(platform), ProfileVersionArn: aws.String(made.Profile.String()), SignatureTimestamp: &made.At})
			if err != nil {
				return nil, err
			}
			return out.RevokedEntities, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return v.Verify(t.Context(), "application/jose+json", envelope, notation.Artifact{Reference: "127.0.0.1:4566/shop/web@" + string(digest), MediaType: image.OCIManifest, Digest: digest, Size: 500})
}

func TestWhatIsSignedCountsUntilItIsRevoked(t *testing.T) {
	r := start(t)
	version, arn := r.profile(t)
	first, second := r.sign(t), r.sign(t)
	for _, made := range []*awssigner.SignPayloadOutput{first, second} {
		if by, err := r.verify(t, made.Signature); err != nil || by != arn {
			t.Fatalf("signed by %q, %v", by, err)
		}
	}
	if _, err := r.RevokeSignature(t.Context(), &awssigner.RevokeSignatureInput{JobId: first.JobId, Reason: aws.String("a mistake")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.verify(t, first.Signature); err == nil || !strings.Contains(err.Error(), "names arn:aws:signer:eu-west-1:123456789012:/signing-jobs/"+*first.JobId) {
		t.Errorf("a signature that was revoked: %v", err)
	}
	if _, err := r.verify(t, second.Signature); err != nil {
		t.Errorf("another one: %v", err)
	}
	revoke := func(from time.Time) {
		t.Helper()
		if _, err := r.RevokeSigningProfile(t.Context(), &awssigner.RevokeSigningProfileInput{ProfileName: aws.String("shop"), ProfileVersion: &version, Reason: aws.String("stolen"), EffectiveTime: &from}); err != nil {
			t.Fatal(err)
		}
	}
	revoke(time.Now().Add(time.Hour))
	if _, err := r.verify(t, second.Signature); err != nil {
		t.Errorf("made before the profile was revoked: %v", err)
	}
	revoke(time.Now().Add(-time.Hour))
	if _, err := r.verify(t, second.Signature); err == nil || !strings.Contains(err.Error(), "names "+arn) {
		t.Errorf("made after the profile was revoked: %v", err)
	}
	got, err := r.GetSigningProfile(t.Context(), &awssigner.GetSigningProfileInput{ProfileName: aws.String("shop")})
	if err != nil || got.Status != types.SigningProfileStatusRevoked || *got.ProfileVersionArn != arn || *got.PlatformId != platform || got.SignatureValidityPeriod.Value != 135 ||
		!strings.HasSuffix(*got.RevocationRecord.RevokedBy, ":user/administrator") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatAWSSignerRefuses(t *testing.T) {
	r := start(t)
	version, arn := r.profile(t)
	asks := func(change func(*awssigner.GetRevocationStatusInput)) error {
		in := awssigner.GetRevocationStatusInput{CertificateHashes: []string{"a"}, JobArn: aws.String("arn:aws:signer:eu-west-1:123456789012:/signing-jobs/x"),
			PlatformId: aws.String(platform), ProfileVersionArn: &arn, SignatureTimestamp: aws.Time(time.Now())}
		change(&in)
		_, err := r.GetRevocationStatus(t.Context(), &in)
		return err
	}
	put := func(name, platform string) error {
		_, err := r.PutSigningProfile(t.Context(), &awssigner.PutSigningProfileInput{ProfileName: &name, PlatformId: &platform})
		return err
	}
	signs := func(name, owner, format, payload string) error {
		in := awssigner.SignPayloadInput{ProfileName: &name, PayloadFormat: &format, Payload: []byte(payload)}
		if owner != "" {
			in.ProfileOwner = &owner
		}
		_, err := r.SignPayload(t.Context(), &in)
		return err
	}
	revokes := func(name, version, reason string) error {
		_, err := r.RevokeSigningProfile(t.Context(), &awssigner.RevokeSigningProfileInput{ProfileName: &name, ProfileVersion: &version, Reason: &reason, EffectiveTime: aws.Time(time.Now())})
		return err
	}
	_, gone := r.RevokeSignature(t.Context(), &awssigner.RevokeSignatureInput{JobId: aws.String("x"), Reason: aws.String("y")})
	_, unserved := r.ListSigningJobs(t.Context(), &awssigner.ListSigningJobsInput{})
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a name with a dash":           {put("a-b", platform), "ValidationException"},
		"another platform":             {put("lambda", "AWSLambda-SHA384-ECDSA"), "NotImplemented"},
		"a profile twice":              {put("shop", platform), "NotImplemented"},
		"a profile that is not there":  {signs("other", "", format, "{}"), "ResourceNotFoundException"},
		"a profile of another account": {signs("shop", "210987654321", format, "{}"), "NotImplemented"},
		"an owner that is none":        {signs("shop", "x", format, "{}"), "ValidationException"},
		"another format":               {signs("shop", "", "text/plain", "{}"), "ValidationException"},
		"too much":                     {signs("shop", "", format, strings.Repeat("x", 4097)), "ValidationException"},
		"another version":              {revokes("shop", "ABCDEFGHIJ", "x"), "ResourceNotFoundException"},
		"no reason":                    {revokes("shop", version, ""), "ValidationException"},
		"a job that is not there":      {gone, "ResourceNotFoundException"},
		"revocations of a platform":    {asks(func(in *awssigner.GetRevocationStatusInput) { in.PlatformId = aws.String("x") }), "ValidationException"},
		"of another partition": {asks(func(in *awssigner.GetRevocationStatusInput) {
			in.JobArn = aws.String("arn:aws-us-gov:signer:us-gov-west-1:123456789012:/signing-jobs/x")
		}), "ValidationException"},
		"of a whole profile": {asks(func(in *awssigner.GetRevocationStatusInput) {
			in.ProfileVersionArn = aws.String(strings.TrimSuffix(arn, "/"+version))
		}), "ValidationException"},
		"of nothing that was revoked": {asks(func(*awssigner.GetRevocationStatusInput) {}), ""},
		"what is not served":          {unserved, "NotImplemented"},
	} {
		var answer smithy.APIError
		switch errors.As(test.err, &answer); {
		case test.want == "" && test.err != nil, test.want != "" && (answer == nil || answer.ErrorCode() != test.want):
			t.Errorf("%s: %v, want %q", name, test.err, test.want)
		}
	}
}

// TestTheAuthorityOutlivesARestart wants the same root after the world was written down and read back.
func TestTheAuthorityOutlivesARestart(t *testing.T) {
	before, after := start(t), start(t)
	_, arn := before.profile(t)
	signed := before.sign(t)
	raw, err := before.aws.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := after.aws.Resume(raw, 2); err != nil {
		t.Fatal(err)
	}
	if by, err := after.verify(t, signed.Signature); err != nil || by != arn {
		t.Errorf("signed by %q, %v", by, err)
	}
}
