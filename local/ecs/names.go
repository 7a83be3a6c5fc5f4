package ecs

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// arn composes an ARN of ECS: s.arn("service", "prod", "web").
func (s *Service) arn(parts ...string) string { return s.w.ARN("ecs", strings.Join(parts, "/")) }

// lastPart is what follows the last slash: the name in an ARN, or the name itself.
func lastPart(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// clusterName reads a cluster's name or ARN; nothing is the cluster "default".
func clusterName(ref string) string {
	if ref == "" {
		return "default"
	}
	return lastPart(ref)
}

// resourcePath is what an ARN of ECS has after its kind: the ARN service/prod/web gives prod, web for "service".
func resourcePath(arn, kind string) ([]string, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "ecs" {
		return nil, false
	}
	path := strings.Split(parts[5], "/")
	if path[0] != kind {
		return nil, false
	}
	return path[1:], true
}

// serviceKey reads a service's name or ARN in the cluster that the call names.
func serviceKey(clusterRef, ref string) (string, error) {
	cluster := clusterName(clusterRef)
	if !strings.HasPrefix(ref, "arn:") {
		return cluster + "/" + ref, nil
	}
	path, ok := resourcePath(ref, "service")
	switch {
	case !ok || len(path) == 0 || len(path) > 2:
		return "", invalid("Invalid identifier: %s is not the ARN of a service.", ref)
	case len(path) == 1:
		return cluster + "/" + path[0], nil
	case path[0] != cluster:
		return "", invalid("Invalid identifier: Identifier is for cluster %s. Your cluster is %s", path[0], cluster)
	default:
		return path[0] + "/" + path[1], nil
	}
}

// newNumber returns an id as ECS gives deployments and service revisions: 7419115625193919142.
func (s *Service) newNumber() string {
	const least, most = 1e18, 9.2e18
	return strconv.FormatInt(least+s.w.Random().Int64N(most-least), 10)
}

// newRolloutID returns an id as ECS gives service deployments: ejGvqq2ilnbKT9qj0vLJe.
func (s *Service) newRolloutID() string { return letters(s.w.Random(), 21) }

func letters(r *rand.Rand, n int) string {
	const all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, n)
	for i := range b {
		b[i] = all[r.IntN(len(all))]
	}
	return string(b)
}

func invalid(format string, args ...any) error {
	return world.Errorf("InvalidParameterException", format, args...)
}

func client(format string, args ...any) error {
	return world.Errorf("ClientException", format, args...)
}

func notImplemented(what string) error {
	return &world.Error{Code: "NotImplemented", Status: 501, Message: what + " is not implemented by Fairlead's embedded ECS."}
}
