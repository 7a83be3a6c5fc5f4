package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Story tells a run to a person: what happened when, how each execution ended, what ECS did, and what is wrong with it.
func (r Run) Story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, acts %s\n\n", r.Plan.Seed, r.Acts())
	for _, l := range r.lines() {
		fmt.Fprintf(&b, "  %10.1fs  %-6s %s\n", l.at.Sub(r.trail.opening).Seconds(), l.who, l.text)
	}
	for _, name := range r.touched() {
		fmt.Fprintf(&b, "\n  In the end service %s is pointed at %s.\n", name, short(r.truth.Services[name].Running))
	}
	if len(r.Violations) == 0 {
		b.WriteString("\nNo invariant is violated.\n")
		return b.String()
	}
	b.WriteString("\nWhat is wrong:\n")
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "  %s: %s\n", v.Invariant, v.Says)
	}
	return b.String()
}

// Acts are the numbers of the acts, as -acts takes them.
func (r Run) Acts() string {
	numbers := make([]string, 0, len(r.Plan.Acts))
	for _, a := range r.Plan.Acts {
		numbers = append(numbers, strconv.Itoa(a.N))
	}
	return strings.Join(numbers, ",")
}

// touched are the services of the plan.
func (r Run) touched() []string {
	var names []string
	for _, a := range r.Plan.Acts {
		if a.Service != "" {
			names = append(names, a.Service)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lines are what the trail and the truth have to tell, in the order of time.
func (r Run) lines() []line {
	lines := slices.Clone(r.trail.lines)
	for _, w := range r.trail.writes {
		if strings.HasPrefix(w.Session, "fairlead-sweep") && w.Operation == "PutItem" {
			continue // the record of what was looked at
		}
		lines = append(lines, line{w.At, "call", w.String()})
	}
	for _, x := range r.truth.Executions {
		lines = append(lines, line{x.Start, "begins", fmt.Sprintf("%s: %s of %s", x.Session, x.Tag, x.Service)},
			line{x.Stop, "ends", fmt.Sprintf("%s: %s in %s after %d transitions. %s", x.Session, x.Outcome, x.State, x.Transitions,
				strings.ReplaceAll(x.says(), "\n", " "))})
	}
	for _, name := range r.touched() {
		v := r.truth.Services[name]
		for _, p := range v.pointed {
			who := "is pointed at"
			if p.rollback {
				who = "is rolled back by ECS to"
			}
			lines = append(lines, line{p.at, "ecs", fmt.Sprintf("%s %s %s (%s)", name, who, short(p.taskDefinition), imageOf(r.truth, p.taskDefinition))})
		}
		for _, d := range v.Rollouts {
			if !d.FinishedAt.IsZero() {
				lines = append(lines, line{d.FinishedAt, "ecs", fmt.Sprintf("the rollout of %s is %s", short(d.TaskDefinition), d.Status)})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	return slices.DeleteFunc(lines, func(l line) bool { return l.at.Before(r.trail.opening) })
}

func imageOf(t *truth, taskDefinition string) string {
	if d := t.Revisions[taskDefinition]; d != nil {
		return d.Image[max(0, len(d.Image)-12):]
	}
	return "?"
}

func (x *execution) says() string {
	if x.Cause != "" {
		return x.Cause
	}
	return x.Document.Outcome.Cause
}

// String is the call in a few words.
func (w write) String() string {
	a := w.aim()
	about := ""
	switch w.Operation {
	case "UpdateService":
		about = " " + a.Service + " to " + short(a.TaskDefinition)
	case "StopServiceDeployment":
		about = " " + a.ServiceDeploymentArn
	case "RegisterTaskDefinition":
		about = " " + a.Family
	}
	if w.Code != "" {
		about += ": " + w.Code
	}
	return w.Session + " " + w.Operation + about
}
