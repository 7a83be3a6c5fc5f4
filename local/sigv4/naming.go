package sigv4

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Naming is an SDK client's signer that names the key, its scope and its session token and computes no signature: for a
// [Verifier] that is trusting.
type Naming struct{}

// SignHTTP sets the headers that a signature has.
func (Naming) SignHTTP(_ context.Context, keys aws.Credentials, r *http.Request, _, service, region string, at time.Time, _ ...func(*v4.SignerOptions)) error {
	date := at.UTC().Format(stamp)
	r.Header.Set("X-Amz-Date", date)
	if keys.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", keys.SessionToken)
	}
	scope := strings.Join([]string{keys.AccessKeyID, date[:8], region, service, "aws4_request"}, "/")
	r.Header.Set("Authorization", algorithm+" Credential="+scope+", SignedHeaders=host, Signature=none")
	return nil
}
