package sweep_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/functions/sweep"
	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/announce/announcetest"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/edge/report"
	"fairlead/shared/tag"
)

const (
	machine    = "arn:aws:states:eu-west-1:123456789012:stateMachine:fairlead"
	execution  = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:"
	definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:41"
	next       = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:42"
	uri        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
)

func digest(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }

func at(minute int) time.Time {
	return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC).Add(time.Duration(minute) * time.Minute)
}

// world is a deployer with services that share a repository, as the sweep sees it. Calls whose name is in fails fail.
type world struct {
	*looktest.ECS // its service deployments

	now      time.Time
	names    []string
	images   []ecrtypes.ImageDetail
	service  ecstypes.Service
	tags     []ecstypes.Tag
	nextTags []ecstypes.Tag                          // of the revision that the service was taken back from
	runs     map[string]*sfn.DescribeExecutionOutput // by ARN
	listed   []types.ExecutionListItem
	history  []types.HistoryEvent
	started  []sfn.StartExecutionInput
	redriven []string // by their names
	ledger   *ledger.Memory
	bus      announcetest.Bus
	fails    map[string]error
	deadline time.Duration
	looked   []string      // the services, in turn
	takes    time.Duration // the time for a look at a service
	ignore   []string      // tags, beside *-debug
	beside   string        // the image of the other container
	calls    int
}

// calm is a service that has long run what execution a has deployed of digest a, with nothing to find.
func calm(t *testing.T) *world {
	t.Helper()
	w := &world{ECS: looktest.Running(definition), now: at(15), names: []string{"web"}, runs: map[string]*sfn.DescribeExecutionOutput{}, ledger: ledger.NewMemory(), fails: map[string]error{},
		beside: "public.ecr.aws/nginx:1"}
	w.push("v1", "a", at(1))
	w.point("a", "COMPLETED", 4)
	w.run("a", types.ExecutionStatusSucceeded, "", at(5))
	w.claim(t, 4, "a", "a", at(1))
	w.deployed(t, 4, "a", definition)
	w.sweep(t)
	w.now = at(30)
	return w
}

func (w *world) push(name, letter string, when time.Time) {
	w.images = append(w.images, ecrtypes.ImageDetail{ImageTags: []string{name}, ImageDigest: aws.String(digest(letter)), ImagePushedAt: aws.Time(when)})
}

// point points the service at a revision with an image, which execution a made under a sequence.
func (w *world) point(letter, state, sequence any) {
	w.service = ecstypes.Service{Status: aws.String("ACTIVE"), TaskDefinition: aws.String(definition), Deployments: []ecstypes.Deployment{{
		Status: aws.String("PRIMARY"), TaskDefinition: aws.String(definition), RolloutState: ecstypes.DeploymentRolloutState(state.(string))}},
		ServiceName: aws.String(uri + "@" + digest(letter.(string)))} // the image, for the task definition
	number, _ := json.Marshal(sequence)
	w.tags = madeBy("a", string(number))
}

// madeBy are the tags of a revision that an execution made under a sequence.
func madeBy(name, sequence string) []ecstypes.Tag {
	return []ecstypes.Tag{{Key: aws.String("fairlead:execution"), Value: aws.String(execution + name)},
		{Key: aws.String("fairlead:sequence"), Value: aws.String(sequence)}, {Key: aws.String("fairlead:base"), Value: aws.String("40")}}
}

func (w *world) run(name string, status types.ExecutionStatus, err string, stopped time.Time) {
	w.runs[execution+name] = &sfn.DescribeExecutionOutput{Status: status, Error: aws.String(err), StopDate: aws.Time(stopped), RedriveCount: aws.Int32(0),
		Input: aws.String(`{"service":"web","tag":"v1"}`)}
}

func (w *world) claim(t *testing.T, sequence int64, holder, letter string, when time.Time) {
	t.Helper()
	held, err := w.ledger.Claim(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	next := claim.Claim{Sequence: sequence, Holder: execution + holder, Digest: digest(letter), Tag: "v-" + letter,
		Mark: claim.Mark{Order: claim.Order{Time: when, Start: when.Add(time.Second)}}}
	if err := w.ledger.ReplaceClaim(t.Context(), "web", held, next); err != nil {
		t.Fatal(err)
	}
}

// deployed says that the service was deployed with an image, as a revision.
func (w *world) deployed(t *testing.T, sequence int64, letter, revision string) {
	t.Helper()
	err := w.ledger.SetDeployed(t.Context(), ledger.Deployed{Service: "web", Digest: digest(letter), TaskDefinition: revision, Execution: execution + letter, Sequence: sequence, At: at(5)})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) Now() time.Time { return w.now }

func (w *world) sweep(t *testing.T) sweep.Swept {
	t.Helper()
	got, err := w.try(t)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w *world) try(t *testing.T) (sweep.Swept, error) {
	t.Helper()
	newest, err := tag.New(tag.Newest, "")
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]config.Service{}
	for _, name := range w.names {
		services[name] = config.Service{Name: name, Cluster: "prod", Service: name, Repository: "shop/web", TagPolicy: newest, IgnoreTags: append([]string{"*-debug"}, w.ignore...)}
	}
	all, logger := config.Config{Services: services}, slog.New(slog.DiscardHandler)
	s := sweep.Sweeper{Config: all, Logger: logger, Clock: w, StateMachine: machine, Workflow: w,
		Ledger: sweep.Ledger{Claims: w.ledger, Past: w.ledger, Quarantine: w.ledger, Holds: w.ledger, Deployed: w.ledger, Sweeps: w.ledger},
		Report: report.Reporter{Config: all, Logger: logger, States: w, Announce: announce.Announcer{History: w.ledger, Events: &w.bus, Bus: "default"}},
		Place: func(context.Context) (config.Place, error) {
			return config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, nil
		},
		Look: func(_ context.Context, service config.Service, _ string) sweep.Ports {
			return sweep.Ports{Registry: w, Services: of{w, service.Name}}
		}}
	ctx := t.Context()
	if w.deadline > 0 {
		bounded, cancel := context.WithDeadline(ctx, w.now.Add(w.deadline))
		defer cancel()
		ctx = bounded
	}
	return s.Handle(ctx, "sweep")
}

// inputs are those of the executions that were started.
func (w *world) inputs() []string {
	var inputs []string
	for _, s := range w.started {
		inputs = append(inputs, *s.Input)
	}
	return inputs
}

func (w *world) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	if !slices.Equal(in.RepositoryNames, []string{"shop/web"}) {
		return nil, errors.New("not ours")
	}
	return &ecr.DescribeRepositoriesOutput{Repositories: []ecrtypes.Repository{{RepositoryUri: aws.String(uri)}}}, w.fails["DescribeRepositories"]
}

// DescribeImages gives one image to a page.
func (w *world) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	w.calls++
	if in.Filter == nil || in.Filter.TagStatus != ecrtypes.TagStatusTagged || aws.ToString(in.RepositoryName) != "shop/web" {
		return nil, errors.New("it must list the tagged images of its repository")
	}
	from := len(aws.ToString(in.NextToken))
	out := &ecr.DescribeImagesOutput{}
	if from < len(w.images) {
		out.ImageDetails = w.images[from : from+1]
	}
	if from+1 < len(w.images) {
		out.NextToken = aws.String(strings.Repeat("x", from+1))
	}
	return out, cmp.Or(w.fails["DescribeImages"], w.fails["DescribeImages "+aws.ToString(in.NextToken)])
}

// of is ECS as the look role of a service sees it.
type of struct {
	*world
	name string
}

func (o of) DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	o.calls++
	o.now = o.now.Add(o.takes)
	o.looked = append(o.looked, o.name)
	return &ecs.DescribeServicesOutput{Services: []ecstypes.Service{o.service}}, o.fails["DescribeServices "+o.name]
}

func (w *world) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	w.calls++
	if aws.ToString(in.TaskDefinition) == next {
		return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &ecstypes.TaskDefinition{}, Tags: w.nextTags}, w.fails["DescribeTaskDefinition"]
	}
	if aws.ToString(in.TaskDefinition) != definition {
		return nil, errors.New("unknown " + aws.ToString(in.TaskDefinition))
	}
	return &ecs.DescribeTaskDefinitionOutput{Tags: w.tags, TaskDefinition: &ecstypes.TaskDefinition{ContainerDefinitions: []ecstypes.ContainerDefinition{
		{Name: aws.String("proxy"), Image: aws.String(w.beside)}, {Name: aws.String("web"), Image: w.service.ServiceName}}}}, w.fails["DescribeTaskDefinition"]
}

func (w *world) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	if err := w.fails["StartExecution"]; err != nil {
		return nil, err
	}
	arn := execution + *in.Name
	if w.runs[arn] != nil {
		return nil, &types.ExecutionAlreadyExists{}
	}
	w.runs[arn] = &sfn.DescribeExecutionOutput{Status: types.ExecutionStatusRunning}
	w.started = append(w.started, *in)
	return &sfn.StartExecutionOutput{ExecutionArn: &arn}, nil
}

func (w *world) RedriveExecution(_ context.Context, in *sfn.RedriveExecutionInput, _ ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error) {
	if err := w.fails["RedriveExecution"]; err != nil {
		return nil, err
	}
	run := w.runs[*in.ExecutionArn]
	run.Status, run.RedriveCount = types.ExecutionStatusRunning, aws.Int32(*run.RedriveCount+1)
	w.redriven = append(w.redriven, strings.TrimPrefix(*in.ExecutionArn, execution))
	return &sfn.RedriveExecutionOutput{}, nil
}

func (w *world) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	if w.runs[*in.ExecutionArn] == nil {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return w.runs[*in.ExecutionArn], w.fails["DescribeExecution"]
}

// ListExecutions gives one execution to a page.
func (w *world) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	if *in.StateMachineArn != machine {
		return nil, errors.New("not ours")
	}
	w.calls++
	var matching []types.ExecutionListItem
	for _, e := range w.listed {
		if e.Status == in.StatusFilter {
			matching = append(matching, e)
		}
	}
	from, out := len(aws.ToString(in.NextToken)), &sfn.ListExecutionsOutput{}
	if from < len(matching) {
		out.Executions = matching[from : from+1]
	}
	if from+1 < len(matching) {
		out.NextToken = aws.String(strings.Repeat("x", from+1))
	}
	return out, w.fails["ListExecutions"]
}

func (w *world) GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	return &sfn.GetExecutionHistoryOutput{Events: w.history}, w.fails["GetExecutionHistory"]
}
