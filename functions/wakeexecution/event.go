package wakeexecution

import (
	"encoding/json"
	"strings"

	"fairlead/shared/config"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

// signal is what an event tells us: that it is worth a look at a service, or at the scans of a repository.
type signal struct {
	cluster string // "" where the event does not name it
	service string
	// repository is set for the end of a scan, in the place of a service; image is the digest, "" where the event names none.
	repository, image string
	// final says that ECS has finished a deployment, so that its lists will show it soon if they do not yet.
	final bool
	// ignored is why the event can change no verdict; then nothing else is set.
	ignored string
}

// event is what of an event of ECS, ECR or Inspector is read. Fields may be added to it, and whole events may be repeated.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
type event struct {
	Source     string   `json:"source"`
	DetailType string   `json:"detail-type"`
	Resources  []string `json:"resources"`
	Detail     struct {
		EventName     string `json:"eventName"`
		ClusterARN    string `json:"clusterArn"`
		Group         string `json:"group"`
		LastStatus    string `json:"lastStatus"`
		StartedBy     string `json:"startedBy"`
		StopCode      string `json:"stopCode"`
		StoppedReason string `json:"stoppedReason"`
		ScanStatus    string `json:"scan-status"`
		Repository    string `json:"repository-name"`
		Digest        string `json:"image-digest"`
	} `json:"detail"`
}

// parse reads an event. One that is no JSON object is a fault; one that is not for us is ignored with the reason.
func parse(raw json.RawMessage) (signal, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return signal{}, fault.New(fault.InputInvalid, "only EventBridge's ECS rules may call this function", "read the event: %w", err)
	}
	switch e.Source + " " + e.DetailType {
	case "aws.ecs ECS Deployment State Change":
		return e.deployment(), nil
	case "aws.ecs ECS Task State Change":
		return e.task(), nil
	case "aws.ecr ECR Image Scan", "aws.inspector2 Inspector2 Scan":
		return e.scan(), nil
	default:
		return signal{ignored: "events of this type change no verdict"}, nil
	}
}

// scan reads the end of a scan. Inspector names the repository by its ARN. The findings may show a moment after the event.
func (e event) scan() signal {
	d := e.Detail
	name := d.Repository
	if _, named, long := strings.Cut(name, ":repository/"); long {
		name = named
	}
	if name == "" {
		return signal{ignored: "it names no repository"}
	}
	return signal{repository: name, image: d.Digest, final: true}
}

// deployment reads a change of a deployment. It names the service in its resource alone.
func (e event) deployment() signal {
	if len(e.Resources) == 0 {
		return signal{ignored: "it names no service"}
	}
	_, path, _ := strings.Cut(e.Resources[0], ":service/")
	cluster, service, long := strings.Cut(path, "/")
	if !long {
		cluster, service = "", path // an ARN of the old form names no cluster
	}
	if service == "" {
		return signal{ignored: "it names no service"}
	}
	name := e.Detail.EventName
	return signal{cluster: cluster, service: service, final: name == "SERVICE_DEPLOYMENT_COMPLETED" || name == "SERVICE_DEPLOYMENT_FAILED"}
}

// task reads a stopped task of a service. One that the scheduler itself stopped is how a deployment proceeds, except for
// a failed health check, which carries the scheduler's stop code as well.
func (e event) task() signal {
	d := e.Detail
	service, ofService := strings.CutPrefix(d.Group, "service:")
	switch {
	case d.LastStatus != "STOPPED":
		return signal{ignored: "the task has not stopped"}
	case !strings.HasPrefix(d.StartedBy, "ecs-svc/") || !ofService || service == "":
		return signal{ignored: "the task is not of a service's deployment"}
	case d.StopCode == "ServiceSchedulerInitiated" && !strings.HasPrefix(d.StoppedReason, "Task failed"):
		return signal{ignored: "the service scheduler stopped the task"}
	}
	return signal{cluster: d.ClusterARN[strings.LastIndexByte(d.ClusterARN, '/')+1:], service: service}
}

// services are the configured services that the signal is about: none for a foreign one.
func (s signal) services(c config.Config) []config.Service {
	var found []config.Service
	for _, name := range c.Names() {
		if s.about(c.Services[name]) {
			found = append(found, c.Services[name])
		}
	}
	return found
}

func (s signal) about(service config.Service) bool {
	if s.repository != "" {
		return service.Repository == s.repository && service.Gates.Scan != nil
	}
	return service.Service == s.service && (s.cluster == "" || service.Cluster == s.cluster)
}

// concerns says whether what the signal tells may release a token: that of a rollout, or that of the scan of this image.
func (s signal) concerns(token ledger.Token) bool {
	if s.repository == "" {
		return token.Image == ""
	}
	return token.Image != "" && (s.image == "" || s.image == token.Image)
}

// String names what the signal is about.
func (s signal) String() string {
	if s.repository != "" {
		return "repository " + s.repository
	}
	return "service " + s.service
}
