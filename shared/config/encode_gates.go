package config

import (
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/scan"
	"fairlead/shared/gate/signature"
)

// fileGates are the gates as a function's zip holds them: every field, so that no default is applied twice.
type fileGates struct {
	Image      *fileImageGate     `json:"image,omitempty"`
	Scan       *fileScanGate      `json:"scan,omitempty"`
	Signature  *signature.Policy  `json:"signature,omitempty"` // keys and certificates as PEM, whatever file they stood in
	Provenance *provenance.Policy `json:"provenance,omitempty"`
}

type fileImageGate struct {
	ImmutableTag bool      `json:"immutableTag"`
	MaxAge       *Duration `json:"maxAge,omitempty"`
}

type fileScanGate struct {
	Severity scan.Severity   `json:"severity"`
	Unrated  string          `json:"unrated"`
	Timeout  Duration        `json:"timeout"`
	Allow    []fileAllowance `json:"allow,omitempty"`
}

type fileAllowance struct {
	CVE    string   `json:"cve"`
	Until  scan.Day `json:"until"`
	Reason string   `json:"reason"`
}

// file is nil if all gates are off.
func (g Gates) file() *fileGates {
	if g == (Gates{}) {
		return nil
	}
	out := &fileGates{Signature: g.Signature, Provenance: g.Provenance}
	if p := g.Image; p != nil {
		out.Image = &fileImageGate{ImmutableTag: p.ImmutableTag}
		if age := Duration(p.MaxAge); age > 0 {
			out.Image.MaxAge = &age
		}
	}
	if p := g.Scan; p != nil {
		out.Scan = &fileScanGate{Severity: p.Severity, Unrated: map[bool]string{true: "block", false: "pass"}[p.Unrated], Timeout: Duration(p.Timeout)}
		for _, a := range p.Allow {
			out.Scan.Allow = append(out.Scan.Allow, fileAllowance(a))
		}
	}
	return out
}
