package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"fairlead/local/wire"
	"fairlead/local/world"
)

// errNoHost: AWS takes no signature that leaves out the host.
var errNoHost = errors.New("the host is not signed")

// skew is how far a client's clock may be from AWS's.
const skew = 5 * time.Minute

// Verifier checks signatures.
type Verifier struct {
	// Region, if it is set, is the one that requests must be signed for. IAM and STS take us-east-1 as well, because
	// they have a global endpoint.
	Region string
	// Trusting, if it is set, spares the computing: who has a key's session token, or the id of a key without one, is
	// taken for its owner. It is for clients in process that sign by [Naming].
	Trusting bool
	lookup   Lookup
	now      func() time.Time
	signer   *v4.Signer
}

// NewVerifier makes a verifier. now is the wall clock: clients sign by theirs.
func NewVerifier(lookup Lookup, now func() time.Time) *Verifier {
	return &Verifier{lookup: lookup, now: now, signer: v4.NewSigner(func(o *v4.SignerOptions) { o.DisableHeaderHoisting = true })}
}

// Verify returns who signed the request, whose whole body is given. The error is the *world.Error that the service of
// the request would answer: the services of the Query protocol have names of their own for it.
func (v *Verifier) Verify(r *http.Request, body []byte) (world.Principal, error) {
	in, _ := wire.Parse(r, body)
	_, query := in.Protocol.(wire.Query)
	words := vocabulary(query)
	s, incomplete := read(r)
	switch {
	case incomplete != "":
		return world.Principal{}, words.incomplete(incomplete)
	case s.hex == "":
		return world.Principal{}, words.missing()
	}
	secret, ok := v.lookup(s.accessKey)
	if !ok || secret.Token != s.token {
		return world.Principal{}, words.unknown()
	}
	if problem := v.checkScope(s, in.Service); problem != "" {
		return world.Principal{}, words.mismatch(problem)
	}
	if problem := s.checkTime(v.now()); problem != "" {
		return world.Principal{}, words.mismatch(problem)
	}
	if !v.Trusting && !v.signed(r, body, s, secret) {
		return world.Principal{}, words.mismatch("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if secret.Expired {
		return world.Principal{}, words.expired()
	}
	return secret.Principal, nil
}

// signed reports whether the signature is the one that the secret gives.
func (v *Verifier) signed(r *http.Request, body []byte, s signature, secret Secret) bool {
	want, err := v.sign(r, body, s, secret)
	return err == nil && hmac.Equal([]byte(want), []byte(s.hex))
}

// checkScope: a signature is for one service in one region.
func (v *Verifier) checkScope(s signature, service string) string {
	global := (service == "iam" || service == "sts") && s.region == "us-east-1"
	switch {
	case v.Region != "" && s.region != v.Region && !global:
		return "Credential should be scoped to a valid region, not '" + s.region + "'. "
	case service != "" && s.service != service:
		return "Credential should be scoped to correct service: '" + service + "'. "
	}
	return ""
}

func (s signature) checkTime(now time.Time) string {
	lives := skew
	if s.presigned {
		lives = s.lives
	}
	at, is := s.signedAt.Format(stamp), now.UTC().Format(stamp)
	switch {
	case now.Sub(s.signedAt) > lives && !s.presigned:
		return "Signature expired: " + at + " is now earlier than " + now.Add(-skew).UTC().Format(stamp) + " (" + is + " - 5 min.)"
	case now.Sub(s.signedAt) > lives:
		return "Signature expired: " + s.signedAt.Add(lives).Format(stamp) + " is now earlier than " + is
	case s.signedAt.Sub(now) > skew:
		return "Signature not yet current: " + at + " is still later than " + now.Add(skew).UTC().Format(stamp) + " (" + is + " + 5 min.)"
	}
	return ""
}

// sign computes the signature of what the client says it has signed.
func (v *Verifier) sign(r *http.Request, body []byte, s signature, secret Secret) (string, error) {
	if !slices.Contains(s.headers, "host") {
		return "", errNoHost
	}
	signed := s.only(r)
	sum := sha256.Sum256(body)
	payload, keys := hex.EncodeToString(sum[:]), aws.Credentials{AccessKeyID: s.accessKey, SecretAccessKey: secret.Key}
	if !s.presigned {
		err := v.signer.SignHTTP(context.Background(), keys, signed, payload, s.service, s.region, s.signedAt)
		return lastField(signed.Header.Get("Authorization")), err
	}
	uri, _, err := v.signer.PresignHTTP(context.Background(), keys, signed, payload, s.service, s.region, s.signedAt)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	return u.Query().Get("X-Amz-Signature"), nil
}

// only is the request with nothing in it but what was signed.
func (s signature) only(r *http.Request) *http.Request {
	u := *r.URL
	q := u.Query()
	q.Del("X-Amz-Signature")
	if s.presigned {
		u.RawQuery = q.Encode()
	}
	signed := &http.Request{Method: r.Method, URL: &u, Host: r.Host, Header: http.Header{}}
	for _, name := range s.headers {
		switch name {
		case "host":
		case "content-length":
			signed.ContentLength = r.ContentLength
		default:
			signed.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	return signed
}

func lastField(authorization string) string {
	return authorization[strings.LastIndex(authorization, "=")+1:]
}
