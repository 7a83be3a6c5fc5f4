// Package config answers which services Fairlead deploys, and from what.
//
// The configuration stands in cdk.json under context.fairlead. infra/ reads it with [Parse] and puts it, normalised by
// [Config.Encode], as the file fairlead.json into the zip of each function, where it is read by [Parse] again: what a
// step knows about its target comes from here, never from an execution's input.
package config

import (
	"maps"
	"slices"
	"strings"

	"fairlead/shared/fault"
	"fairlead/shared/tag"
)

// FileName is the configuration's file beside a function's binary.
const FileName = "fairlead.json"

// Config is the whole configuration, defaults applied.
type Config struct {
	// Prefix begins the names of the roles that a deployer makes, so that deployers in several regions of an account keep apart.
	Prefix       string
	Services     map[string]Service    // by name; never empty
	Repositories map[string]Repository // by ECR name; may be empty
	GitHub       GitHub
	Alarms       Alarms
}

// Service is one ECS service that is deployed.
type Service struct {
	Name       string // in the configuration
	Cluster    string // ECS name
	Service    string // ECS name
	Repository string // ECR name
	// Container is the container that is deployed to; "" for those that run an image of the repository.
	Container  string
	TagPolicy  tag.Policy
	IgnoreTags []string // globs over whole tags
	// TaskRole and ExecutionRole are role names, or ARNs where a role has a path: the only roles that may be passed to
	// a task. "" where the task definition names none.
	TaskRole      string
	ExecutionRole string
	Base          string // BaseService or BaseFamily
	Timeout       Duration
	// EarlyStop gives a rollout up when a second task crashes as the first did, and does not leave it to ECS's circuit
	// breaker.
	EarlyStop bool
	Gates     Gates
}

// What the next revision is copied from.
const (
	// BaseService copies the revision that the service runs.
	BaseService = "service"
	// BaseFamily copies the newest revision of the family that somebody else has made, if what runs does not descend from
	// it: so the changes that infrastructure code makes go out with the next push.
	BaseFamily = "family"
)

// Repository is an ECR repository that CI pushes to: infra/ makes it and the role that may push there.
type Repository struct {
	Name     string
	Existing bool // it exists already, so only the push role is made
	// MutableTags are wildcards over the tags that may be moved to another image, a build cache's; all others stay.
	MutableTags []string
	// ExpireUntagged is after how many days ECR drops images that have no tag; 0 for never.
	ExpireUntagged int
	// GitHub says which jobs may push; nil for none.
	GitHub *Pusher
}

// Pusher is a GitHub repository whose jobs may push: those of one branch, or those of one environment.
type Pusher struct {
	Repository  string // owner/name
	Branch      string
	Environment string
	// OwnerID and RepositoryID are GitHub's numbers for the two. A repository that was created, renamed or moved after
	// 2026-07-15 has them in its tokens' subject; with both set, that form of the subject is trusted as well, and no token
	// of another repository, whatever its name has become.
	OwnerID      string
	RepositoryID string
	// Watch gives the same jobs a second role, under which they read how the deployments of their image have ended.
	Watch bool
}

// GitHub is what all push roles have in common.
type GitHub struct {
	OIDCProviderARN string // of the provider that the account has already; "" to make one
}

// Lookup returns the service with this name, or a fault that lists the names that there are.
func (c Config) Lookup(name string) (Service, error) {
	if service, ok := c.Services[name]; ok {
		return service, nil
	}
	return Service{}, fault.New(fault.UnknownName,
		"add the service under context.fairlead.services in cdk.json, run make deploy and redrive the execution; if the name was mistyped, give a new execution one of these",
		"no service %q is configured; there are %s", name, strings.Join(c.Names(), ", "))
}

// Names returns the names of the services, sorted.
func (c Config) Names() []string { return slices.Sorted(maps.Keys(c.Services)) }
