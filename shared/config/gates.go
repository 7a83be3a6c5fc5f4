package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/gate/provenance"
	"fairlead/shared/gate/rules"
	"fairlead/shared/gate/scan"
	"fairlead/shared/gate/signature"
)

// Gates are what an image has to pass before it is deployed. One that is nil is off.
type Gates struct {
	Image      *rules.Policy
	Scan       *scan.Policy
	Signature  *signature.Policy
	Provenance *provenance.Policy
}

// Verified says whether an image has to be signed, or its provenance attested.
func (g Gates) Verified() bool { return g.Signature != nil || g.Provenance != nil }

// Limits of the gates.
const (
	minAge         = time.Hour
	maxAge         = 10 * 365 * 24 * time.Hour
	minScanTimeout = 5 * time.Minute // a lost event is made up for every five minutes
	maxScanTimeout = 6 * time.Hour
	maxAllowances  = 100
	maxReason      = 200 // characters
)

// gates reads the gates of a service, each over what the defaults say of it.
func (r *reader) gates(o object, into *Gates) {
	raw, ok := o.get("gates")
	if !ok {
		return
	}
	g := r.object(o.path+".gates", raw, "image", "scan", "signature", "provenance")
	readGate(g, "image", &into.Image, rules.Policy{}, r.imageGate)
	readGate(g, "scan", &into.Scan, scan.Default(), r.scanGate)
	readGate(g, "signature", &into.Signature, signature.Policy{}, r.signatureGate)
	readGate(g, "provenance", &into.Provenance, provenance.Policy{}, r.provenanceGate)
}

// readGate reads one gate: an object turns it on, and its fields stand over those of the defaults; false turns it off.
func readGate[T any](g object, key string, into **T, fresh T, read func(string, json.RawMessage, *T)) {
	raw, ok := g.get(key)
	switch {
	case !ok:
		return
	case string(raw) == "false":
		*into = nil
		return
	case *into != nil:
		fresh = **into
	}
	read(g.path+"."+key, raw, &fresh)
	*into = &fresh
}

// imageGate reads the base rules.
func (r *reader) imageGate(path string, raw json.RawMessage, p *rules.Policy) {
	o := r.object(path, raw, "immutableTag", "maxAge")
	r.flag(o, "immutableTag", &p.ImmutableTag)
	r.length(o, "maxAge", minAge, maxAge, &p.MaxAge)
}

// scanGate reads what a scan may find.
func (r *reader) scanGate(path string, raw json.RawMessage, p *scan.Policy) {
	o := r.object(path, raw, "severity", "unrated", "timeout", "allow")
	if raw, ok := o.get("severity"); ok {
		r.severity(o.path+".severity", raw, &p.Severity)
	}
	if raw, ok := o.get("unrated"); ok {
		switch string(raw) {
		case `"block"`:
			p.Unrated = true
		case `"pass"`:
			p.Unrated = false
		default:
			r.problem(o.path+".unrated", `want "block" or "pass": what a finding does that has no severity yet`)
		}
	}
	r.length(o, "timeout", minScanTimeout, maxScanTimeout, &p.Timeout)
	if raw, ok := o.get("allow"); ok {
		p.Allow = r.allowances(o.path+".allow", raw)
	}
}

func (r *reader) severity(path string, raw json.RawMessage, into *scan.Severity) {
	var severity scan.Severity
	if err := json.Unmarshal(raw, &severity); err != nil || !severity.Rated() {
		r.problem(path, fmt.Sprintf("want the lowest severity that blocks, one of %v", scan.Severities()))
		return
	}
	*into = severity
}

// allowances reads the findings that block nothing.
func (r *reader) allowances(path string, raw json.RawMessage) []scan.Allowance {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) > maxAllowances {
		r.problem(path, fmt.Sprintf(`want a list of at most %d {"cve": "CVE-…", "until": "2027-01-31", "reason": "…"}`, maxAllowances))
		return nil
	}
	var all []scan.Allowance
	for i, raw := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		a := r.allowance(at, raw)
		if slices.ContainsFunc(all, func(other scan.Allowance) bool { return a.CVE != "" && other.CVE == a.CVE }) {
			r.problem(at+".cve", a.CVE+" is in the list already: keep one of the two")
		}
		all = append(all, a)
	}
	return all
}

func (r *reader) allowance(path string, raw json.RawMessage) scan.Allowance {
	o := r.object(path, raw, "cve", "until", "reason")
	text := func(key, missing string) string {
		var value string
		raw, ok := o.get(key)
		if !ok || json.Unmarshal(raw, &value) != nil || strings.TrimSpace(value) == "" {
			r.problem(path+"."+key, "it is missing: "+missing)
			return ""
		}
		return value
	}
	a := scan.Allowance{CVE: text("cve", "the name of the vulnerability"), Reason: text("reason", "why it does no harm here, for whoever reads this later")}
	if a.CVE != "" {
		r.note(path+".cve", scan.CheckID(a.CVE))
	}
	if len([]rune(a.Reason)) > maxReason {
		r.problem(path+".reason", fmt.Sprintf("at most %d characters", maxReason))
	}
	if until := text("until", fmt.Sprintf("the last day on which it is allowed, like 2027-01-31, or %q", scan.Never)); until != "" {
		day, err := scan.ParseDay(until)
		r.note(path+".until", err)
		a.Until = day
	}
	return a
}

// length reads a length of time within bounds, if the key is there.
func (r *reader) length(o object, key string, least, most time.Duration, into *time.Duration) {
	raw, ok := o.get(key)
	if !ok {
		return
	}
	var text string
	var d Duration
	path := o.path + "." + key
	if err := json.Unmarshal(raw, &text); err != nil {
		r.problem(path, `want a duration like "30m"`)
		return
	}
	switch err := d.UnmarshalText([]byte(text)); {
	case err != nil:
		r.note(path, err)
	case d.Std() < least || d.Std() > most:
		r.problem(path, fmt.Sprintf("%s is outside %s to %s", text, Duration(least), Duration(most)))
	default:
		*into = d.Std()
	}
}
