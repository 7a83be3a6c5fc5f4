package outcome

import "fairlead/shared/diagnosis"

// Finding is why a rollout failed, as the event tells it: bounded once more, for a document may come from anywhere.
type Finding struct {
	Cause       string   `json:"cause"`       // its code: "image.not-found"; "" if nothing was diagnosed
	What        string   `json:"what"`        // one sentence
	Fix         string   `json:"fix"`         // the next thing to do
	Heals       bool     `json:"heals"`       // it may go away by itself
	Occurrences int      `json:"occurrences"` // how many tasks show it
	Evidence    []string `json:"evidence"`    // lines, the most telling first; never null
}

// The bounds of the evidence that an event tells.
const (
	maxEvidence     = 10
	maxEvidenceLine = 500
)

// finding is what the event tells of a diagnosis; nil is none.
func finding(d *diagnosis.Diagnosis) Finding {
	told := Finding{Evidence: []string{}}
	if d == nil {
		return told
	}
	told.Cause, told.What, told.Fix = clean(string(d.Cause), maxName), clean(d.What, maxWhat), clean(d.Fix, maxFix)
	told.Heals, told.Occurrences = d.Heals, max(0, d.Occurrences)
	for _, line := range d.Evidence[:min(len(d.Evidence), maxEvidence)] {
		told.Evidence = append(told.Evidence, clean(line, maxEvidenceLine))
	}
	return told
}
