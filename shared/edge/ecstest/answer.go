package ecstest

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// answer does what a call asks for.
func (f *ECS) answer(operation string, in Object) Answer {
	does, ok := map[string]func(Object) Answer{
		"DescribeServices":           f.describeServices,
		"DescribeTaskDefinition":     f.describeTaskDefinition,
		"ListTaskDefinitions":        f.listTaskDefinitions,
		"RegisterTaskDefinition":     f.registerTaskDefinition,
		"UpdateService":              f.updateService,
		"ListServiceDeployments":     f.listServiceDeployments,
		"DescribeServiceRevisions":   f.describeServiceRevisions,
		"DescribeServiceDeployments": f.describeServiceDeployments,
		"StopServiceDeployment":      f.stopServiceDeployment,
	}[operation]
	if !ok {
		return Fault("NotImplemented", operation)
	}
	return does(in)
}

func (f *ECS) registerTaskDefinition(in Object) Answer {
	tags, _ := in["tags"].([]any)
	delete(in, "tags")
	f.Register(in, tags, f.Now)
	return Answer{Body: Object{"taskDefinition": f.Revisions[len(f.Revisions)-1], "tags": tags}}
}

// Register adds a revision, as RegisterTaskDefinition does.
func (f *ECS) Register(description Object, tags []any, at time.Time) {
	made := maps.Clone(description)
	n := len(f.Revisions) + 1
	made["taskDefinitionArn"], made["revision"], made["status"], made["registeredAt"] = Revision(n), n, "ACTIVE", seconds(at)
	made["compatibilities"], made["requiresAttributes"] = []any{"EC2", "FARGATE"}, []any{Object{"name": "ecs.capability.task-eni"}}
	f.Revisions, f.Tags = append(f.Revisions, made), append(f.Tags, tags)
}

// Point points the service at a revision, as UpdateService does, by another hand.
func (f *ECS) Point(taskDefinition string) { f.point(taskDefinition, f.Now) }

// RollBack does what ECS does when a deployment fails: the deployment before is the PRIMARY one again, with its own id.
func (f *ECS) RollBack() {
	f.Primary = f.Deployments[len(f.Deployments)-2]
	f.TaskDefinition, f.Rollout = f.Primary.TaskDefinition, "COMPLETED"
}

func (f *ECS) point(taskDefinition string, at time.Time) {
	if taskDefinition == f.TaskDefinition {
		return // no new deployment
	}
	f.TaskDefinition = taskDefinition
	if len(f.Deployments) > 0 {
		f.Rollout = "IN_PROGRESS"
	}
	f.Primary = Deployment{Number: 100 + len(f.Deployments), TaskDefinition: taskDefinition, CreatedAt: at}
	f.Deployments = append(f.Deployments, f.Primary)
}

func (f *ECS) describeServices(in Object) Answer {
	if in["cluster"] != Cluster {
		return Fault("ClusterNotFoundException", "Cluster not found.")
	}
	if f.Status == "" || fmt.Sprint(in["services"]) != "["+Service+"]" {
		return Answer{Body: Object{"services": []any{}, "failures": []any{Object{"arn": "x", "reason": "MISSING"}}}}
	}
	return Answer{Body: Object{"services": []any{f.service()}, "failures": []any{}}}
}

func (f *ECS) service() Object {
	primary := Object{"id": fmt.Sprintf("ecs-svc/%d", f.Primary.Number), "status": "PRIMARY", "taskDefinition": f.Primary.TaskDefinition,
		"createdAt": seconds(f.Primary.CreatedAt)}
	if f.Rollout != "" {
		primary["rolloutState"] = f.Rollout
	}
	older := Object{"id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": Revision(1), "rolloutState": "COMPLETED", "createdAt": 1}
	return Object{"serviceName": Service, "status": f.Status, "taskDefinition": f.TaskDefinition, "desiredCount": 1, "deployments": []any{older, primary}}
}

// number is the revision that a call names, 0 if there is none.
func (f *ECS) number(arn any) int {
	text, _ := strings.CutPrefix(fmt.Sprint(arn), Family+":")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(f.Revisions) {
		return 0
	}
	return n
}

func (f *ECS) describeTaskDefinition(in Object) Answer {
	n := f.number(in["taskDefinition"])
	if n == 0 {
		return Fault("ClientException", "Unable to describe task definition.")
	}
	out := Object{"taskDefinition": f.Revisions[n-1]}
	if fmt.Sprint(in["include"]) == "[TAGS]" {
		out["tags"] = f.Tags[n-1]
	}
	return Answer{Body: out}
}

// listTaskDefinitions serves pages of one, newest first.
func (f *ECS) listTaskDefinitions(in Object) Answer {
	if in["sort"] != "DESC" || in["familyPrefix"] != "web" || in["status"] != "ACTIVE" {
		return Fault("ClientException", "the fake lists the active revisions of web, newest first, alone")
	}
	n := len(f.Revisions)
	if next, ok := in["nextToken"].(string); ok {
		n, _ = strconv.Atoi(next)
	}
	out := Object{"taskDefinitionArns": []any{Revision(n)}}
	if n > 1 {
		out["nextToken"] = strconv.Itoa(n - 1)
	}
	return Answer{Body: out}
}

func (f *ECS) updateService(in Object) Answer {
	switch {
	case f.Status == "":
		return Fault("ServiceNotFoundException", "Service not found.")
	case f.Status != "ACTIVE":
		return Fault("ServiceNotActiveException", "Service was not ACTIVE.")
	case in["cluster"] != Cluster || in["service"] != Service || len(in) != 3 || f.number(in["taskDefinition"]) == 0:
		return Fault("InvalidParameterException", fmt.Sprint("the fake takes a task definition for its service alone, not ", in))
	}
	if f.Revisions[f.number(in["taskDefinition"])-1]["status"] != "ACTIVE" {
		return Fault("ClientException", "TaskDefinition is inactive")
	}
	f.point(fmt.Sprint(in["taskDefinition"]), f.Now)
	return Answer{Body: Object{"service": f.service()}}
}

func (f *ECS) listServiceDeployments(in Object) Answer {
	created, _ := in["createdAt"].(Object)
	after, _ := created["after"].(float64)
	before, bounded := created["before"].(float64)
	list := []any{}
	for _, d := range f.Deployments {
		wanted := in["status"] == nil || strings.Contains(fmt.Sprint(in["status"]), d.status())
		if at := seconds(d.CreatedAt); wanted && at > after && (!bounded || at < before) {
			list = append(list, Object{"serviceDeploymentArn": d.arn("service-deployment"), "status": d.status(),
				"createdAt": at, "targetServiceRevisionArn": d.arn("service-revision")})
		}
	}
	return Answer{Body: Object{"serviceDeployments": list}}
}

func (f *ECS) describeServiceDeployments(in Object) Answer {
	list := []any{}
	for _, d := range f.Deployments {
		if strings.Contains(fmt.Sprint(in["serviceDeploymentArns"]), d.arn("service-deployment")) {
			list = append(list, Object{"serviceDeploymentArn": d.arn("service-deployment"), "status": d.status(), "createdAt": seconds(d.CreatedAt),
				"targetServiceRevision": Object{"arn": d.arn("service-revision"), "requestedTaskCount": 1}})
		}
	}
	return Answer{Body: Object{"serviceDeployments": list}}
}

// stopServiceDeployment rolls the last deployment back, if it is the one that is meant and goes on.
func (f *ECS) stopServiceDeployment(in Object) Answer {
	last := &f.Deployments[len(f.Deployments)-1]
	if in["stopType"] != "ROLLBACK" || in["serviceDeploymentArn"] != last.arn("service-deployment") || last.status() != "IN_PROGRESS" {
		return Fault("ConflictException", "The service deployment cannot be stopped.")
	}
	last.Status = "ROLLBACK_IN_PROGRESS"
	f.RollBack()
	return Answer{Body: Object{"serviceDeploymentArn": in["serviceDeploymentArn"]}}
}

func (f *ECS) describeServiceRevisions(in Object) Answer {
	asked := fmt.Sprint(in["serviceRevisionArns"])
	list := []any{}
	for _, d := range f.Deployments {
		arn := place + "service-revision/prod/web/" + strconv.Itoa(d.Number)
		if strings.Contains(asked, arn) {
			revision := Object{"serviceRevisionArn": arn, "taskDefinition": d.TaskDefinition}
			if d.Digest != "" {
				revision["containerImages"] = []any{Object{"containerName": "web", "imageDigest": d.Digest}}
			}
			list = append(list, revision)
		}
	}
	return Answer{Body: Object{"serviceRevisions": list}}
}

// seconds is a time as ECS has it on the wire.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
