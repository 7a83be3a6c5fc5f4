package ecr

import (
	"regexp"
	"slices"
	"strings"

	"fairlead/local/world"
)

// Scanning is how the registry's images are scanned. The zero value is basic scanning without rules, in which each repository
// says for itself whether its images are scanned on push.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
type Scanning struct {
	Type  string     `json:"scanType"` // BASIC or ENHANCED; "" is BASIC
	Rules []ScanRule `json:"rules"`
}

// ScanRule says how often the images of some repositories are scanned.
type ScanRule struct {
	Frequency string       `json:"scanFrequency"`
	Filters   []ScanFilter `json:"repositoryFilters"`
}

// ScanFilter names repositories by a pattern; without a * it is a part of their names.
type ScanFilter struct {
	Filter string `json:"filter"`
	Type   string `json:"filterType"`
}

// scanFilterPattern is https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ScanningRepositoryFilter.html
var scanFilterPattern = regexp.MustCompile(`^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$`)

// How often images are scanned.
const (
	onPush       = "SCAN_ON_PUSH"
	continuously = "CONTINUOUS_SCAN"
	manual       = "MANUAL"
)

const (
	basicScans    = "BASIC"
	enhancedScans = "ENHANCED"
)

func (s Scanning) enhanced() bool { return s.Type == enhancedScans }

func (f ScanFilter) takes(repository string) bool {
	if !strings.Contains(f.Filter, "*") {
		return strings.Contains(repository, f.Filter)
	}
	return wildcard(f.Filter, repository)
}

// applied are the filters that take the repository, and how often its images are scanned for them: the most of all.
func (s Scanning) applied(repository string) (filters []ScanFilter, frequency string) {
	frequency = manual
	for _, rule := range s.Rules {
		for _, filter := range rule.Filters {
			if !filter.takes(repository) {
				continue
			}
			filters = append(filters, filter)
			if frequency != continuously {
				frequency = rule.Frequency
			}
		}
	}
	return filters, frequency
}

// frequency is how often the images of the repository are scanned.
func (s *Service) frequency(r *Repository) string {
	_, frequency := s.state.Scanning.applied(r.Name)
	if frequency == manual && r.ScanOnPush && !s.state.Scanning.enhanced() {
		return onPush
	}
	return frequency
}

type registryScanning struct {
	RegistryID string    `json:"registryId,omitempty"`
	Scanning   *Scanning `json:"scanningConfiguration,omitempty"`
	Given      *Scanning `json:"registryScanningConfiguration,omitempty"`
}

func (s *Service) putRegistryScanningConfiguration(c *world.Call, in Scanning) (registryScanning, error) {
	if err := c.Authorize("ecr:PutRegistryScanningConfiguration", "*", world.Keys{}); err != nil {
		return registryScanning{}, err
	}
	if in.Type == "" {
		in.Type = basicScans
	}
	if err := in.check(); err != nil {
		return registryScanning{}, err
	}
	s.state.Scanning = in
	return registryScanning{Given: s.scanning()}, nil
}

func (s Scanning) check() error {
	if s.Type != basicScans && s.Type != enhancedScans {
		return invalid("scanType", "Member must satisfy enum value set: [BASIC, ENHANCED]")
	}
	if len(s.Rules) > 2 {
		return invalid("rules", "Member must have length less than or equal to 2")
	}
	for _, rule := range s.Rules {
		if err := rule.check(s.Type); err != nil {
			return err
		}
	}
	return nil
}

func (r ScanRule) check(scans string) error {
	if !slices.Contains([]string{onPush, continuously, manual}, r.Frequency) {
		return invalid("scanFrequency", "Member must satisfy enum value set: [SCAN_ON_PUSH, CONTINUOUS_SCAN, MANUAL]")
	}
	if r.Frequency == continuously && scans == basicScans {
		return invalid("scanFrequency", "CONTINUOUS_SCAN is for ENHANCED scanning alone")
	}
	for _, filter := range r.Filters {
		if filter.Type != "WILDCARD" {
			return invalid("filterType", "Member must satisfy enum value set: [WILDCARD]")
		}
		if len(filter.Filter) > 255 || !scanFilterPattern.MatchString(filter.Filter) {
			return invalid("filter", "must satisfy regular expression '^[a-z0-9*](?:[._\\-/a-z0-9*]?[a-z0-9*]+)*$'")
		}
	}
	return nil
}

// scanning is the configuration as ECR shows it.
func (s *Service) scanning() *Scanning {
	shown := Scanning{Type: basicScans, Rules: append([]ScanRule{}, s.state.Scanning.Rules...)}
	if s.state.Scanning.Type != "" {
		shown.Type = s.state.Scanning.Type
	}
	return &shown
}

func (s *Service) getRegistryScanningConfiguration(c *world.Call, _ struct{}) (registryScanning, error) {
	if err := c.Authorize("ecr:GetRegistryScanningConfiguration", "*", world.Keys{}); err != nil {
		return registryScanning{}, err
	}
	return registryScanning{RegistryID: s.w.Account, Scanning: s.scanning()}, nil
}

type repositoriesScanningInput struct {
	Names []string `json:"repositoryNames"`
}

type repositoriesScanningOutput struct {
	Found    []repositoryScanning        `json:"scanningConfigurations"`
	Failures []repositoryScanningFailure `json:"failures"`
}

type repositoryScanning struct {
	ARN        string       `json:"repositoryArn"`
	Name       string       `json:"repositoryName"`
	ScanOnPush bool         `json:"scanOnPush"`
	Frequency  string       `json:"scanFrequency"`
	Filters    []ScanFilter `json:"appliedScanFilters"`
}

type repositoryScanningFailure struct {
	Name   string `json:"repositoryName"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

// batchGetRepositoryScanningConfiguration tells what holds for each repository.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetRepositoryScanningConfiguration.html
func (s *Service) batchGetRepositoryScanningConfiguration(c *world.Call, in repositoriesScanningInput) (repositoriesScanningOutput, error) {
	out := repositoriesScanningOutput{Found: []repositoryScanning{}, Failures: []repositoryScanningFailure{}}
	if len(in.Names) < 1 || len(in.Names) > 25 {
		return out, invalid("repositoryNames", "Member must have length between 1 and 25")
	}
	for _, name := range in.Names {
		if err := checkName(name); err != nil {
			return out, err
		}
		if err := c.Authorize("ecr:BatchGetRepositoryScanningConfiguration", s.arn(name), keys(s.state.Repositories[name])); err != nil {
			return out, err
		}
		r := s.state.Repositories[name]
		if r == nil {
			out.Failures = append(out.Failures, repositoryScanningFailure{name, "REPOSITORY_NOT_FOUND", repositoryNotFound(name, s.w.Account).Message})
			continue
		}
		filters, _ := s.state.Scanning.applied(name)
		out.Found = append(out.Found, repositoryScanning{ARN: s.arn(name), Name: name, Frequency: s.frequency(r),
			ScanOnPush: s.frequency(r) == onPush, Filters: append([]ScanFilter{}, filters...)})
	}
	return out, nil
}
