package ssm

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/world"
)

type putInput struct {
	Name, Value, Type, Description string
	Overwrite                      bool
	Tier                           string
	DataType                       string
	AllowedPattern                 string
	KeyId                          string
	Policies                       string
	Tags                           []json.RawMessage
}

type putOutput struct {
	Tier    string
	Version int64
}

// putParameter creates a parameter, or writes a new version of it.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (s *Service) putParameter(c *world.Call, in putInput) (putOutput, error) {
	in.Name = strings.TrimSpace(in.Name)
	if err := c.Authorize("ssm:PutParameter", s.arn(in.Name), world.Keys{"ssm:Overwrite": {strconv.FormatBool(in.Overwrite)}}); err != nil {
		return putOutput{}, err
	}
	if err := s.check(in); err != nil {
		return putOutput{}, err
	}
	p, operation := s.state.Parameters[key(in.Name)], "Update"
	if p == nil {
		p, operation = &parameter{Name: in.Name, Type: in.Type}, "Create"
		s.state.Parameters[key(in.Name)] = p
	}
	next := version{Number: 1, Value: in.Value, Description: in.Description, At: s.w.Now(), By: c.Principal.ARN}
	if len(p.Versions) > 0 {
		next.Number = p.latest().Number + 1
	}
	if in.Description != "" {
		p.Description = in.Description
	}
	p.Versions = append(p.Versions, next)
	p.Versions = p.Versions[max(0, len(p.Versions)-maxVersions):]
	s.changed(operation, p)
	return putOutput{Tier: "Standard", Version: next.Number}, nil
}

func (s *Service) check(in putInput) error {
	if err := s.checkName(in.Name); err != nil {
		return err
	}
	if err := in.served(); err != nil {
		return err
	}
	if err := in.checkValue(); err != nil {
		return err
	}
	return s.fits(in, s.state.Parameters[key(in.Name)])
}

// fits checks what is to be written against the parameter that is there, or against there being none.
func (s *Service) fits(in putInput, p *parameter) error {
	switch {
	case p == nil && in.Type == "":
		return invalid("A parameter type is required when you create a parameter.")
	case p == nil && len(s.state.Parameters) >= maxParameters:
		return world.Errorf("ParameterLimitExceeded", "The maximum number of standard parameters, %d, is reached.", maxParameters)
	case p != nil && !in.Overwrite:
		return world.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case p != nil && in.Type != "" && in.Type != p.Type:
		return world.Errorf("HierarchyTypeMismatchException", "Parameter Store does not support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.")
	}
	return nil
}

func (in putInput) checkValue() error {
	switch {
	case in.Value == "":
		return invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case strings.Contains(in.Value, "{{") && strings.Contains(in.Value, "}}"):
		return invalid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`)
	case len(in.Value) > maxValue:
		return invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.", maxValue)
	case len(in.Description) > 1024:
		return invalid("1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1024")
	}
	return nil
}

// served refuses what is not served, so that nothing is ignored, and what AWS knows not either.
func (in putInput) served() error {
	types, others := []string{"", "String", "StringList"}, in.Policies+in.AllowedPattern+in.KeyId != "" || len(in.Tags) > 0
	switch {
	case in.Type == "SecureString":
		return world.NotImplemented("the type SecureString")
	case !slices.Contains(types, in.Type):
		return invalid("1 validation error detected: Value '%s' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]", in.Type)
	case cmp.Or(in.Tier, "Standard") != "Standard":
		return world.NotImplemented("the tier " + in.Tier)
	case cmp.Or(in.DataType, "text") != "text":
		return world.NotImplemented("the data type " + in.DataType)
	case len(in.Tags) > 0 && in.Overwrite:
		return invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case others:
		return world.NotImplemented("a parameter with Tags, Policies, a KeyId or an AllowedPattern")
	}
	return nil
}

type deleteInput struct{ Name string }

func (s *Service) deleteParameter(c *world.Call, in deleteInput) (struct{}, error) {
	if err := c.Authorize("ssm:DeleteParameter", s.arn(in.Name), nil); err != nil {
		return struct{}{}, err
	}
	if !s.remove(in.Name) {
		return struct{}{}, notFound()
	}
	return struct{}{}, nil
}

func (s *Service) remove(name string) bool {
	p := s.state.Parameters[key(name)]
	if p == nil {
		return false
	}
	delete(s.state.Parameters, key(name))
	s.changed("Delete", p)
	return true
}

type deleteSome struct{ Names []string }

type deletedSome struct{ DeletedParameters, InvalidParameters []string }

func (s *Service) deleteParameters(c *world.Call, in deleteSome) (deletedSome, error) {
	if err := authorizeEach(c, "ssm:DeleteParameters", in.Names, s.arn); err != nil {
		return deletedSome{}, err
	}
	out := deletedSome{DeletedParameters: []string{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		if s.remove(name) {
			out.DeletedParameters = append(out.DeletedParameters, name)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, nil
}
