package outcome

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// How the outcome event is called on the bus. events/outcome.schema.json describes it, the samples
// beside it are some.
const (
	Source     = "fairlead"
	DetailType = "Fairlead Outcome"
)

// Run identifies an execution that has ended.
type Run struct {
	Execution string // its ARN
	Name      string
	Redrive   int
	StartedAt time.Time
	// EndedAt is the same however often the end is told.
	EndedAt time.Time
	// In is the state that the run broke off in, if it did and the state is known.
	In Step
}

// Place is where the service is.
type Place struct {
	Cluster, Service string // ECS names; "" if the service is not configured
}

// Event is the detail of the outcome event, one for each execution and redrive. What is not known is "". All of it is
// printable text on one line each, whatever images and inputs say, and together far below the 256 KB of an event; but the ARN and
// the name of the execution are as AWS has them, and who starts one by hand names it.
type Event struct {
	ID        string    `json:"outcomeId"` // the same if the event is sent twice
	Outcome   Name      `json:"outcome"`
	Held      bool      `json:"held"` // a hold kept it from being deployed
	Service   Service   `json:"service"`
	Image     Image     `json:"image"`
	Revision  Revisions `json:"revision"`
	StartedBy Starter   `json:"startedBy"`
	Execution Execution `json:"execution"`
	Diagnosis Finding   `json:"diagnosis"`
	Warnings  []string  `json:"warnings"` // what CheckImage warned of; never null
	Steps     []Step    `json:"steps"`    // those that were passed, in order, and the one that it broke off in
	Error     string    `json:"error"`    // as the console shows it; "" for an execution that succeeded
	What      string    `json:"what"`     // a sentence: what happened
	Reason    string    `json:"reason"`   // in the words of whoever gave it
	Fix       string    `json:"fix"`      // the next thing to do
	Cause     string    `json:"cause"`    // the three, a line each
	Links     Links     `json:"links"`
	// Pushed is the time by which the push is ordered, for the history alone; zero where no push started the execution.
	Pushed time.Time `json:"-"`
	// DryRun says, for the history alone, that nothing was to be deployed.
	DryRun bool `json:"-"`
	// Follow is, for the history alone, the ARN of the execution that deploys this very image in its stead, or "".
	Follow string `json:"-"`
}

// Service is what was deployed to.
type Service struct {
	Name    string `json:"name"`    // in the configuration
	Cluster string `json:"cluster"` // ECS name
	Service string `json:"service"` // ECS name
}

// Image is what was deployed.
type Image struct {
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Digest     string `json:"digest"`
}

// Revisions are ARNs of task definitions.
type Revisions struct {
	Before  string `json:"before"`  // what the service ran before
	After   string `json:"after"`   // what it was to run
	Running string `json:"running"` // what it was last seen pointed at
	Back    string `json:"back"`    // what it goes back to after a failure
}

// Starter is what started the execution.
type Starter struct {
	Kind string `json:"kind"` // "push", "sweep" or "operator"
	ID   string `json:"id"`   // of the push event
	Time string `json:"time"` // of the push event
}

// Execution is the run of the workflow.
type Execution struct {
	ARN       string    `json:"arn"`
	Name      string    `json:"name"`
	Redrive   int       `json:"redrive"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	Seconds   float64   `json:"seconds"` // from the start to this end, with what lay between an end and its redrive
}

// Links lead into the AWS console.
type Links struct {
	Execution string `json:"execution"`
	Service   string `json:"service"`
}

// Tell makes the event of an execution's end.
func Tell(d Document, end End, run Run, place Place) Event {
	push := d.Push()
	return Event{
		ID: ID(run.Execution, run.Redrive), Outcome: end.Name, Held: end.Held, Pushed: d.pushed(), DryRun: d.DryRun, Follow: end.Follow,
		Service:   Service{Name: clean(d.Service, maxName), Cluster: place.Cluster, Service: place.Service},
		Image:     Image{Repository: clean(push.Repository, 256), Tag: clean(push.Tag, 128), Digest: clean(push.Digest, 128)},
		Revision:  Revisions{Before: revisionARN(d.base()), After: revisionARN(d.target()), Running: revisionARN(d.running()), Back: revisionARN(d.back())},
		StartedBy: d.starter(push),
		Execution: run.execution(), Diagnosis: finding(d.Diagnosis), Warnings: d.warnings(), Steps: d.passed(run),
		Error: clean(end.Error, 256), What: clean(end.What, maxWhat), Reason: clean(end.Why, maxWhy), Fix: clean(end.Fix, maxFix),
		Cause: end.Cause(), Links: links(run.Execution, place),
	}
}

// The kinds of what starts an execution: a person, the sweep, the event of a push.
const (
	byOperator = "operator"
	BySweep    = "sweep"
	byPush     = "push"
)

func (d Document) starter(p Push) Starter {
	started := Starter{Kind: byOperator, ID: clean(p.EventID, 128), Time: clean(p.EventTime, 64)}
	switch {
	case len(d.Sweep) > 0 && string(d.Sweep) != "null":
		started.Kind = BySweep
	case p.EventID != "":
		started.Kind = byPush
	}
	return started
}

// pushed is the time by which the push is ordered, zero where no push started the execution.
func (d Document) pushed() time.Time {
	if d.Image == nil || d.starter(d.Push()).Kind == byOperator {
		return time.Time{}
	}
	return d.Image.Time.UTC()
}

// The bounds of the warnings that an event tells.
const (
	maxWarnings = 20
	maxWarning  = 500
)

// warnings are what CheckImage warned of.
func (d Document) warnings() []string {
	told := []string{}
	if d.Image == nil {
		return told
	}
	for _, warning := range d.Image.Warnings[:min(len(d.Image.Warnings), maxWarnings)] {
		told = append(told, clean(warning, maxWarning))
	}
	return told
}

func (r Run) execution() Execution {
	return Execution{ARN: r.Execution, Name: r.Name, Redrive: r.Redrive, StartedAt: r.StartedAt.UTC(), EndedAt: r.EndedAt.UTC(),
		Seconds: max(0, r.EndedAt.Sub(r.StartedAt)).Seconds()}
}

// revisionARN is the ARN of a task definition as it is; anything else, which a hand-written input may name, is "".
func revisionARN(s string) string {
	const longest = 512 // a family has 255 characters at most
	if len(s) > longest || !taskDefinition.MatchString(s) {
		return ""
	}
	return s
}

// taskDefinition is the pattern in events/outcome.schema.json.
var taskDefinition = regexp.MustCompile(`^arn:[^:\s]+:ecs:[^:\s]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]+:[0-9]+$`)

// links composes the console's addresses from the execution's ARN. Of an ARN that is none there are none.
func links(executionARN string, place Place) Links {
	part := strings.SplitN(executionARN, ":", 6)
	if len(part) < 6 {
		return Links{}
	}
	region := part[3]
	console := "https://" + region + "." + consoleOf(part[1])
	l := Links{Execution: console + "/states/home?region=" + region + "#/v2/executions/details/" + url.PathEscape(executionARN)}
	if place.Service != "" {
		l.Service = console + "/ecs/v2/clusters/" + url.PathEscape(place.Cluster) + "/services/" + url.PathEscape(place.Service) +
			"/deployments?region=" + region
	}
	return l
}

// consoleOf is the console's host in a partition.
func consoleOf(partition string) string {
	switch partition {
	case "aws-cn":
		return "console.amazonaws.cn"
	case "aws-us-gov":
		return "console.amazonaws-us-gov.com"
	default:
		return "console.aws.amazon.com"
	}
}
