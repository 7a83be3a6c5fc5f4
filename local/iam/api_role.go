package iam

import (
	"maps"
	"slices"
	"strings"

	"fairlead/local/world"
)

type roleInput struct{ RoleName string }

type roleOutput struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	ARN                      string `xml:"Arn"`
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string          `xml:",omitempty"`
	MaxSessionDuration       int             `xml:",omitempty"`
	PermissionsBoundary      *boundaryOutput `xml:",omitempty"`
	Tags                     *members[Tag]   `xml:",omitempty"`
}

type boundaryOutput struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

func describe(r *Role) roleOutput {
	out := roleOutput{Path: r.Path, RoleName: r.Name, RoleID: r.ID, ARN: r.ARN, CreateDate: stamp(r.Created),
		AssumeRolePolicyDocument: encoded(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSession}
	if r.Boundary != "" {
		out.PermissionsBoundary = &boundaryOutput{"PermissionsBoundaryPolicy", r.Boundary}
	}
	if len(r.Tags) > 0 {
		out.Tags = &members[Tag]{r.Tags}
	}
	return out
}

// may asks whether the caller may do action on the role, and returns the role. Who may not is not told whether it
// exists.
func (s *Service) may(c *world.Call, action, roleName string) (*Role, error) {
	r, ok := s.state.Roles[roleName]
	arn, keys := s.w.GlobalARN("iam", "role/"+roleName), world.Keys(nil)
	if ok {
		arn, keys = r.ARN, resourceTags(r)
		if r.Boundary != "" {
			keys["iam:PermissionsBoundary"] = []string{r.Boundary}
		}
	}
	if err := c.Authorize(action, arn, keys); err != nil {
		return nil, err
	}
	if err := checkName("roleName", roleName, maxNameOfRole); err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound("The role with name %s cannot be found.", roleName)
	}
	return r, nil
}

type getRoleOutput struct{ Role roleOutput }

func (s *Service) getRole(c *world.Call, in roleInput) (getRoleOutput, error) {
	r, err := s.may(c, "iam:GetRole", in.RoleName)
	if err != nil {
		return getRoleOutput{}, err
	}
	return getRoleOutput{describe(r)}, nil
}

type listRolesInput struct {
	PathPrefix string
	paging
}

type listRolesOutput struct {
	Roles       members[roleOutput]
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

func (s *Service) listRoles(c *world.Call, in listRolesInput) (listRolesOutput, error) {
	if in.PathPrefix == "" {
		in.PathPrefix = "/"
	}
	if err := c.Authorize("iam:ListRoles", s.w.GlobalARN("iam", "role"+in.PathPrefix), nil); err != nil {
		return listRolesOutput{}, err
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.state.Roles)) {
		if strings.HasPrefix(s.state.Roles[name].Path, in.PathPrefix) {
			names = append(names, name)
		}
	}
	var out listRolesOutput
	var err error
	names, out.Marker, err = in.page(names)
	out.IsTruncated = out.Marker != ""
	for _, name := range names {
		r := describe(s.state.Roles[name])
		r.PermissionsBoundary, r.Tags = nil, nil // "ListRoles does not return" these
		out.Roles.Members = append(out.Roles.Members, r)
	}
	return out, err
}

type updateTrustInput struct {
	RoleName       string
	PolicyDocument string
}

func (s *Service) updateAssumeRolePolicy(c *world.Call, in updateTrustInput) (struct{}, error) {
	r, err := s.may(c, "iam:UpdateAssumeRolePolicy", in.RoleName)
	if err != nil {
		return struct{}{}, err
	}
	s.remember(r)
	return struct{}{}, s.setTrust(r, in.PolicyDocument)
}
