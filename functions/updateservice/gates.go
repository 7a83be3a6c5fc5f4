package updateservice

import (
	"strings"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/gate/signature"
)

// gates is what of the document tells which gates the execution has passed: a gate that is off leaves nothing.
type gates struct {
	Scan      scan.Result       `json:"scan"`
	Signature signature.Checked `json:"signature"`
}

// gated refuses the call where a gate is on that the execution has not passed: it was turned on since, and the states that ask it lie
// behind. A redrive comes here up to 14 days later. An attempt in the stead of one that came as far as the call is not refused, as it is
// not by a hold.
func (t task) gated(held claim.Claim) error {
	if t.underWay(held) {
		return nil
	}
	missed := t.gates.missed(t.Service.Gates, string(t.image.Digest))
	if len(missed) == 0 {
		return nil
	}
	return fault.New(fault.ServiceGated, fault.Anew, "update service %s: a gate was turned on since this execution passed it, and %s was not asked about %s",
		t.Service.Name, strings.Join(missed, " and "), t.image.Named())
}

// missed are the gates that a service has and that the execution has not passed with its image.
func (g gates) missed(service config.Gates, digest string) (missed []string) {
	vouched := g.Signature.Digest == digest
	for _, each := range []struct {
		name       string
		on, passed bool
	}{
		{"scan", service.Scan != nil, g.Scan.Decision == scan.Passed},
		{"signature", service.Signature != nil, vouched && g.Signature.Kind != ""},
		{"provenance", service.Provenance != nil, vouched && g.Signature.Builder != ""},
	} {
		if each.on && !each.passed {
			missed = append(missed, each.name)
		}
	}
	return missed
}
