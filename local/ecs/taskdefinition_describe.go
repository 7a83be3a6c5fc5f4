package ecs

import (
	"maps"
	"slices"
	"strings"

	"fairlead/local/world"
)

// definitionOutput is a task definition as ECS answers it.
func (s *Service) definitionOutput(d *taskDefinition) map[string]any {
	out := map[string]any{
		"taskDefinitionArn": s.definitionARN(d), "revision": d.Revision, "status": d.Status,
		"requiresAttributes": requiresAttributes(d.read()), "compatibilities": compatibilities(d.read()),
		"registeredAt": world.EpochOf(d.RegisteredAt), "registeredBy": d.RegisteredBy,
		"volumes": []any{}, "placementConstraints": []any{},
	}
	for name, raw := range d.Members {
		out[name] = raw
	}
	if !d.DeregisteredAt.IsZero() {
		out["deregisteredAt"] = world.EpochOf(d.DeregisteredAt)
	}
	return out
}

// compatibilities are the launch types that a task definition could be used with.
func compatibilities(d definition) []string {
	if fargateMisfit(d) == "" {
		return []string{"EC2", "FARGATE"}
	}
	if d.NetworkMode == awsvpc {
		return []string{"EC2"}
	}
	return []string{"EXTERNAL", "EC2"}
}

type attribute struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// requiresAttributes are the capabilities that a container instance needs to run the definition.
func requiresAttributes(d definition) []attribute {
	names := map[string]bool{"com.amazonaws.ecs.capability.docker-remote-api.1.18": true}
	if d.TaskRoleARN != "" {
		names["com.amazonaws.ecs.capability.task-iam-role"] = true
	}
	if d.NetworkMode == awsvpc {
		names["ecs.capability.task-eni"] = true
	}
	for _, c := range d.Containers {
		c.addAttributes(names, d.ExecutionRoleARN != "")
	}
	list := []attribute{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, attribute{Name: name})
	}
	return list
}

func (c container) addAttributes(names map[string]bool, executionRole bool) {
	if c.Logs != nil {
		names["com.amazonaws.ecs.capability.logging-driver."+c.Logs.Driver] = true
		names["com.amazonaws.ecs.capability.docker-remote-api.1.19"] = true
		if c.Logs.Driver == "awslogs" && executionRole {
			names["ecs.capability.execution-role-awslogs"] = true
		}
	}
	if isECR(c.Image) {
		names["com.amazonaws.ecs.capability.ecr-auth"] = true
		if executionRole {
			names["ecs.capability.execution-role-ecr-pull"] = true
		}
	}
	if c.HealthCheck != nil {
		names["ecs.capability.container-health-check"] = true
		names["com.amazonaws.ecs.capability.docker-remote-api.1.24"] = true
	}
	for _, s := range c.Secrets {
		names["ecs.capability.secrets."+secretStore(s.ValueFrom)+".environment-variables"] = true
	}
	if c.Privileged {
		names["com.amazonaws.ecs.capability.privileged-container"] = true
	}
}

// secretStore is "asm" for a secret of Secrets Manager and "ssm" for a parameter.
func secretStore(valueFrom string) string {
	if strings.Contains(valueFrom, ":secretsmanager:") {
		return "asm"
	}
	return "ssm"
}

// isECR says whether an image is in ECR by its name, as ECS sees it when a task definition is registered.
func isECR(image string) bool {
	host, _, _ := strings.Cut(image, "/")
	return strings.Contains(host, ".dkr.ecr.") || strings.Contains(host, ".dkr-ecr.")
}

type describeDefinitionInput struct {
	TaskDefinition string   `json:"taskDefinition"`
	Include        []string `json:"include"`
}

// describeTaskDefinition answers a task definition, and its tags if they are asked for. Tags need
// ecs:ListTagsForResource, as was reported of AWS.
func (s *Service) describeTaskDefinition(c *world.Call, in describeDefinitionInput) (out registerOutput, err error) {
	if err := c.Authorize("ecs:DescribeTaskDefinition", "*", nil); err != nil {
		return out, err
	}
	if in.TaskDefinition == "" {
		return out, client("Invalid revision number. Number: ")
	}
	d, err := s.definition(in.TaskDefinition)
	if err != nil {
		return out, err
	}
	out.TaskDefinition = s.definitionOutput(d)
	if !slices.Contains(in.Include, "TAGS") {
		return out, nil
	}
	out.Tags = listOf(d.Tags)
	return out, c.Authorize("ecs:ListTagsForResource", s.definitionARN(d), resourceKeys(world.Keys{}, d.Tags))
}

type listDefinitionsInput struct {
	FamilyPrefix string `json:"familyPrefix"`
	Status       string `json:"status"`
	Sort         string `json:"sort"`
	page
}

type listDefinitionsOutput struct {
	ARNs      []string `json:"taskDefinitionArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

// listTaskDefinitions lists by family and revision. familyPrefix is a whole family name in spite of its name.
func (s *Service) listTaskDefinitions(c *world.Call, in listDefinitionsInput) (out listDefinitionsOutput, err error) {
	if err := c.Authorize("ecs:ListTaskDefinitions", "*", nil); err != nil {
		return out, err
	}
	if err := oneOf("status", in.Status, active, inactive, "DELETE_IN_PROGRESS"); err != nil {
		return out, err
	}
	if err := oneOf("sort", in.Sort, "ASC", "DESC"); err != nil {
		return out, err
	}
	status, all := in.Status, []string{}
	if status == "" {
		status = active
	}
	for _, name := range slices.Sorted(maps.Keys(s.state.Families)) {
		if in.FamilyPrefix == "" || in.FamilyPrefix == name {
			all = append(all, s.definitionARNs(s.state.Families[name], status)...)
		}
	}
	if in.Sort == "DESC" {
		slices.Reverse(all)
	}
	out.ARNs, out.NextToken, err = in.of(all, 100)
	return out, err
}

func (s *Service) definitionARNs(f *family, status string) (arns []string) {
	for _, d := range f.Revisions {
		if d.Status == status {
			arns = append(arns, s.definitionARN(d))
		}
	}
	return arns
}

type listFamiliesOutput struct {
	Families  []string `json:"families"`
	NextToken string   `json:"nextToken,omitempty"`
}

// listTaskDefinitionFamilies lists the families; INACTIVE ones have no ACTIVE revision left.
func (s *Service) listTaskDefinitionFamilies(c *world.Call, in listDefinitionsInput) (out listFamiliesOutput, err error) {
	if err := c.Authorize("ecs:ListTaskDefinitionFamilies", "*", nil); err != nil {
		return out, err
	}
	if err := oneOf("status", in.Status, active, inactive, "ALL"); err != nil {
		return out, err
	}
	all := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.state.Families)) {
		if strings.HasPrefix(name, in.FamilyPrefix) && s.state.Families[name].has(in.Status) {
			all = append(all, name)
		}
	}
	out.Families, out.NextToken, err = in.of(all, 100)
	return out, err
}

// has says whether a family is listed under the status; none given means all of them.
func (f *family) has(status string) bool {
	_, err := f.latest(client("none"))
	return status == "" || status == "ALL" || (status == active) == (err == nil)
}

// oneOf refuses a value that is given and is none of the choices.
func oneOf(member, value string, choices ...string) error {
	if value == "" || slices.Contains(choices, value) {
		return nil
	}
	return invalid("%s: %q is not one of %s.", member, value, strings.Join(choices, ", "))
}
