package main

import (
	"strings"
	"time"

	"fairlead/functions/awaitrollout"
	"fairlead/functions/awaitscan"
	"fairlead/functions/checkimage"
	"fairlead/functions/checksignature"
	"fairlead/functions/claimservice"
	"fairlead/functions/diagnosefailure"
	"fairlead/functions/judgerollout"
	"fairlead/functions/judgescan"
	"fairlead/functions/recordoutcome"
	"fairlead/functions/registerrevision"
	"fairlead/functions/reportoutcome"
	"fairlead/functions/rollback"
	"fairlead/functions/sweep"
	"fairlead/functions/updateservice"
	"fairlead/functions/wakeexecution"
	"fairlead/shared/permission"
)

// function is one Lambda.
type function struct {
	words   string // its name in lower case, a blank between words: "register revision"
	what    string // what it does, in a sentence for the console
	policy  permission.Policy
	timeout time.Duration
	// state says that the workflow invokes it; otherwise an event does.
	state bool
}

// functions lists every function: first the states in the order of the flow, then those that events start.
//
// The timeouts leave room for the slowest thing that each may do: registering waits out a busy family, waking looks again for
// half a minute after an end, and a sweep looks at up to a hundred services.
func functions() []function {
	return []function{
		{words: "check image", what: "Reads the push, finds the service, and says whether the image may run.",
			policy: checkimage.Policy(), timeout: 30 * time.Second, state: true},
		{words: "judge scan", what: "Reads what the scan of the image has found, and lets it pass or not.",
			policy: judgescan.Policy(), timeout: 30 * time.Second, state: true},
		{words: "await scan", what: "Parks the task token until a scan has ended, and looks once.",
			policy: awaitscan.Policy(), timeout: 30 * time.Second, state: true},
		{words: "check signature", what: "Looks for who vouches for the image: its signature and its provenance.",
			policy: checksignature.Policy(), timeout: time.Minute, state: true},
		{words: "claim service", what: "Takes the right to deploy the service now: the newest push wins.",
			policy: claimservice.Policy(), timeout: 15 * time.Second, state: true},
		{words: "register revision", what: "Registers the base revision again with the new image.",
			policy: registerrevision.Policy(), timeout: time.Minute, state: true},
		{words: "update service", what: "Points the service at the new revision.",
			policy: updateservice.Policy(), timeout: time.Minute, state: true},
		{words: "await rollout", what: "Parks the task token and looks once.",
			policy: awaitrollout.Policy(), timeout: 30 * time.Second, state: true},
		{words: "judge rollout", what: "Reads ECS and gives the verdict.",
			policy: judgerollout.Policy(), timeout: 30 * time.Second, state: true},
		{words: "diagnose failure", what: "Finds out why a deployment failed while ECS still remembers.",
			policy: diagnosefailure.Policy(), timeout: 45 * time.Second, state: true},
		{words: "roll back", what: "Takes the service back to what it ran successfully before.",
			policy: rollback.Policy(), timeout: time.Minute, state: true},
		{words: "record outcome", what: "Writes down how the execution ended and what was deployed, and says so in one event.",
			policy: recordoutcome.Policy(), timeout: 15 * time.Second, state: true},
		{words: "wake execution", what: "Releases the parked token when ECS says that something changed.",
			policy: wakeexecution.Policy(), timeout: time.Minute},
		{words: "report outcome", what: "Reports the ends that the workflow does not reach itself: stopped, timed out, failed in a state.",
			policy: reportoutcome.Policy(), timeout: 30 * time.Second},
		{words: "sweep", what: "Looks for what events should have told: lost pushes, rollouts that nobody follows, ends that nobody reported.",
			policy: sweep.Policy(), timeout: 5 * time.Minute},
	}
}

// Package is the name of the function's folder, its Go package and its handler: registerrevision.
func (f function) Package() string { return strings.ReplaceAll(f.words, " ", "") }

// Title is the name of its state and the beginning of its logical ids: RegisterRevision.
func (f function) Title() string { return title(f.words) }

// Name is its name in AWS: fairlead-register-revision.
func (f function) Name(prefix string) string {
	return prefix + "-" + strings.ReplaceAll(f.words, " ", "-")
}

// The logical ids of what a function is made of.
func (f function) functionID() string { return f.Title() + "Function" }
func (f function) roleID() string     { return f.Title() + "Role" }
func (f function) logsID() string     { return f.Title() + "Logs" }

// arn is the text by which the template names the function.
func (f function) arn() string { return attribute(f.functionID(), "Arn") }
