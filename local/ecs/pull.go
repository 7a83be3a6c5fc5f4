package ecs

import (
	"fmt"
	"slices"
	"strings"

	"fairlead/local/world"
)

// executor is the session of a task's execution role; nobody if the task definition names none.
func (s *Service) executor(t *task, d definition) (world.Principal, error) {
	if d.ExecutionRoleARN == "" {
		return world.Principal{}, nil
	}
	return s.ports.Roles.ServiceSession(s.roleARN(d.ExecutionRoleARN), tasksPrincipal, s.taskARN(t), t.ID)
}

// prepare gets ready what a task needs before its images: the sessions of its roles, its secrets and its logs.
func (s *Service) prepare(t *task) *startFailure {
	d := s.definitionOf(t)
	who, err := s.executor(t, d)
	if err != nil {
		return &startFailure{Reason: unassumable(s.roleARN(d.ExecutionRoleARN))}
	}
	if s.struck(NoNetwork) {
		return &startFailure{Reason: initialising + s.offline()}
	}
	for _, c := range d.Containers {
		for _, check := range []func() string{
			func() string { return s.secretsDenied(c, who) },
			func() string { return s.logsDenied(t, c, who) },
		} {
			if reason := check(); reason != "" {
				return &startFailure{Reason: initialising + reason}
			}
		}
	}
	return nil
}

// initialising begins the reason of a task for which something cannot be got ready.
const initialising = "ResourceInitializationError: "

func unassumable(role string) string {
	return fmt.Sprintf("ECS was unable to assume the role '%s' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.", role)
}

// pull looks the images of a task up. An image that a tag names is found by digest from the second task on, unless the
// container turned that off.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
func (s *Service) pull(t *task) *startFailure {
	d := s.definitionOf(t)
	who, err := s.executor(t, d)
	if err != nil {
		return &startFailure{Reason: unassumable(s.roleARN(d.ExecutionRoleARN))}
	}
	for _, c := range d.Containers {
		reason := s.pullContainer(t, c, d.platform(), who)
		if reason == "" {
			continue
		}
		if strings.HasPrefix(reason, initialising) {
			return &startFailure{Reason: reason}
		}
		return &startFailure{Reason: reason, Container: c.Name, Own: reason}
	}
	return nil
}

// pullContainer pulls one image, and returns ECS's words for what went wrong.
func (s *Service) pullContainer(t *task, c container, platform string, who world.Principal) string {
	_, d, owned := s.owner(t)
	reference := c.Image
	if owned && c.VersionConsistency != "disabled" {
		reference = atDigest(c.Image, d.Images[c.Name])
	}
	if s.struck(NoRegistry) {
		return unpullable(reference)
	}
	pulled, err := s.ports.Images.Pull(reference, who)
	if err != nil {
		return err.Error()
	}
	if pulled.Foreign {
		return ""
	}
	if !slices.Contains(pulled.Platforms, platform) {
		return fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform '%s'", platform)
	}
	behaves, err := parseBehaviour(pulled.Labels)
	if err != nil {
		return "CannotStartContainerError: " + err.Error()
	}
	own := t.container(c.Name)
	own.Digest, own.Behaves = pulled.Digest, behaves
	if owned && c.VersionConsistency != "disabled" {
		d.resolve(c.Name, pulled.Digest)
	}
	return ""
}

// resolve notes the digest that the deployment's first task found.
func (d *deployment) resolve(name, digest string) {
	if d.Images == nil {
		d.Images = map[string]string{}
	}
	if _, ok := d.Images[name]; !ok {
		d.Images[name] = digest
	}
}

// atDigest is the reference by digest instead of by tag, if the digest is known.
func atDigest(image, digest string) string {
	if digest == "" || strings.Contains(image, "@") {
		return image
	}
	slash := strings.LastIndexByte(image, '/')
	if colon := strings.LastIndexByte(image, ':'); colon > slash {
		image = image[:colon]
	}
	return image + "@" + digest
}

// platform is what the task definition wants its images to run on: linux/amd64 if it says nothing.
func (d definition) platform() string {
	if d.Platform.Architecture == "ARM64" {
		return "linux/arm64"
	}
	return "linux/amd64"
}
