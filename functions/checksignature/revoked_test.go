package checksignature_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/smithy-go"

	"fairlead/functions/checksignature"
	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

const (
	profile = "arn:aws:signer:us-east-1:210987654321:/signing-profiles/shop"
	version = profile + "/awUPb84ibN"
	job     = "arn:aws:signer:us-east-1:123456789012:/signing-jobs/e218ee67-5dd3-4dc4-8caf-224898b12493"
)

// revocations is an AWS Signer that knows what was revoked.
type revocations struct {
	revoked []string
	broken  error
	asked   []signer.GetRevocationStatusInput
	region  string // that was asked last
}

func (r *revocations) GetRevocationStatus(_ context.Context, in *signer.GetRevocationStatusInput, options ...func(*signer.Options)) (*signer.GetRevocationStatusOutput, error) {
	var o signer.Options
	for _, option := range options {
		option(&o)
	}
	r.asked, r.region = append(r.asked, *in), o.Region
	return &signer.GetRevocationStatusOutput{RevokedEntities: r.revoked}, r.broken
}

func TestSigner(t *testing.T) {
	root := gatetest.NewRoot(t, "root")
	ours, other := root.Issue(t, "AWS Signer", gatetest.Now()), gatetest.NewRoot(t, "root").Issue(t, "AWS Signer", gatetest.Now())
	push := func(w *world, by gatetest.Certificate, version string, digest image.Digest) {
		w.push("", w.pushed, notaryType, layer{gatetest.JWS, by.Sign(t, gatetest.BySigner(version, job), image.OCIManifest, digest, w.size), nil})
	}
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: signer:GetRevocationStatus"}
	const strange = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/shop/awUPb84ibN"
	for name, test := range map[string]struct {
		attach func(*world)
		want   outcome
		asked  int // how often AWS is asked for revocations
	}{
		"signed":                       {func(w *world) { push(w, ours, version, w.pushed) }, outcome{"", "signed by " + version}, 1},
		"signed by strangers, too":     {func(w *world) { push(w, ours, strange, w.pushed); push(w, ours, version, w.pushed) }, outcome{"", "signed by " + version}, 1},
		"not at all":                   {func(*world) {}, outcome{fault.ImageUnsigned, "notation sign --plugin com.amazonaws.signer.notation.plugin --id " + profile + " " + uri}, 0},
		"by another account":           {func(w *world) { push(w, ours, strange, w.pushed) }, outcome{fault.ImageSignatureInvalid, "none of those that may sign"}, 0},
		"by another root":              {func(w *world) { push(w, other, version, w.pushed) }, outcome{fault.ImageSignatureInvalid, "does not chain up"}, 0},
		"of another image, moved here": {func(w *world) { push(w, ours, version, elses) }, outcome{fault.ImageSignatureInvalid, "it is for another image"}, 1},
		"by a certificate of our own": {func(w *world) {
			w.push("", w.pushed, notaryType, layer{gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS}, image.OCIManifest, w.pushed, w.size), nil})
		}, outcome{fault.ImageSignatureInvalid, "signing scheme"}, 0},
		"revoked":                         {func(w *world) { push(w, ours, version, w.pushed); w.signer.revoked = []string{job} }, outcome{fault.ImageSignatureInvalid, "it was revoked: AWS Signer names " + job}, 1},
		"AWS denies to say":               {func(w *world) { push(w, ours, version, w.pushed); w.signer.broken = denied }, outcome{fault.PermissionDenied, "signer:GetRevocationStatus"}, 1},
		"AWS does not answer":             {func(w *world) { push(w, ours, version, w.pushed); w.signer.broken = errors.New("no route to host") }, outcome{fault.AWSUnavailable, "ask AWS Signer in us-east-1"}, 1},
		"a stranger's, and AWS is silent": {func(w *world) { push(w, ours, strange, w.pushed); w.signer.broken = denied }, outcome{fault.ImageSignatureInvalid, "none of those that may sign"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, config.Gates{Signature: &signature.Policy{Signer: &signature.Signer{Profiles: []string{profile}, Certificates: root.PEM()}}})
			test.attach(w)
			got := w.wants(t, test.want)
			if test.want.code == "" && (got.Kind != "signer" || got.SignedBy != version || got.SignedIn == "") {
				t.Errorf("%+v", got)
			}
			if len(w.signer.asked) != test.asked {
				t.Fatalf("AWS Signer is asked %d times, want %d", len(w.signer.asked), test.asked)
			}
			for _, in := range w.signer.asked {
				if *in.ProfileVersionArn != version || *in.JobArn != job || *in.PlatformId != "Notation-OCI-SHA384-ECDSA" || len(in.CertificateHashes) != 2 ||
					len(in.CertificateHashes[0]) != 192 || time.Since(*in.SignatureTimestamp) > time.Minute || w.signer.region != "us-east-1" {
					t.Errorf("asked in %q about %+v", w.signer.region, in)
				}
			}
		})
	}
}

// heard is an HTTP client that keeps what it was sent.
type heard struct{ *http.Request }

func (h *heard) Do(r *http.Request) (*http.Response, error) {
	h.Request = r
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"revokedEntities":[]}`)), Request: r}, nil
}

// TestTheHostThatIsAsked wants AWS's host of the region of the profile, and no word put before the host of another endpoint.
func TestTheHostThatIsAsked(t *testing.T) {
	for endpoint, want := range map[string]string{"": "data-signer.us-east-1.amazonaws.com", "http://127.0.0.1:4566": "127.0.0.1:4566"} {
		var sent heard
		cfg := aws.Config{Region: "eu-west-1", HTTPClient: &sent, Credentials: credentials.NewStaticCredentialsProvider("x", "y", "")}
		if endpoint != "" {
			cfg.BaseEndpoint = aws.String(endpoint)
		}
		_, err := checksignature.NewSigner(cfg).GetRevocationStatus(t.Context(), &signer.GetRevocationStatusInput{CertificateHashes: []string{"a", "b"},
			JobArn: aws.String("j"), PlatformId: aws.String("p"), ProfileVersionArn: aws.String("v"), SignatureTimestamp: aws.Time(time.Unix(0, 0))},
			func(o *signer.Options) { o.Region = "us-east-1" })
		if err != nil {
			t.Fatal(err)
		}
		if sent.URL.Host != want || sent.URL.Path != "/revocations" || !strings.Contains(sent.Header.Get("Authorization"), "/us-east-1/signer/aws4_request") {
			t.Errorf("%q: %s, signed by %s", endpoint, sent.URL, sent.Header.Get("Authorization"))
		}
	}
}
