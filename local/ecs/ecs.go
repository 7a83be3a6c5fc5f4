package ecs

import (
	"encoding/json"
	"fmt"
	"time"

	"fairlead/local/elb"
	"fairlead/local/world"
)

// Images pulls what containers run.
type Images interface {
	// Pull looks an image up as who, the session of a task's execution role: repository:tag or repository@sha256:….
	// The error is what ECS writes as the task's stoppedReason: "CannotPullContainerError: …". A principal without ARN
	// is nobody, and may pull nothing from the embedded registry.
	Pull(reference string, who world.Principal) (Pulled, error)
}

// Pulled is what a pull brings.
type Pulled struct {
	Foreign   bool              // the reference names a registry that is not the embedded one; all else is empty
	Digest    string            // "sha256:…" of what the reference names: an index or a manifest
	Platforms []string          // what the image runs on: "linux/arm64"
	Labels    map[string]string // the labels of its configuration
}

// Targets are the target groups of Elastic Load Balancing.
type Targets interface {
	// Problem says why tasks cannot be registered in a target group; empty if they can.
	Problem(group string) string
	// Register registers a target that answers so, and returns when its health changes.
	Register(group string, target elb.Target, answers elb.Answers) (changes []time.Time)
	// Health is what the load balancer says of a target now.
	Health(group string, target elb.Target) elb.Health
	// Deregister takes a target out, and returns for how long what it has begun may take.
	Deregister(group string, target elb.Target) time.Duration
}

// Ports are what ECS needs of the other services.
type Ports struct {
	Images    Images
	Roles     world.Roles
	Bus       world.Bus
	Logs      world.Logs
	Targets   Targets         // for the services that have a load balancer
	Authority world.Authority // decides what a task's execution role may do
}

// Service is the embedded ECS.
type Service struct {
	w     *world.World
	pace  float64
	ports Ports
	state state
}

// state is all that ECS remembers.
type state struct {
	Clusters map[string]*cluster      `json:"clusters"` // by name
	Families map[string]*family       `json:"families"` // by name
	Services map[string]*service      `json:"services"` // by cluster/name
	Tasks    map[string]*task         `json:"tasks"`    // by id
	Buckets  map[string]*world.Bucket `json:"buckets"`  // by name of the limit
	Outages  map[Outage]int           `json:"outages"`  // how many tasks each is still to meet
}

// New makes an ECS whose time runs pace times faster than AWS's: 1 is AWS's own, 25 suits a demonstration.
func New(w *world.World, pace float64, ports Ports) *Service {
	if pace <= 0 {
		panic(fmt.Sprintf("ecs: the pace must be more than 0, not %v", pace))
	}
	return &Service{w: w, pace: pace, ports: ports, state: state{
		Clusters: map[string]*cluster{}, Families: map[string]*family{}, Services: map[string]*service{},
		Tasks: map[string]*task{}, Buckets: map[string]*world.Bucket{}, Outages: map[Outage]int{},
	}}
}

// Name is "ecs".
func (*Service) Name() string { return "ecs" }

// State points to all that ECS remembers.
func (s *Service) State() any { return &s.state }

// Operations are the API operations that are served.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"CreateCluster":              limited(s, clusterModify, s.createCluster),
		"DescribeClusters":           limited(s, clusterRead, s.describeClusters),
		"ListClusters":               limited(s, clusterRead, s.listClusters),
		"RegisterTaskDefinition":     limited(s, definitionModify, s.registerTaskDefinition),
		"DeregisterTaskDefinition":   limited(s, definitionModify, s.deregisterTaskDefinition),
		"DescribeTaskDefinition":     limited(s, definitionRead, s.describeTaskDefinition),
		"ListTaskDefinitions":        limited(s, definitionRead, s.listTaskDefinitions),
		"ListTaskDefinitionFamilies": limited(s, definitionRead, s.listTaskDefinitionFamilies),
		"CreateService":              limited(s, serviceModify, s.createService),
		"UpdateService":              limited(s, serviceModify, s.updateService),
		"DeleteService":              limited(s, serviceModify, s.deleteService),
		"DescribeServices":           limited(s, serviceRead, s.describeServices),
		"ListServices":               limited(s, serviceRead, s.listServices),
		"ListServiceDeployments":     limited(s, deploymentRead, s.listServiceDeployments),
		"DescribeServiceDeployments": limited(s, deploymentRead, s.describeServiceDeployments),
		"DescribeServiceRevisions":   limited(s, revisionRead, s.describeServiceRevisions),
		"StopServiceDeployment":      limited(s, serviceModify, s.stopServiceDeployment),
		"ListTasks":                  limited(s, clusterResourceRead, s.listTasks),
		"DescribeTasks":              limited(s, clusterResourceRead, s.describeTasks),
		"StopTask":                   limited(s, clusterResourceModify, s.stopTask),
		"TagResource":                limited(s, tagModify, s.tagResource),
		"UntagResource":              limited(s, tagModify, s.untagResource),
		"ListTagsForResource":        limited(s, tagRead, s.listTagsForResource),
	}
}

// due is a later event of ECS.
type due struct {
	Do      doing  `json:"do"`
	Service string `json:"service,omitempty"` // cluster/name
	Number  string `json:"number,omitempty"`  // of the deployment
	Rollout string `json:"rollout,omitempty"` // id of the service deployment
	Task    string `json:"task,omitempty"`    // id of the task
	Name    string `json:"name,omitempty"`    // of the container
	Step    step   `json:"step,omitempty"`    // what the task does next
	Turn    int    `json:"turn,omitempty"`    // the task's turn when the event was put on the agenda
}

type doing string

const (
	doWake     doing = "wake"     // the scheduler looks at a service
	doOpen     doing = "open"     // a deployment gets its service deployment
	doBegin    doing = "begin"    // a service deployment begins
	doStopped  doing = "stopped"  // a stop that was requested is done
	doRollback doing = "rollback" // a rollback that was requested begins
	doStep     doing = "step"     // a task makes its next step
	doExit     doing = "exit"     // a container exits
	doHealth   doing = "health"   // a container's health checks, or the load balancer's, come to a result
	doForget   doing = "forget"   // a stopped task is listed no longer
)

// Due lets happen what is due.
func (s *Service) Due(what json.RawMessage) {
	var d due
	if err := json.Unmarshal(what, &d); err != nil {
		panic(fmt.Sprintf("ecs: an event cannot be read back: %v", err))
	}
	switch d.Do {
	case doWake:
		s.woken(d)
	case doOpen, doBegin, doStopped, doRollback:
		s.rolloutDue(d)
	case doStep, doExit, doHealth, doForget:
		s.taskDue(d)
	}
}

// after puts an event on the agenda: in a time d of AWS's.
func (s *Service) after(d time.Duration, what due) { s.w.After(s.paced(d), s.Name(), what) }

// paced is how long a time of AWS's takes here.
func (s *Service) paced(d time.Duration) time.Duration { return time.Duration(float64(d) / s.pace) }
