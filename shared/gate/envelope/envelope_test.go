package envelope_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/gate/envelope"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/image"
)

const (
	one = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	two = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

// changed decodes an envelope or bundle, changes it and encodes it again.
func changed(t *testing.T, raw []byte, change func(map[string]any)) []byte {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	change(value)
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOpen(t *testing.T) {
	ours, other := gatetest.NewKey(t), gatetest.NewKey(t)
	statement := gatetest.Statement(t, "https://example.com/type", one, map[string]string{"a": "b"})
	sealed, bundle := ours.Envelope(t, statement), ours.Bundle(t, statement)
	signatures := func(change func([]any) []any) []byte {
		return changed(t, sealed, func(e map[string]any) { e["signatures"] = change(e["signatures"].([]any)) })
	}
	foreign := map[string]any{"sig": base64.StdEncoding.EncodeToString(other.Sign(t, []byte("x"))), "keyid": "other"}
	for name, test := range map[string]struct {
		raw  []byte
		want string // in the error; "" for none
	}{
		"an envelope":                          {sealed, ""},
		"a bundle":                             {bundle, ""},
		"a second signature, by somebody else": {signatures(func(s []any) []any { return append([]any{foreign}, s...) }), ""},
		"a key id that is not ours":            {signatures(func(s []any) []any { s[0].(map[string]any)["keyid"] = "sha256:other"; return s }), ""},
		"by another key":                       {other.Envelope(t, statement), "it is not signed by the key SHA256:"},
		"a bundle by another key":              {other.Bundle(t, statement), "it is not signed by the key SHA256:"},
		"no signature":                         {signatures(func([]any) []any { return nil }), "it is not signed"},
		"a signature of nothing":               {signatures(func(s []any) []any { s[0].(map[string]any)["sig"] = ""; return s }), "it is not signed by"},
		"too many signatures": {signatures(func(s []any) []any {
			return slices.Repeat(s, 21)
		}), "it has 21 signatures"},
		"another payload under the signature": {changed(t, sealed, func(e map[string]any) {
			e["payload"] = base64.StdEncoding.EncodeToString(gatetest.Statement(t, "https://example.com/type", two, nil))
		}), "it is not signed by"},
		"another type under the signature": {changed(t, sealed, func(e map[string]any) { e["payloadType"] = "text/plain" }), "it is not signed by"},
		"no base64":                        {changed(t, sealed, func(e map[string]any) { e["payload"] = "*" }), ""},
		"a statement of another type": {ours.Envelope(t, changed(t, statement, func(s map[string]any) { s["_type"] = "https://in-toto.io/Statement/v9" })),
			`of the type "https://in-toto.io/Statement/v9"`},
		"a statement that is a list": {ours.Envelope(t, []byte(`[]`)), "no JSON of the known form"},
		"keyless": {changed(t, bundle, func(b map[string]any) {
			b["verificationMaterial"] = map[string]any{"certificate": map[string]string{"rawBytes": "AAAA"}}
		}), "signed without a key"},
		"keyless, in the older form": {changed(t, bundle, func(b map[string]any) {
			b["verificationMaterial"] = map[string]any{"x509CertificateChain": map[string]any{}}
		}), "signed without a key"},
		"a bundle of another kind": {changed(t, bundle, func(b map[string]any) { b["mediaType"] = "text/plain" }), `unknown type "text/plain"`},
		"a bundle of nothing":      {changed(t, bundle, func(b map[string]any) { delete(b, "dsseEnvelope") }), "it holds no envelope"},
		"an empty object":          {[]byte(`{}`), "it is not signed"},
		"nothing":                  {nil, "no JSON"},
		"a list":                   {[]byte(`[]`), "no JSON of the known form"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := envelope.Open(test.raw, ours.Parsed(t))
			if sound := test.want == "" && name != "no base64"; sound != (err == nil) {
				t.Fatalf("%+v, %v", got, err)
			}
			if err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if err == nil && (got.PredicateType != "https://example.com/type" || got.About(one) != nil) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// FuzzOpen attacks the promise that nothing is opened but what the key has signed.
func FuzzOpen(f *testing.F) {
	ours, other := gatetest.NewKey(f), gatetest.NewKey(f)
	key := ours.Parsed(f)
	statement := gatetest.SignStatement(f, one)
	f.Add(other.Envelope(f, statement))
	f.Add(other.Bundle(f, statement))
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"signatures":[{"sig":""},null]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := envelope.Open(raw, key); err == nil {
			t.Fatalf("%q is opened as %+v", raw, s)
		}
	})
}
