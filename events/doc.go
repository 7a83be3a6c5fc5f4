// Package events shows what comes in and what goes out, a sample and a JSON Schema each: a sample <name>-<what>.json is
// of the form <name>.schema.json. Operators paste the inputs into the Step Functions console.
//
//	input    what starts an execution: input-push is what the rule makes of an ECR event, the others are an operator's
//	ecs      the ECS events that wake a waiting execution; they come from AWS
//	outcome  how an execution ended; it goes out to the event bus
package events
