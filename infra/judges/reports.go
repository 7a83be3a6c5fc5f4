package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
)

// place is a template's stack with a logical id.
func place(template, id string) string {
	return strings.TrimSuffix(filepath.Base(template), ".template.json") + "/" + id
}

// readLint reads what cfn-lint writes as JSON.
func readLint(report []byte) ([]finding, error) {
	var matches []struct {
		Filename string
		Rule     struct{ ID string }
		Message  string
		Location struct{ Path []any }
	}
	if err := json.Unmarshal(report, &matches); err != nil {
		return nil, err
	}
	var found []finding
	for _, m := range matches {
		id := ""
		if len(m.Location.Path) > 1 {
			id = fmt.Sprint(m.Location.Path[1])
		}
		found = append(found, finding{"cfn-lint", m.Rule.ID, place(m.Filename, id), m.Message})
	}
	return found, nil
}

// readCheckov reads what checkov writes as JSON about one framework.
func readCheckov(report []byte) ([]finding, error) {
	var read struct {
		Results *struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				File     string `json:"file_path"`
				Resource string `json:"resource"` // AWS::Logs::LogGroup.Logs
			} `json:"failed_checks"`
			Unparsed []string `json:"parsing_errors"`
		}
	}
	if err := json.Unmarshal(report, &read); err != nil {
		return nil, err
	}
	if read.Results == nil || len(read.Results.Unparsed) > 0 {
		return nil, fmt.Errorf("it did not read every template: %s", report)
	}
	var found []finding
	for _, f := range read.Results.Failed {
		_, id, _ := strings.Cut(f.Resource, ".")
		found = append(found, finding{"checkov", f.ID, place(f.File, id), f.Name})
	}
	return found, nil
}

// readGuard reads what cfn-guard writes as JSON. A rule's number and words stand in the messages of its checks, and the
// resources in the paths of the values that it looked at.
func readGuard(report []byte) ([]finding, error) {
	var files []struct {
		Name         string
		NotCompliant []json.RawMessage `json:"not_compliant"`
	}
	if err := json.Unmarshal(report, &files); err != nil {
		return nil, err
	}
	number := regexp.MustCompile(`\[(CT\.[A-Z0-9.]+)\]: ([^\\"]+)`)
	at := regexp.MustCompile(`"path": ?"/Resources/([A-Za-z0-9]+)`)
	var found []finding
	for _, file := range files {
		for _, rule := range file.NotCompliant {
			said := number.FindSubmatch(rule)
			if said == nil {
				return nil, fmt.Errorf("a rule without a number: %s", rule)
			}
			for _, id := range at.FindAllSubmatch(rule, -1) {
				found = append(found, finding{"cfn-guard", string(said[1]), place(file.Name, string(id[1])), string(said[2])})
			}
		}
	}
	return found, nil
}

// readNag reads the validation report of the CDK, to which cdk-nag's packs write.
func readNag(report []byte) ([]finding, error) {
	var read struct {
		PluginReports []struct {
			Violations []struct {
				RuleName, Description string
				ViolatingConstructs   []struct{ ConstructPath string }
			}
		}
	}
	if err := json.Unmarshal(report, &read); err != nil {
		return nil, err
	}
	if len(read.PluginReports) != 2 {
		return nil, fmt.Errorf("%d packs have reported, want 2", len(read.PluginReports))
	}
	var found []finding
	for _, pack := range read.PluginReports {
		for _, v := range pack.Violations {
			for _, c := range v.ViolatingConstructs {
				found = append(found, finding{"cdk-nag", v.RuleName, strings.Replace(c.ConstructPath, "/T/", "/", 1), v.Description})
			}
		}
	}
	return found, nil
}

// readVulnerabilities reads the stream of messages of govulncheck: vulnerabilities in functions that the code calls.
func readVulnerabilities(report []byte) ([]finding, error) {
	var found []finding
	for stream := json.NewDecoder(bytes.NewReader(report)); ; {
		var message struct {
			Finding *struct {
				OSV   string
				Fixed string `json:"fixed_version"`
				Trace []struct{ Module, Function string }
			}
		}
		if err := stream.Decode(&message); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		if f := message.Finding; f != nil && len(f.Trace) > 0 && f.Trace[0].Function != "" {
			found = append(found, finding{"govulncheck", f.OSV, f.Trace[0].Module, "the code calls " + f.Trace[0].Function + "; fixed in " + f.Fixed})
		}
	}
}
