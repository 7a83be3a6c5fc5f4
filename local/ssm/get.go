package ssm

import "fairlead/local/world"

// maxNames is how many parameters a call may name.
const maxNames = 10

type getInput struct{ Name string }

type getOutput struct{ Parameter output }

// getParameter reads one parameter, by name, by name:version or by ARN. WithDecryption changes nothing for what is no
// SecureString.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func (s *Service) getParameter(c *world.Call, in getInput) (getOutput, error) {
	ref := s.selected(in.Name)
	if err := c.Authorize("ssm:GetParameter", s.arn(ref.name), nil); err != nil {
		return getOutput{}, err
	}
	p, v, err := s.find(ref)
	if err != nil {
		return getOutput{}, err
	}
	return getOutput{Parameter: s.output(p, v, ref.selector)}, nil
}

type getSome struct{ Names []string }

type gotSome struct {
	Parameters        []output
	InvalidParameters []string
}

func (s *Service) getParameters(c *world.Call, in getSome) (gotSome, error) {
	named := func(reference string) string { return s.arn(s.selected(reference).name) }
	if err := authorizeEach(c, "ssm:GetParameters", in.Names, named); err != nil {
		return gotSome{}, err
	}
	out := gotSome{Parameters: []output{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		ref := s.selected(name)
		p, v, err := s.find(ref)
		if err != nil && world.AsError(err).Code == "NotImplemented" {
			return gotSome{}, err
		}
		if err != nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		out.Parameters = append(out.Parameters, s.output(p, v, ref.selector))
	}
	return out, nil
}

// authorizeEach asks for every parameter that a call names; one that is denied denies the call.
func authorizeEach(c *world.Call, action string, names []string, arn func(string) string) error {
	if len(names) == 0 || len(names) > maxNames {
		c.Unauthorized()
		return invalid("1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and %d", maxNames)
	}
	for _, name := range names {
		if err := c.Authorize(action, arn(name), nil); err != nil {
			return err
		}
	}
	return nil
}

type historyInput struct {
	Name string
	page
}

type historyOutput struct {
	Parameters []past
	NextToken  string `json:",omitempty"`
}

// past is a version of a parameter.
type past struct {
	output
	Description      string `json:",omitempty"`
	LastModifiedUser string
	Tier             string
	Labels           []string
	Policies         []string
}

func (s *Service) getParameterHistory(c *world.Call, in historyInput) (historyOutput, error) {
	if err := c.Authorize("ssm:GetParameterHistory", s.arn(in.Name), nil); err != nil {
		return historyOutput{}, err
	}
	p := s.state.Parameters[key(in.Name)]
	if p == nil {
		return historyOutput{}, notFound()
	}
	from, to, next, err := in.cut(len(p.Versions), 50)
	if err != nil {
		return historyOutput{}, err
	}
	out := historyOutput{NextToken: next, Parameters: []past{}}
	for _, v := range p.Versions[from:to] {
		out.Parameters = append(out.Parameters, past{output: s.output(p, v, ""), Description: v.Description, LastModifiedUser: v.By, Tier: "Standard",
			Labels: []string{}, Policies: []string{}})
	}
	return out, nil
}
