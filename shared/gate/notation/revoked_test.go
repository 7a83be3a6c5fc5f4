package notation_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/notation"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
)

// TestWhatWasRevoked signs with certificates that name a revocation list or an OCSP responder, which say one thing or the
// other, or do not answer.
func TestWhatWasRevoked(t *testing.T) {
	t.Parallel()
	root, stranger := gatetest.NewRoot(t, "root"), gatetest.NewRoot(t, "root")
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	const unknown = "revocation status is unknown"
	// Each answers about the certificate that has signed; nil hangs up.
	lists := map[string]func(gatetest.Certificate) []byte{
		"not on the list":          func(gatetest.Certificate) []byte { return root.List(t, soon) },
		"on the list":              func(c gatetest.Certificate) []byte { return root.List(t, soon, c) },
		"the list does not come":   func(gatetest.Certificate) []byte { return nil },
		"the list is none":         func(gatetest.Certificate) []byte { return []byte("x") },
		"the list is old":          func(gatetest.Certificate) []byte { return root.List(t, past) },
		"the list is another's":    func(gatetest.Certificate) []byte { return stranger.List(t, soon) },
		"it was said to be good":   func(c gatetest.Certificate) []byte { return root.Answer(t, c, ocsp.Good) },
		"it was said to be bad":    func(c gatetest.Certificate) []byte { return root.Answer(t, c, ocsp.Revoked) },
		"it is not known":          func(c gatetest.Certificate) []byte { return root.Answer(t, c, ocsp.Unknown) },
		"the responder is silent":  func(gatetest.Certificate) []byte { return nil },
		"the responder is another": func(c gatetest.Certificate) []byte { return stranger.Answer(t, c, ocsp.Good) },
	}
	for name, want := range map[string]string{
		"not on the list": "", "on the list": "is revoked", "the list does not come": unknown, "the list is none": unknown, "the list is old": unknown, "the list is another's": unknown,
		"it was said to be good": "", "it was said to be bad": "is revoked", "it is not known": unknown, "the responder is silent": unknown, "the responder is another": unknown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ours gatetest.Certificate
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				answer := lists[name](ours)
				if answer == nil {
					panic(http.ErrAbortHandler)
				}
				_, _ = w.Write(answer)
			}))
			t.Cleanup(server.Close)
			at := []string{server.URL}
			if strings.Contains(name, "list") {
				ours = root.IssueRevocable(t, "ours", gatetest.Now(), nil, at)
			} else {
				ours = root.IssueRevocable(t, "ours", gatetest.Now(), at, nil)
			}
			v, err := notation.New(signature.Notation{TrustedIdentities: []string{ours.Identity()}, Certificates: root.PEM()})
			if err != nil {
				t.Fatal(err)
			}
			subject, err := v.Verify(t.Context(), gatetest.JWS, ours.Sign(t, gatetest.Signing{Form: gatetest.JWS}, image.OCIManifest, one, 500), artifact(one))
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || asked.Load() == 0 {
				t.Errorf("signed by %q, %v, want %q; asked %d times", subject, err, want, asked.Load())
			}
		})
	}
}
