// Package simulate tries Fairlead out as a whole, hundreds of times a minute: all functions, the workflow's interpreter
// and the embedded AWS in one process, on a virtual clock, in an order that a seed decides.
//
// A [Plan] is made from a seed: what is pushed and when, what operators and people do meanwhile, and what goes wrong
// with events, calls and functions. [Scene.Play] plays it and says which [Invariants] it violated, judged by what ECS and
// Step Functions themselves show, not by what Fairlead says of itself, save where an excuse depends on it. A plan that
// violates one is shrunk by [Shrink] to the few acts that it takes, and told as a [Story]. The same seed always plays the same.
//
//	scene.go assembly.go   the stage: stacks, services of several kinds, images; deployed once, then copied for each seed
//	plan.go generate.go    what happens, drawn from a seed
//	play.go people.go weather.go trouble.go
//	                       lets it happen
//	trail.go truth.go      what was observed, and what ECS shows in the end
//	invariant.go …         what must be true of every run
//	shrink.go story.go     a violation as a person can read it
//	simulate.go            many seeds
package simulate
