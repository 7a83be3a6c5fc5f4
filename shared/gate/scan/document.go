package scan

import (
	"encoding/json"
	"time"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// Decision is what JudgeScan decided.
type Decision string

// The decisions. What is not let pass is a fault.
const (
	Passed  Decision = "passed"
	Pending Decision = "pending" // AwaitScan waits for its end, then it is judged again
)

// Result is what JudgeScan found, under the key "scan" of the document. Every field is always present.
type Result struct {
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"` // a sentence
	// Image is the digest whose scan is awaited, Since when it was first found under way, Until how long it is waited for.
	Image    image.Digest `json:"image"`
	Since    time.Time    `json:"since"`
	Until    time.Time    `json:"until"`
	Warnings []string     `json:"warnings"` // sentences: what was let pass; never null
}

// Document is the part of an execution's document that the gate goes by.
type Document struct {
	Service string        `json:"service"`
	Image   image.Checked `json:"image"`
	Scan    *Result       `json:"scan"` // nil before the first judgement
}

// ParseDocument reads what JudgeScan and AwaitScan need. A document without a service or an image is a fault.
func ParseDocument(raw json.RawMessage) (Document, error) {
	const fix = "start a new execution with the original input: this document was not made by the steps before"
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		return Document{}, fault.New(fault.InputInvalid, fix, "read the document: %w", err)
	}
	if d.Service == "" || len(d.Image.Runs) == 0 {
		return Document{}, fault.New(fault.InputInvalid, fix, "the document names no service or no image that may run")
	}
	return d, nil
}

// Since is when a scan was first found under way: now, unless that is known already.
func (d Document) Since(now time.Time) time.Time {
	if d.Scan == nil || d.Scan.Since.IsZero() {
		return now.UTC()
	}
	return d.Scan.Since
}

// Named names one of the images that may run in a sentence: the pushed one, or one of those of the pushed index.
func (d Document) Named(digest image.Digest) string {
	if digest == d.Image.Digest {
		return d.Image.Named()
	}
	of := d.Image.Tag
	if of == "" {
		of = string(d.Image.Digest)
	}
	return d.Image.Repository + "@" + string(digest) + " of " + of
}
