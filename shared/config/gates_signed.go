package config

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/signature"
)

// signatureGate reads who must have signed the image. A service that names a kind has that kind alone, whatever the
// defaults say.
func (r *reader) signatureGate(path string, raw json.RawMessage, p *signature.Policy) {
	kinds := []string{"notation", "cosign", "signer"}
	o, kind, inner := r.object(path, raw, kinds...), "", json.RawMessage(nil)
	for _, k := range kinds {
		switch found, ok := o.get(k); {
		case ok && kind != "":
			r.problem(path, "want one kind of signature: notation, cosign or signer")
			return
		case ok:
			kind, inner = k, found
		}
	}
	switch at := path + "." + kind; {
	case kind == "notation":
		*p = signature.Policy{Notation: r.notation(at, inner)}
	case kind == "cosign":
		*p = signature.Policy{Cosign: r.cosign(at, inner)}
	case kind == "signer":
		*p = signature.Policy{Signer: r.signer(at, inner)}
	case *p == signature.Policy{} && !r.mentioned(path):
		r.problem(path, `say which kind of signature is wanted, notation, cosign or signer; or false to turn the gate off`)
	}
}

// notation reads whose certificates may sign.
func (r *reader) notation(path string, raw json.RawMessage) *signature.Notation {
	o := r.object(path, raw, "trustedIdentities", "certificates")
	n := &signature.Notation{Certificates: r.certificates(o, "the certificates of the authorities below which the signing certificates are"),
		TrustedIdentities: r.signers(o, "trustedIdentities", `want a list of subjects: "x509.subject: C=DE, ST=Hessen, O=Shop"`)}
	if at := path + ".trustedIdentities"; !r.mentioned(at) {
		r.note(at, n.Check())
	}
	return n
}

// signer reads which signing profiles of AWS Signer may sign.
func (r *reader) signer(path string, raw json.RawMessage) *signature.Signer {
	o := r.object(path, raw, "profiles", "certificates")
	s := &signature.Signer{Certificates: r.certificates(o, "the root certificate of AWS Signer, which AWS publishes"),
		Profiles: r.signers(o, "profiles", `want a list of signing profiles: "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"`)}
	if at := path + ".profiles"; !r.mentioned(at) {
		_, err := s.Trusted()
		r.note(at, err)
	}
	return s
}

// signers reads the list of those who may sign; wanted is told if it is none.
func (r *reader) signers(o object, key, wanted string) (all []string) {
	if raw, ok := o.get(key); ok && json.Unmarshal(raw, &all) != nil {
		r.problem(o.path+"."+key, wanted)
	}
	return all
}

// certificates reads the certificates of authorities.
func (r *reader) certificates(o object, meaning string) string {
	return r.pem(o, "certificates", meaning, func(text string) error {
		_, err := signature.ParseCertificates(text)
		return err
	})
}

// keyless are fields that somebody might look for to trust cosign's signatures without a key.
func keyless() []string {
	return []string{"keyless", "identity", "certificateIdentity", "issuer", "certificateOidcIssuer", "fulcio", "rekor", "trustedRoot"}
}

// cosign reads whose key must have signed.
func (r *reader) cosign(path string, raw json.RawMessage) *signature.Cosign {
	o := r.object(path, raw)
	for _, field := range o.names() {
		switch {
		case slices.Contains(keyless(), field):
			r.problem(path+"."+field, "signatures without a key need Sigstore's public network (Fulcio and Rekor), which is not supported: sign with a key, and give its publicKey")
		case field != "publicKey":
			r.problem(path+"."+field, "unknown field; the field is publicKey")
		}
	}
	return &signature.Cosign{PublicKey: r.publicKey(o, "the public key, as in cosign.pub")}
}

// provenanceGate reads who must have built the image, from what. Each field stands over that of the defaults, which need
// not have all of them.
func (r *reader) provenanceGate(path string, raw json.RawMessage, p *provenance.Policy) {
	o := r.object(path, raw, "builder", "source", "publicKey")
	for key, into := range map[string]*string{"builder": &p.Builder, "source": &p.Source} {
		if raw, ok := o.get(key); ok && json.Unmarshal(raw, into) != nil {
			*into = "" // said to be missing, with what is wanted
		}
	}
	if _, ok := o.get("publicKey"); ok {
		p.PublicKey = r.publicKey(o, meaningOfKey)
	}
}

const meaningOfKey = "the public key that the attestation is signed with"

// requireProvenance names what is missing or wrong after the defaults.
func (r *reader) requireProvenance(path string, p *provenance.Policy) {
	if p == nil {
		return
	}
	wrong := p.Check()
	if p.PublicKey == "" {
		wrong["publicKey"] = "it is missing: " + meaningOfKey + pemOrFile
	}
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		if !r.mentioned(path + "." + key) {
			r.problem(path+"."+key, wrong[key])
		}
	}
}

// pemOrFile is how a key or certificates are given.
const pemOrFile = ", as PEM or as the name of a file beside cdk.json"

// publicKey reads a public key.
func (r *reader) publicKey(o object, meaning string) string {
	return r.pem(o, "publicKey", meaning, func(text string) error {
		_, err := signature.ParseKey(text)
		return err
	})
}

// maxPEM bounds a key or certificates in bytes: they travel with the configuration in each function's zip.
const maxPEM = 64 << 10

// pem reads what is given as PEM, or as the name of a file of it that stands beside the configuration.
func (r *reader) pem(o object, key, meaning string, check func(string) error) string {
	path := o.path + "." + key
	raw, ok := o.get(key)
	if !ok {
		r.problem(path, "it is missing: "+meaning+pemOrFile)
		return ""
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		r.problem(path, "want "+meaning+pemOrFile)
		return ""
	}
	if !strings.Contains(text, "-----BEGIN ") {
		content, err := r.file(text)
		if err != nil {
			r.problem(path, fmt.Sprintf("%q is neither PEM nor a file beside cdk.json, or below it, that can be read: %v", text, err))
			return ""
		}
		text = content
	}
	if len(text) > maxPEM {
		r.problem(path, fmt.Sprintf("it has %d bytes, at most %d are taken", len(text), maxPEM))
		return ""
	}
	r.note(path, check(text))
	return text
}

// file reads a file beside the configuration.
func (r *reader) file(name string) (string, error) {
	if r.files == nil {
		return "", fs.ErrNotExist
	}
	content, err := fs.ReadFile(r.files, strings.TrimPrefix(name, "./"))
	return string(content), err
}
