package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/gate/gatetest"
)

// gated are the templates of two services, of which web has these gates and other has none.
func gated(t *testing.T, gates string) map[string]template {
	t.Helper()
	return configured(t, `{"defaults":{"cluster":"prod","tagPolicy":{"newest":true}},
		"services":{"web":{"repository":"shop/web","gates":`+gates+`},"other":{"repository":"shop/other"}}}`)
}

// configured are the templates of a configuration.
func configured(t *testing.T, text string) map[string]template {
	t.Helper()
	given := cdkContext{configurationKey: json.RawMessage(text)}
	in, err := newInput(given, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if in.Assets, err = buildAssets(t.Context(), filepath.Join(dir, "built"), notCompiled, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	all, _, err := synth(in, filepath.Join(dir, "cdk.out"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// signerGate are gates that want a signature of AWS Signer.
func signerGate(t *testing.T) string {
	t.Helper()
	root, err := json.Marshal(gatetest.NewRoot(t, "root").PEM())
	if err != nil {
		t.Fatal(err)
	}
	return `{"signature":{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + string(root) + `}}}`
}

// TestOnlyWhoAsksIsReadForSignatures wants that CheckSignature may act for the services with its gates alone, and there read
// their own repository.
func TestOnlyWhoAsksIsReadForSignatures(t *testing.T) {
	key, err := json.Marshal(gatetest.NewKey(t).Public(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		gates string
		want  string // the roles that CheckSignature may take on
	}{
		"no gates":     {`{}`, ""},
		"a scan":       {`{"scan":{}}`, ""},
		"a signature":  {`{"signature":{"cosign":{"publicKey":` + string(key) + `}}}`, "fairlead-web-look"},
		"AWS Signer":   {signerGate(t), "fairlead-web-look"},
		"a provenance": {`{"provenance":{"builder":"https://b.example/x","source":"https://github.com/shop/web","publicKey":` + string(key) + `}}`, "fairlead-web-look"},
	} {
		t.Run(name, func(t *testing.T) {
			all := gated(t, test.gates)
			deployer := all[deployerStack]
			if faults := slices.Concat(rightsFaults(all), assumeFaults(deployer)); len(faults) > 0 {
				t.Error(faults)
			}
			var takes []string
			for _, s := range statements(deployer.Resources["CheckSignatureRole"]) {
				if slices.Contains(list(s["Action"]), "sts:AssumeRole") {
					takes = append(takes, list(s["Resource"])...)
				}
			}
			if got := strings.Join(takes, " "); !strings.HasSuffix(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("CheckSignature takes on %q, want %q", got, test.want)
			}
			for id, role := range map[string]string{"WebLookRole": "repository/shop/web", "OtherLookRole": "repository/shop/other"} {
				for _, s := range statements(deployer.Resources[id]) {
					if slices.Contains(list(s["Action"]), "signer:GetRevocationStatus") && (name != "AWS Signer" || id != "WebLookRole") {
						t.Errorf("%s asks AWS Signer", id)
					}
					if actions := list(s["Action"]); slices.Contains(actions, "ecr:BatchGetImage") &&
						(len(list(s["Resource"])) != 1 || !strings.HasSuffix(list(s["Resource"])[0], role)) {
						t.Errorf("%s: %v on %v", id, actions, s["Resource"])
					}
				}
			}
		})
	}
}

func TestSignersThatNotationRefuses(t *testing.T) {
	authority := gatetest.NewRoot(t, "root")
	root, err := json.Marshal(authority.PEM())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := json.Marshal(authority.Issue(t, "ours", gatetest.Now()).PEM())
	if err != nil {
		t.Fatal(err)
	}
	for want, gate := range map[string]string{
		"notation.trustedIdentities: ": `{"notation":{"trustedIdentities":["x509.subject: O=Shop"],"certificates":` + string(root) + `}}`,
		"notation.certificates: ":      `{"notation":{"trustedIdentities":["x509.subject: C=DE, ST=Hessen, O=Shop"],"certificates":` + string(leaf) + `}}`,
		"signer.certificates: ":        `{"signer":{"profiles":["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"],"certificates":` + string(leaf) + `}}`,
	} {
		given := cdkContext{configurationKey: json.RawMessage(`{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true},"gates":{"signature":` + gate + `}}}}`)}
		if _, err := newInput(given, nil); err == nil || !strings.Contains(err.Error(), "context.fairlead.services.web.gates.signature."+want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
