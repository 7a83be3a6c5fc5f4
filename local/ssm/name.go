package ssm

import (
	"regexp"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// Limits of names. https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
const (
	maxName   = 1011 // with the ARN before it
	maxLevels = 15
)

var nameForm = regexp.MustCompile(`^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)

// checkName checks the name of a parameter to be written, without the blanks around it.
func (s *Service) checkName(name string) error {
	lower := strings.ToLower(key(name))
	switch {
	case name == "":
		return invalid("1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case !nameForm.MatchString(name), strings.HasPrefix(lower, "ssm"), strings.HasPrefix(lower, "aws") && !strings.Contains(lower, "/"):
		return invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	case strings.HasPrefix(lower, "aws"):
		return world.Errorf("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case strings.Contains(name, "/") && name[0] != '/':
		return invalid("Parameter name must be a fully qualified name.")
	case len(s.arn(name)) > maxName:
		return invalid("Parameter name, with the ARN that precedes it, must not be longer than %d characters.", maxName)
	case strings.Count(key(name), "/")+1 > maxLevels:
		return world.Errorf("HierarchyLevelLimitExceededException", "Hierarchy level cannot exceed %d levels. Please refer to Parameter Store documentation for details.", maxLevels)
	}
	return nil
}

// selected is what a caller names to read: a parameter, by name or ARN, and perhaps a version of it ("/x:3").
type selected struct {
	name     string
	selector string // ":3", or ""
}

func (s *Service) selected(reference string) selected {
	if name, ok := strings.CutPrefix(reference, s.w.ARN("ssm", "parameter/")); ok {
		reference = "/" + name
	}
	name, selector, found := strings.Cut(reference, ":")
	if found {
		selector = ":" + selector
	}
	return selected{name: name, selector: selector}
}

// find returns the parameter and the version that is meant. A parameter, or a version of it, that does not exist is an
// error of AWS.
func (s *Service) find(ref selected) (*parameter, version, error) {
	p := s.state.Parameters[key(ref.name)]
	if p == nil {
		return nil, version{}, notFound()
	}
	if ref.selector == "" {
		return p, p.latest(), nil
	}
	number, err := strconv.ParseInt(ref.selector[1:], 10, 64)
	if err != nil {
		return nil, version{}, world.NotImplemented("a label (" + ref.selector + ")")
	}
	for _, v := range p.Versions {
		if v.Number == number {
			return p, v, nil
		}
	}
	return nil, version{}, world.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %d of %s. Verify the version and try again.", number, ref.name)
}
