// Package evidence reads from AWS what diagnosis.Classify explains: the stopped tasks of a deployment, the events of its
// service, the health of its targets and the end of the log of the container that failed.
//
// AWS forgets: ECS lists a stopped task for an hour at least, and a target is gone with its task.
package evidence
