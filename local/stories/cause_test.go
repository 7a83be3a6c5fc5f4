package stories_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/diagnosis"
)

// diagnosed are what can be asked of the diagnosis of an execution.
func (s *story) diagnosed() map[string]func([]string) error {
	return map[string]func([]string) error{
		"cause": s.wantCause,                                                          // cause <n> <cause> <words>: of the sentence
		"shows": func(a []string) error { return s.wantEvidence(a[0], a[1:], true) },  // shows <n> <line>: a line of the evidence
		"hides": func(a []string) error { return s.wantEvidence(a[0], a[1:], false) }, // hides <n> <words>: they are nowhere in it
	}
}

func (s *story) wantCause(args []string) error {
	d, err := s.diagnosis(args[0])
	if err != nil {
		return err
	}
	if words := strings.Join(args[2:], " "); string(d.Cause) != args[1] || !strings.Contains(d.What, words) {
		return fmt.Errorf("it is %s: %s\n%s", d.Cause, d.What, strings.Join(d.Evidence, "\n"))
	}
	return nil
}

func (s *story) wantEvidence(n string, words []string, there bool) error {
	d, err := s.diagnosis(n)
	if err != nil {
		return err
	}
	text := strings.Join(words, " ")
	if there && !slices.Contains(d.Evidence, text) || !there && strings.Contains(fmt.Sprint(d), text) {
		return fmt.Errorf("it shows\n%s", strings.Join(d.Evidence, "\n"))
	}
	return nil
}

// diagnosis is what DiagnoseFailure added to the document of an execution.
func (s *story) diagnosis(n string) (found diagnosis.Diagnosis, err error) {
	r, err := s.run(n)
	if err != nil {
		return found, err
	}
	pages := sfn.NewGetExecutionHistoryPaginator(s.lab.SFN(), &sfn.GetExecutionHistoryInput{ExecutionArn: &r.ARN, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.Context())
		if err != nil {
			return found, err
		}
		for _, event := range page.Events {
			if left := event.StateExitedEventDetails; left != nil && *left.Name == "DiagnoseFailure" {
				var document struct{ Diagnosis diagnosis.Diagnosis }
				err := json.Unmarshal([]byte(aws.ToString(left.Output)), &document)
				return document.Diagnosis, err
			}
		}
	}
	return found, fmt.Errorf("it was not diagnosed: it went %s", strings.Join(r.Path, " "))
}
