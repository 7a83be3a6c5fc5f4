package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// finding is what a judge does not like.
type finding struct {
	Tool, Rule string
	Where      string // stack and logical id, or what else the tool looks at
	what       string // in the tool's own words
}

// acknowledgement says why a finding stays.
type acknowledgement struct {
	Tool  string `json:"tool"`
	Rule  string `json:"rule"`
	Where string `json:"where"` // a shell pattern over a finding's place: Fairlead/*Function
	Why   string `json:"why"`
}

// readAcknowledged reads the acknowledgements. Each has a reason, or it is none.
func readAcknowledged(file string) ([]acknowledgement, error) {
	raw, err := os.ReadFile(file) // #nosec G304 -- a file of this project
	if err != nil {
		return nil, fmt.Errorf("run this in the directory of go.mod: %w", err)
	}
	var known []acknowledgement
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i, a := range known {
		if _, err := path.Match(a.Where, ""); err != nil || a.Tool == "" || a.Rule == "" || a.Where == "" || len(strings.Fields(a.Why)) < 4 {
			return nil, fmt.Errorf("%s: [%d] wants tool, rule, where (a pattern) and why (a sentence): %+v", file, i, a)
		}
	}
	return known, nil
}

// covers reports whether an acknowledgement is for a finding.
func (a acknowledgement) covers(f finding) bool {
	matched, err := path.Match(a.Where, f.Where)
	return err == nil && matched && a.Tool == f.Tool && a.Rule == f.Rule
}

// compare returns a sentence for each finding that is not acknowledged, and for each acknowledgement that none needs. What a
// silent judge would have found is not known, so its acknowledgements stand.
func compare(found []finding, known []acknowledgement, silent map[string]bool) []string {
	var problems []string
	used := make([]bool, len(known))
	for _, f := range found {
		covered := false
		for i, a := range known {
			if a.covers(f) {
				used[i], covered = true, true
			}
		}
		if !covered {
			problems = append(problems, fmt.Sprintf("%s %s %s: %s; mend it, or say in .ci/acknowledged.json why it stays", f.Tool, f.Rule, f.Where, f.what))
		}
	}
	for i, a := range known {
		if !used[i] && !silent[a.Tool] {
			problems = append(problems, fmt.Sprintf("%s %s %s is acknowledged, and nothing is found any more: take it out of .ci/acknowledged.json", a.Tool, a.Rule, a.Where))
		}
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}
