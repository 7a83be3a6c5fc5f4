package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"fairlead/local/world"
	"fairlead/shared/revision"
)

// look reads the truth.
func (p *player) look(ctx context.Context, settled bool) (*truth, error) {
	t := &truth{Settled: settled, Services: map[string]*service{}, Revisions: map[string]*taskDefinition{}}
	if err := p.readParameters(ctx, t); err != nil {
		return nil, err
	}
	var raw []byte
	var err error
	p.Core.Quietly(func(*world.World) {
		raw, err = json.Marshal(p.ECS.State())
		for _, x := range p.executions() {
			t.Executions = append(t.Executions, tell(x))
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(t.Executions, func(a, b *execution) int { return a.Start.Compare(b.Start) })
	return t, t.read(raw)
}

// readParameters reads what is published of each service.
func (p *player) readParameters(ctx context.Context, t *truth) error {
	t.Parameters = map[string]string{}
	got, err := ssm.NewFromConfig(p.Client(p.Administrator())).GetParametersByPath(ctx, &ssm.GetParametersByPathInput{
		Path: aws.String("/fairlead/"), Recursive: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("read the parameters: %w", err)
	}
	for _, parameter := range got.Parameters {
		t.Parameters[strings.Split(*parameter.Name, "/")[2]] = *parameter.Value
	}
	return nil
}

// shown is the part of ECS's state that is read.
type shown struct {
	Families map[string]struct {
		Revisions []struct {
			Family   string
			Revision int
			Members  map[string]json.RawMessage
			Tags     []struct{ Key, Value string }
			Status   string
		}
	}
	Services map[string]struct {
		Name        string
		Desired     int
		Shape       struct{ TaskDefinition string }
		Deployments []deployment
		Past        map[string]deployment
		Rollouts    []struct {
			Target     string
			Status     string
			CreatedAt  time.Time
			FinishedAt time.Time
			Counts     struct {
				Running int `json:"runningTaskCount"`
			}
			Rollback *struct {
				StartedAt time.Time
				Number    string
			}
		}
	}
}

type deployment struct {
	Number    string
	CreatedAt time.Time
	Shape     struct{ TaskDefinition string }
}

func (t *truth) read(raw []byte) error {
	var s shown
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("read the state of ECS: %w", err)
	}
	for _, f := range s.Families {
		for _, r := range f.Revisions {
			made := &taskDefinition{ARN: fmt.Sprintf("%s%s:%d", definitionPrefix, r.Family, r.Revision), Number: r.Revision, Status: r.Status, Tags: map[string]string{}}
			for _, tag := range r.Tags {
				made.Tags[tag.Key] = tag.Value
			}
			made.Execution, made.Base = made.Tags[revision.TagExecution], made.Tags[revision.TagBase]
			made.Image, made.Rest = apart(r.Members)
			t.Revisions[made.ARN] = made
		}
	}
	for _, v := range s.Services {
		made := &service{Name: v.Name, Desired: v.Desired, Running: v.Shape.TaskDefinition}
		of := map[string]string{}
		for number, d := range v.Past {
			of[number] = d.Shape.TaskDefinition
			made.pointed = append(made.pointed, pointing{at: d.CreatedAt, taskDefinition: d.Shape.TaskDefinition})
		}
		for _, d := range v.Deployments {
			of[d.Number] = d.Shape.TaskDefinition
			made.pointed = append(made.pointed, pointing{at: d.CreatedAt, taskDefinition: d.Shape.TaskDefinition})
		}
		for _, r := range v.Rollouts {
			made.Rollouts = append(made.Rollouts, rollout{TaskDefinition: of[r.Target], Status: r.Status, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
				Running: r.Counts.Running})
			if r.Rollback != nil {
				made.pointed = append(made.pointed, pointing{at: r.Rollback.StartedAt, taskDefinition: of[r.Rollback.Number], rollback: true})
			}
		}
		slices.SortStableFunc(made.pointed, func(a, b pointing) int { return a.at.Compare(b.at) })
		t.Services[v.Name] = made
	}
	return nil
}

const definitionPrefix = "arn:aws:ecs:eu-west-1:123456789012:task-definition/"

// apart takes the image of the first container out of a task definition's members.
func apart(members map[string]json.RawMessage) (image, rest string) {
	var containers []map[string]any
	_ = json.Unmarshal(members["containerDefinitions"], &containers) // ECS has read them before
	for i := range containers {
		if i == 0 {
			image, _ = containers[0]["image"].(string)
		}
		delete(containers[i], "image")
	}
	others := map[string]any{}
	for name, value := range members {
		var read any
		_ = json.Unmarshal(value, &read)
		others[name] = read // so that the order of its members is the same for all
	}
	others["containerDefinitions"] = containers
	raw, _ := json.Marshal(others) //nolint:errchkjson // it was JSON before
	return image, string(raw)
}
