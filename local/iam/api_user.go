package iam

import "fairlead/local/world"

type getUserInput struct{ UserName string }

type userOutput struct {
	Path       string
	UserName   string
	UserID     string `xml:"UserId"`
	ARN        string `xml:"Arn"`
	CreateDate string
}

type getUserOutput struct{ User userOutput }

// getUser describes a user; without a name, the caller.
func (s *Service) getUser(c *world.Call, in getUserInput) (getUserOutput, error) {
	if in.UserName == "" {
		in.UserName = c.Principal.UserName
	}
	if err := c.Authorize("iam:GetUser", s.w.GlobalARN("iam", "user/"+in.UserName), nil); err != nil {
		return getUserOutput{}, err
	}
	if in.UserName == "" {
		return getUserOutput{}, world.Errorf("ValidationError", "Must specify userName when calling with non-User credentials")
	}
	u, ok := s.state.Users[in.UserName]
	if !ok {
		return getUserOutput{}, notFound("The user with name %s cannot be found.", in.UserName)
	}
	return getUserOutput{userOutput{u.Path, u.Name, u.ID, u.ARN, stamp(u.Created)}}, nil
}
