package updateservice_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/scan"
	"fairlead/shared/gate/signature"
	"fairlead/shared/rollout"
)

// TestAGateThatWasTurnedOnSince is about an execution that is redriven behind the states that ask the gates.
func TestAGateThatWasTurnedOnSince(t *testing.T) {
	var (
		scanned  = config.Gates{Scan: &scan.Policy{}}
		signed   = config.Gates{Signature: &signature.Policy{}}
		attested = config.Gates{Provenance: &provenance.Policy{}}
		both     = config.Gates{Signature: &signature.Policy{}, Provenance: &provenance.Policy{}}
	)
	for name, tt := range map[string]struct {
		gates  config.Gates
		passed string // keys of the document
		missed string // "" where it goes on
	}{
		"no gate":                             {config.Gates{}, ``, ""},
		"scan, passed":                        {scanned, `"scan":{"decision":"passed"},`, ""},
		"scan, turned on since":               {scanned, ``, "scan was not asked about"},
		"scan, awaited":                       {scanned, `"scan":{"decision":"pending"},`, "scan was not asked about"},
		"signature, passed":                   {signed, `"signature":{"digest":"sha256:ours","kind":"cosign"},`, ""},
		"signature, turned on since":          {signed, ``, "signature was not asked about"},
		"signature of another image":          {signed, `"signature":{"digest":"sha256:theirs","kind":"cosign"},`, "signature was not asked about"},
		"signature, turned on where it built": {signed, `"signature":{"digest":"sha256:ours","builder":"github"},`, "signature was not asked about"},
		"provenance, passed":                  {attested, `"signature":{"digest":"sha256:ours","builder":"github"},`, ""},
		"provenance, turned on since":         {attested, `"signature":{"digest":"sha256:ours","kind":"cosign"},`, "provenance was not asked about"},
		"signature and provenance, passed":    {both, `"signature":{"digest":"sha256:ours","kind":"cosign","builder":"github"},`, ""},
		"signature and provenance, neither":   {both, `"signature":{"digest":"sha256:ours"},`, "signature and provenance was not asked about"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			step := w.step(w.ledger)
			web := step.Config.Services["web"]
			web.Gates = tt.gates
			step.Config.Services["web"] = web
			r := request("registered", 1)
			r.Document = json.RawMessage(strings.Replace(string(r.Document), "{", "{"+tt.passed+`"image":{"digest":"sha256:ours"},`, 1))
			w.hold(t, w.claim(t).Pointing(mine, start())) // by an attempt before the redrive
			got, err := step.Handle(t.Context(), r)
			if tt.missed == "" {
				if err != nil || got.Decision != rollout.Pointed {
					t.Errorf("%+v, %v; want it deployed", got, err)
				}
				return
			}
			if f := fault.From(err); f == nil || f.Code != fault.ServiceGated || !strings.Contains(err.Error(), tt.missed) || !strings.Contains(err.Error(), fault.Anew) {
				t.Errorf("%+v, %v; want that %s", got, err, tt.missed)
			}
			if slices.Contains(w.Calls, "UpdateService") || w.claim(t).TaskDefinition != "" {
				t.Errorf("calls %v, and the claim names %q", w.Calls, w.claim(t).TaskDefinition)
			}
			r.State.RetryCount = 1
			w.hold(t, w.claim(t).Pointing(mine, start()))
			if got, err := step.Handle(t.Context(), r); err != nil || got.Decision != rollout.Pointed {
				t.Errorf("an attempt in the stead of one that came as far as the call: %+v, %v", got, err)
			}
		})
	}
}
