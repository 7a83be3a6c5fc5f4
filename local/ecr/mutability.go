package ecr

import (
	"regexp"

	"fairlead/local/world"
)

// Mutability says which tags may be moved to another image.
type Mutability struct {
	Setting    string            `json:"imageTagMutability"`
	Exclusions []ExclusionFilter `json:"imageTagMutabilityExclusionFilters,omitempty"`
}

// ExclusionFilter names the tags for which the opposite of the setting holds.
type ExclusionFilter struct {
	FilterType string `json:"filterType"`
	Filter     string `json:"filter"`
}

const (
	mutable            = "MUTABLE"
	immutable          = "IMMUTABLE"
	mutableExcluding   = "MUTABLE_WITH_EXCLUSION"
	immutableExcluding = "IMMUTABLE_WITH_EXCLUSION"
)

var filterPattern = regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`)

// protects tells whether the tag may not be moved.
func (m Mutability) protects(tag string) bool {
	switch m.Setting {
	case immutable:
		return true
	case immutableExcluding:
		return !m.excludes(tag)
	case mutableExcluding:
		return m.excludes(tag)
	default:
		return false
	}
}

func (m Mutability) excludes(tag string) bool {
	for _, filter := range m.Exclusions {
		if wildcard(filter.Filter, tag) {
			return true
		}
	}
	return false
}

// wildcard matches text with a pattern in which * stands for any characters.
func wildcard(pattern, text string) bool {
	star, mark, at := -1, 0, 0
	i := 0
	for at < len(text) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark, i = i, at, i+1
		case i < len(pattern) && pattern[i] == text[at]:
			i, at = i+1, at+1
		case star >= 0:
			mark++
			i, at = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// check returns the setting with its default filled in.
func (m Mutability) check() (Mutability, error) {
	switch m.Setting {
	case "":
		m.Setting = mutable
	case mutable, immutable, mutableExcluding, immutableExcluding:
	default:
		return m, invalid("imageTagMutability", "Member must satisfy enum value set: "+
			"[IMMUTABLE_WITH_EXCLUSION, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE]")
	}
	excluding := m.Setting == mutableExcluding || m.Setting == immutableExcluding
	if excluding == (len(m.Exclusions) == 0) {
		return m, invalid("imageTagMutabilityExclusionFilters", "exclusion filters go with "+
			"IMMUTABLE_WITH_EXCLUSION and MUTABLE_WITH_EXCLUSION, and with these alone")
	}
	return m, m.checkFilters()
}

func (m Mutability) checkFilters() error {
	if len(m.Exclusions) > 5 {
		return invalid("imageTagMutabilityExclusionFilters", "Member must have length less than or equal to 5")
	}
	for _, filter := range m.Exclusions {
		if filter.FilterType != "WILDCARD" {
			return invalid("filterType", "Member must satisfy enum value set: [WILDCARD]")
		}
		if !filterPattern.MatchString(filter.Filter) {
			return invalid("filter", "must satisfy regular expression '^[0-9a-zA-Z._*-]{1,128}$'")
		}
	}
	return nil
}

type mutabilityIO struct {
	target
	Mutability
}

func (s *Service) putImageTagMutability(c *world.Call, in mutabilityIO) (mutabilityIO, error) {
	repository, err := s.enter(c, "ecr:PutImageTagMutability", in.target)
	if err != nil {
		return mutabilityIO{}, err
	}
	if in.Setting == "" {
		return mutabilityIO{}, invalid("imageTagMutability", "Member must not be null")
	}
	m, err := in.check()
	if err != nil {
		return mutabilityIO{}, err
	}
	repository.Mutability = m
	return mutabilityIO{s.here(repository), m}, nil
}
