package updateservice

import (
	"strings"

	"fairlead/shared/claim"
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
// behind. A redrive comes here up to 14 days later. One that an attempt was made before stops no other one, as a hold does not.
func (t task) gated(held claim.Claim) error {
	if t.underWay(held) {
		return nil
	}
	var missed []string
	if t.Service.Gates.Scan != nil && t.gates.Scan.Decision != scan.Passed {
		missed = append(missed, "scan")
	}
	vouched := t.gates.Signature.Digest == string(t.image.Digest)
	if t.Service.Gates.Signature != nil && (!vouched || t.gates.Signature.Kind == "") {
		missed = append(missed, "signature")
	}
	if t.Service.Gates.Provenance != nil && (!vouched || t.gates.Signature.Builder == "") {
		missed = append(missed, "provenance")
	}
	if len(missed) == 0 {
		return nil
	}
	return fault.New(fault.ServiceGated, fault.Anew, "update service %s: a gate was turned on since this execution passed it, and %s was not asked about %s",
		t.Service.Name, strings.Join(missed, " and "), t.image.Named())
}
