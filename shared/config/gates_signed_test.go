package config_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/gate/gatetest"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/signature"
)

// quoted is a text as JSON.
func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

const signing = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"

const identity = "x509.subject: C=DE, ST=Hessen, O=Shop"

func TestGatesOfSigners(t *testing.T) {
	key, other, roots := gatetest.NewKey(t).Public(t), gatetest.NewKey(t).Public(t), gatetest.NewRoot(t, "root").PEM()
	beside := fstest.MapFS{"cosign.pub": {Data: []byte(key)}, "keys/root.pem": {Data: []byte(roots)}}
	byKey := &signature.Policy{Cosign: &signature.Cosign{PublicKey: key}}
	byRoot := &signature.Policy{Notation: &signature.Notation{TrustedIdentities: []string{identity}, Certificates: roots}}
	byProfile := &signature.Policy{Signer: &signature.Signer{Profiles: []string{signing}, Certificates: roots}}
	built := &provenance.Policy{Builder: "https://github.com/actions/runner/github-hosted", Source: "https://github.com/shop/web", PublicKey: key}
	const notation = `{"signature":{"notation":{"trustedIdentities":["` + identity + `"],"certificates":"./keys/root.pem"}}}`
	for _, test := range []struct {
		name, defaults, gates string
		want                  config.Gates
	}{
		{"none", `null`, `{}`, config.Gates{}},
		{"a key in a file", `null`, `{"signature":{"cosign":{"publicKey":"cosign.pub"}}}`, config.Gates{Signature: byKey}},
		{"a key as it is", `null`, `{"signature":{"cosign":{"publicKey":` + quoted(key) + `}}}`, config.Gates{Signature: byKey}},
		{"certificates", `null`, notation, config.Gates{Signature: byRoot}},
		{"signing profiles", `null`, `{"signature":{"signer":{"profiles":["` + signing + `"],"certificates":"keys/root.pem"}}}`, config.Gates{Signature: byProfile}},
		{"signing profiles instead of the defaults' certificates", notation, `{"signature":{"signer":{"profiles":["` + signing + `"],"certificates":"keys/root.pem"}}}`, config.Gates{Signature: byProfile}},
		{"another kind than the defaults'", notation, `{"signature":{"cosign":{"publicKey":"cosign.pub"}}}`, config.Gates{Signature: byKey}},
		{"the defaults'", notation, `{"signature":{}}`, config.Gates{Signature: byRoot}},
		{"not the defaults'", notation, `{"signature":false}`, config.Gates{}},
		{"a builder from the defaults", `{"provenance":{"builder":"https://github.com/actions/runner/github-hosted","publicKey":"cosign.pub"}}`,
			`{"provenance":{"source":"https://github.com/shop/web"}}`, config.Gates{Provenance: built}},
		{"a key of its own", `{"provenance":{"builder":"https://github.com/actions/runner/github-hosted","publicKey":` + quoted(other) + `}}`,
			`{"provenance":{"source":"https://github.com/shop/web","publicKey":"cosign.pub"}}`, config.Gates{Provenance: built}},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw := []byte(`{"defaults":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true},"gates":` + test.defaults + `},
				"services":{"web":{"gates":` + test.gates + `}}}`)
			c, err := config.ParseBeside(raw, beside)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, c.Services["web"].Gates); diff != "" {
				t.Error(diff)
			}
			encoded, err := c.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := config.Parse(encoded) // as a function does, without the files
			if diff := cmp.Diff(c.Services, again.Services); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestGatesOfSignersThatAreWrong(t *testing.T) {
	key, roots := quoted(gatetest.NewKey(t).Public(t)), quoted(gatetest.NewRoot(t, "root").PEM())
	beside := fstest.MapFS{"cosign.key": {Data: []byte("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n")},
		"big.pem": {Data: []byte("-----BEGIN " + strings.Repeat("x", 70000))}}
	const path = "context.fairlead.services.web.gates."
	for name, test := range map[string]struct{ gates, want string }{
		"a signature of no kind":       {`{"signature":{}}`, path + "signature: say which kind of signature is wanted"},
		"of both kinds":                {`{"signature":{"cosign":{"publicKey":` + key + `},"notation":{"trustedIdentities":["` + identity + `"],"certificates":` + roots + `}}}`, path + "signature: want one kind"},
		"of a kind that nobody knows":  {`{"signature":{"gpg":{}}}`, path + "signature.gpg: unknown field; the fields are notation, cosign, signer"},
		"that is on":                   {`{"signature":true}`, path + "signature: want a JSON object"},
		"cosign without a key":         {`{"signature":{"cosign":{}}}`, path + "signature.cosign.publicKey: it is missing"},
		"keyless":                      {`{"signature":{"cosign":{"certificateIdentity":"me@shop.example","publicKey":` + key + `}}}`, path + "signature.cosign.certificateIdentity: signatures without a key need Sigstore's public network (Fulcio and Rekor), which is not supported"},
		"a field nobody knows":         {`{"signature":{"cosign":{"key":` + key + `,"publicKey":` + key + `}}}`, path + "signature.cosign.key: unknown field; the field is publicKey"},
		"a file that is not there":     {`{"signature":{"cosign":{"publicKey":"cosign.pub"}}}`, path + `signature.cosign.publicKey: "cosign.pub" is neither PEM nor a file beside cdk.json`},
		"a file outside":               {`{"signature":{"cosign":{"publicKey":"../cosign.pub"}}}`, path + `signature.cosign.publicKey: "../cosign.pub" is neither PEM nor a file`},
		"a private key":                {`{"signature":{"cosign":{"publicKey":"cosign.key"}}}`, path + "signature.cosign.publicKey: this is a private key"},
		"a file that is too large":     {`{"signature":{"cosign":{"publicKey":"big.pem"}}}`, path + "signature.cosign.publicKey: it has 70011 bytes, at most 65536"},
		"a key that is a number":       {`{"signature":{"cosign":{"publicKey":1}}}`, path + "signature.cosign.publicKey: want the public key"},
		"a certificate for a key":      {`{"signature":{"cosign":{"publicKey":` + roots + `}}}`, path + "signature.cosign.publicKey: want the PEM of a public key, not of a certificate"},
		"a key for a certificate":      {`{"signature":{"notation":{"trustedIdentities":["` + identity + `"],"certificates":` + key + `}}}`, path + "signature.notation.certificates: want certificates alone"},
		"notation without roots":       {`{"signature":{"notation":{"trustedIdentities":["` + identity + `"]}}}`, path + "signature.notation.certificates: it is missing"},
		"notation without anybody":     {`{"signature":{"notation":{"certificates":` + roots + `}}}`, path + "signature.notation.trustedIdentities: name at least one subject"},
		"notation for everybody":       {`{"signature":{"notation":{"trustedIdentities":["*"],"certificates":` + roots + `}}}`, path + "signature.notation.trustedIdentities: \"*\" is no subject"},
		"identities not in a list":     {`{"signature":{"notation":{"trustedIdentities":"x","certificates":` + roots + `}}}`, path + "signature.notation.trustedIdentities: want a list"},
		"of two kinds with AWS Signer": {`{"signature":{"cosign":{"publicKey":` + key + `},"signer":{"profiles":["` + signing + `"],"certificates":` + roots + `}}}`, path + "signature: want one kind of signature: notation, cosign or signer"},
		"notation and AWS Signer":      {`{"signature":{"notation":{"trustedIdentities":["` + identity + `"],"certificates":` + roots + `},"signer":{"profiles":["` + signing + `"],"certificates":` + roots + `}}}`, path + "signature: want one kind"},
		"AWS Signer without a root":    {`{"signature":{"signer":{"profiles":["` + signing + `"]}}}`, path + "signature.signer.certificates: it is missing: the root certificate of AWS Signer, which AWS publishes"},
		"AWS Signer without profiles":  {`{"signature":{"signer":{"certificates":` + roots + `}}}`, path + "signature.signer.profiles: name at least one signing profile"},
		"AWS Signer for everybody":     {`{"signature":{"signer":{"profiles":["*"],"certificates":` + roots + `}}}`, path + "signature.signer.profiles: \"*\" is no signing profile"},
		"profiles not in a list":       {`{"signature":{"signer":{"profiles":"` + signing + `","certificates":` + roots + `}}}`, path + "signature.signer.profiles: want a list of signing profiles"},
		"identities of AWS Signer":     {`{"signature":{"signer":{"trustedIdentities":["` + signing + `"],"certificates":` + roots + `}}}`, path + "signature.signer.trustedIdentities: unknown field"},
		"AWS Signer":                   {`{"signature":{"notation":{"trustedIdentities":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + roots + `}}}`, path + "signature.notation.trustedIdentities: \"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop\" is a signing profile of AWS Signer, a kind of its own: put it under gates.signature.signer.profiles"},
		"a provenance of nothing":      {`{"provenance":{}}`, path + "provenance.builder: want the id of the builder"},
		"without a source":             {`{"provenance":{"builder":"https://b.example","publicKey":` + key + `}}`, path + "provenance.source: want the repository that is built"},
		"without a key":                {`{"provenance":{"builder":"https://b.example","source":"https://github.com/shop/web"}}`, path + "provenance.publicKey: it is missing"},
		"with a branch":                {`{"provenance":{"builder":"https://b.example","source":"https://github.com/shop/web@refs/heads/main","publicKey":` + key + `}}`, path + "provenance.source: want the repository that is built, without a branch"},
		"a builder that is a number":   {`{"provenance":{"builder":1,"source":"https://github.com/shop/web","publicKey":` + key + `}}`, path + "provenance.builder: want the id"},
		"a provenance's unknown field": {`{"provenance":{"builderId":"https://b.example"}}`, path + "provenance.builderId: unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.ParseBeside([]byte(`{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true},"gates":`+test.gates+`}}}`), beside)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}
