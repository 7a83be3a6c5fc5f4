package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"fairlead/local/sigv4"
	"fairlead/local/world"
)

const (
	userKey    = "AKIAEXAMPLEEXAMPLE12"
	sessionKey = "ASIAEXAMPLEEXAMPLE12"
	endedKey   = "ASIAENDEDENDEDENDED1"
	secretKey  = "secret"
	token      = "IQoJb3JpZ2lu/+=token"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func lookup(id string) (sigv4.Secret, bool) {
	known := map[string]sigv4.Secret{
		userKey:    {Key: secretKey, Principal: world.Principal{ARN: "user"}},
		sessionKey: {Key: secretKey, Token: token, Principal: world.Principal{ARN: "session"}},
		endedKey:   {Key: secretKey, Token: token, Expired: true},
	}
	s, ok := known[id]
	return s, ok
}

// received sends the request over HTTP and returns it as the server reads it.
func received(t *testing.T, r *http.Request) (*http.Request, []byte) {
	t.Helper()
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer s.Close()
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(s.URL, "http://")
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	return got, body
}

// call is a call of ECS, unsigned, to the host that the signature covers.
func call(method, target, body string) *http.Request {
	r, _ := http.NewRequest(method, "http://127.0.0.1:4566"+target, strings.NewReader(body))
	r.Host = "127.0.0.1:4566"
	if method == http.MethodPost && target == "/" {
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.DescribeServices")
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	return r
}

func sign(t *testing.T, r *http.Request, body string, keys aws.Credentials, service, region string, at time.Time) {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), keys, r, hex.EncodeToString(sum[:]), service, region, at); err != nil {
		t.Fatal(err)
	}
}

func TestASignatureIsTakenOrRefusedAsAWSDoes(t *testing.T) {
	user := aws.Credentials{AccessKeyID: userKey, SecretAccessKey: secretKey}
	session := aws.Credentials{AccessKeyID: sessionKey, SecretAccessKey: secretKey, SessionToken: token}
	const body = `{"services":["web"]}`
	none := func(*http.Request) {}
	tests := []struct {
		name            string
		keys            aws.Credentials
		service, region string
		at              time.Time
		after           func(*http.Request) // what becomes of the request once it is signed
		code, message   string              // empty: taken
	}{
		{"a user's key", user, "ecs", "eu-west-1", now, none, "", ""},
		{"a session's key with its token", session, "ecs", "eu-west-1", now, none, "", ""},
		{"a session's key without its token", aws.Credentials{AccessKeyID: sessionKey, SecretAccessKey: secretKey}, "ecs", "eu-west-1", now, none, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"a user's key with a token", aws.Credentials{AccessKeyID: userKey, SecretAccessKey: secretKey, SessionToken: token}, "ecs", "eu-west-1", now, none, "UnrecognizedClientException", ""},
		{"a key that nobody has", aws.Credentials{AccessKeyID: "AKIAUNKNOWN", SecretAccessKey: secretKey}, "ecs", "eu-west-1", now, none, "UnrecognizedClientException", ""},
		{"a session that has ended", aws.Credentials{AccessKeyID: endedKey, SecretAccessKey: secretKey, SessionToken: token}, "ecs", "eu-west-1", now, none, "ExpiredTokenException", "The security token included in the request is expired"},
		{"another secret", aws.Credentials{AccessKeyID: userKey, SecretAccessKey: "guess"}, "ecs", "eu-west-1", now, none, "InvalidSignatureException", "does not match"},
		{"another body than the signed one", user, "ecs", "eu-west-1", now, func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(`{"services":["api"]}`)), 20
		}, "InvalidSignatureException", "does not match"},
		{"another operation than the signed one", user, "ecs", "eu-west-1", now, func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.UpdateService")
		}, "InvalidSignatureException", "does not match"},
		{"a header that was not signed may change", user, "ecs", "eu-west-1", now, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "10.0.0.1") }, "", ""},
		{"another region", user, "ecs", "us-west-2", now, none, "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-west-2'. "},
		{"another service", user, "ecr", "eu-west-1", now, none, "InvalidSignatureException", "Credential should be scoped to correct service: 'ecs'. "},
		{"five minutes old", user, "ecs", "eu-west-1", now.Add(-5 * time.Minute), none, "", ""},
		{"older than five minutes", user, "ecs", "eu-west-1", now.Add(-5*time.Minute - time.Second), none, "InvalidSignatureException", "Signature expired: 20261123T115459Z is now earlier than 20261123T115500Z (20261123T120000Z - 5 min.)"},
		{"more than five minutes ahead", user, "ecs", "eu-west-1", now.Add(5*time.Minute + time.Second), none, "InvalidSignatureException", "Signature not yet current: 20261123T120501Z is still later than 20261123T120500Z (20261123T120000Z + 5 min.)"},
		{"no signature", user, "ecs", "eu-west-1", now, func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"half an Authorization header", user, "ecs", "eu-west-1", now, func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+userKey+"/20261123/eu-west-1/ecs/aws4_request")
		}, "IncompleteSignatureException", "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."},
		{"a password", user, "ecs", "eu-west-1", now, func(r *http.Request) { r.SetBasicAuth("AWS", "x") }, "IncompleteSignatureException", "Unsupported AWS 'algorithm': 'Basic'."},
		{"a signature that leaves out the host", user, "ecs", "eu-west-1", now, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";host", "", 1))
		}, "InvalidSignatureException", "does not match"},
	}
	verifier := sigv4.NewVerifier(lookup, func() time.Time { return now })
	verifier.Region = "eu-west-1"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := call(http.MethodPost, "/", body)
			sign(t, r, body, tt.keys, tt.service, tt.region, tt.at)
			tt.after(r)
			got, raw := received(t, r)
			_, err := verifier.Verify(got, raw)
			check(t, err, tt.code, tt.message)
		})
	}
}

func check(t *testing.T, err error, code, message string) {
	t.Helper()
	var e *world.Error
	if code == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("got %v, want %s with %q", err, code, message)
	}
}

func TestTheQueryServicesNameTheErrorsOtherwise(t *testing.T) {
	verifier := sigv4.NewVerifier(lookup, func() time.Time { return now })
	const form = "Action=GetCallerIdentity&Version=2011-06-15"
	tests := []struct {
		name, code string
		keys       aws.Credentials
	}{
		{"an unknown key", "InvalidClientTokenId", aws.Credentials{AccessKeyID: "AKIAUNKNOWN", SecretAccessKey: secretKey}},
		{"another secret", "SignatureDoesNotMatch", aws.Credentials{AccessKeyID: userKey, SecretAccessKey: "guess"}},
		{"an ended session", "ExpiredToken", aws.Credentials{AccessKeyID: endedKey, SecretAccessKey: secretKey, SessionToken: token}},
		{"the right keys", "", aws.Credentials{AccessKeyID: userKey, SecretAccessKey: secretKey}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := call(http.MethodPost, "/", form)
			r.Header.Del("X-Amz-Target")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			sign(t, r, form, tt.keys, "sts", "us-east-1", now)
			got, raw := received(t, r)
			_, err := verifier.Verify(got, raw)
			check(t, err, tt.code, "")
		})
	}
}

func TestAFunctionsARNInThePathIsSigned(t *testing.T) {
	verifier := sigv4.NewVerifier(lookup, func() time.Time { return now })
	r := call(http.MethodPost, "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Acheck/invocations?Qualifier=%24LATEST", "{}")
	sign(t, r, "{}", aws.Credentials{AccessKeyID: userKey, SecretAccessKey: secretKey}, "lambda", "eu-west-1", now)
	got, raw := received(t, r)
	p, err := verifier.Verify(got, raw)
	if err != nil || p.ARN != "user" {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestAPresignedRequestIsGoodForItsTime(t *testing.T) {
	signed := func(t *testing.T) *http.Request {
		r := call(http.MethodGet, "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=900", "")
		r.Header.Set("x-k8s-aws-id", "prod")
		sum := sha256.Sum256(nil)
		keys := aws.Credentials{AccessKeyID: sessionKey, SecretAccessKey: secretKey, SessionToken: token}
		uri, header, err := v4.NewSigner().PresignHTTP(context.Background(), keys, r, hex.EncodeToString(sum[:]), "sts", "us-east-1", now)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := http.NewRequest(http.MethodGet, uri, bytes.NewReader(nil))
		out.Header, out.Host = header, "127.0.0.1:4566"
		return out
	}
	tests := []struct {
		name, code string
		later      time.Duration
		change     func(*http.Request)
	}{
		{"at once", "", 0, func(*http.Request) {}},
		{"after a quarter of an hour", "", 15 * time.Minute, func(*http.Request) {}},
		{"a second later", "SignatureDoesNotMatch", 15*time.Minute + time.Second, func(*http.Request) {}},
		{"with another header", "SignatureDoesNotMatch", 0, func(r *http.Request) { r.Header.Set("x-k8s-aws-id", "test") }},
		{"with another action", "SignatureDoesNotMatch", 0, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "GetCallerIdentity", "AssumeRole", 1)
		}},
		{"for longer than it was made for", "SignatureDoesNotMatch", 0, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Expires=900", "Expires=9000", 1)
		}},
		{"for longer than a week", "IncompleteSignature", 0, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Expires=900", "Expires=604801", 1)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			verifier := sigv4.NewVerifier(lookup, func() time.Time { return now.Add(tt.later) })
			r := signed(t)
			tt.change(r)
			got, raw := received(t, r)
			_, err := verifier.Verify(got, raw)
			check(t, err, tt.code, "")
		})
	}
}

func FuzzVerifyNeverTakesWhatItDidNotSign(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential="+userKey+"/20261123/eu-west-1/ecs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "20261123T120000Z", "")
	f.Add("", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+userKey+"%2F20261123%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261123T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=00")
	verifier := sigv4.NewVerifier(lookup, func() time.Time { return now })
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL.RawQuery = query
		r.Header["Authorization"], r.Header["X-Amz-Date"] = []string{authorization}, []string{date}
		if p, err := verifier.Verify(r, nil); err == nil {
			t.Errorf("taken as %v", p)
		}
	})
}

// TestATrustingVerifierTakesTheKeyThatIsNamed: everything but the sum of a signature is checked.
func TestATrustingVerifierTakesTheKeyThatIsNamed(t *testing.T) {
	t.Parallel()
	known := aws.Credentials{AccessKeyID: sessionKey, SecretAccessKey: secretKey, SessionToken: token}
	cases := map[string]struct {
		keys     aws.Credentials
		service  string
		trusting bool
		code     string
	}{
		"a session":               {keys: known, service: "ecs", trusting: true},
		"a user":                  {keys: aws.Credentials{AccessKeyID: userKey}, service: "ecs", trusting: true},
		"a token of another":      {keys: aws.Credentials{AccessKeyID: sessionKey, SessionToken: "other"}, service: "ecs", trusting: true, code: "UnrecognizedClientException"},
		"an expired session":      {keys: aws.Credentials{AccessKeyID: endedKey, SessionToken: token}, service: "ecs", trusting: true, code: "ExpiredTokenException"},
		"another service":         {keys: known, service: "ecr", trusting: true, code: "InvalidSignatureException"},
		"one that does not trust": {keys: known, service: "ecs", code: "InvalidSignatureException"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := call(http.MethodPost, "/", "{}")
			if err := (sigv4.Naming{}).SignHTTP(t.Context(), c.keys, r, "", c.service, "eu-west-1", now); err != nil {
				t.Fatal(err)
			}
			v := sigv4.NewVerifier(lookup, func() time.Time { return now })
			v.Trusting = c.trusting
			_, err := v.Verify(r, []byte("{}"))
			if (err == nil) != (c.code == "") || err != nil && world.AsError(err).Code != c.code {
				t.Errorf("answered %v, want %q", err, c.code)
			}
		})
	}
}
