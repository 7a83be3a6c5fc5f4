package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// Limits of a configuration.
const (
	defaultPrefix  = "fairlead"
	defaultTimeout = Duration(30 * time.Minute)
	minTimeout     = Duration(time.Minute)
	maxTimeout     = Duration(5 * time.Hour) // with a day of pausing and one of baking it fits into the three of the workflow
	maxServices    = 100                     // one stack holds the rules, targets and roles of so many
	maxRoleName    = 64                      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
)

// root is where the configuration stands in cdk.json; every error begins with the path of a field below it.
const root = "context.fairlead"

// Parse reads the value of context.fairlead. Its error has a line for everything that is wrong, each with the path of
// the field: "context.fairlead.services.web.timeout: …". Keys are matched exactly and unknown ones are refused.
func Parse(raw []byte) (Config, error) { return ParseBeside(raw, nil) }

// ParseBeside is [Parse] where keys and certificates may be named by the files that they stand in: files are those beside
// the configuration, and below.
func ParseBeside(raw []byte, files fs.FS) (Config, error) {
	r := &reader{files: files}
	top := r.object(root, raw, "prefix", "defaults", "services", "repositories", "github", "alarms")
	config := Config{Prefix: defaultPrefix, Services: map[string]Service{}, Repositories: map[string]Repository{}}
	r.text(top, "prefix", prefixForm, &config.Prefix)
	r.services(top, &config)
	r.repositories(top, &config)
	r.github(top, &config)
	r.alarms(top, &config)
	if len(r.problems) == 0 {
		r.checkWhole(config)
	}
	if len(r.problems) > 0 {
		return Config{}, errors.Join(r.problems...)
	}
	return config, nil
}

// services reads the services, each over the defaults.
func (r *reader) services(top object, config *Config) {
	defaults := Service{Base: BaseService, Timeout: defaultTimeout, EarlyStop: true}
	if raw, ok := top.get("defaults"); ok {
		r.service(r.object(top.path+".defaults", raw, serviceKeys()...), &defaults)
	}
	raw, ok := top.get("services")
	if !ok {
		r.problem(top.path+".services", "at least one service is wanted")
		return
	}
	services := r.object(top.path+".services", raw)
	for _, name := range services.names() {
		service := defaults
		service.Name, service.Service = name, or(defaults.Service, name)
		path := services.path + "." + name
		if !serviceNameForm.MatchString(name) {
			r.problem(path, "a service's name has letters, digits, '_' and '-', 45 characters at most")
		}
		r.service(r.object(path, services.fields[name], serviceKeys()...), &service)
		r.require(path, service)
		config.Services[name] = service
	}
}

func serviceKeys() []string {
	return []string{"cluster", "service", "repository", "container", "tagPolicy", "ignoreTags",
		"taskRole", "executionRole", "base", "timeout", "earlyStop", "gates"}
}

// service reads the fields of a service that are there.
func (r *reader) service(o object, s *Service) {
	r.text(o, "cluster", ecsNameForm, &s.Cluster)
	r.text(o, "service", ecsNameForm, &s.Service)
	r.text(o, "repository", repositoryForm, &s.Repository)
	r.text(o, "container", ecsNameForm, &s.Container)
	r.text(o, "taskRole", roleForm, &s.TaskRole)
	r.text(o, "executionRole", roleForm, &s.ExecutionRole)
	r.flag(o, "earlyStop", &s.EarlyStop)
	r.gates(o, &s.Gates)
	if raw, ok := o.get("tagPolicy"); ok {
		r.note(o.path+".tagPolicy", json.Unmarshal(raw, &s.TagPolicy))
	}
	if raw, ok := o.get("ignoreTags"); ok {
		s.IgnoreTags = r.globs(o.path+".ignoreTags", raw)
	}
	if raw, ok := o.get("timeout"); ok {
		r.timeout(o.path+".timeout", raw, &s.Timeout)
	}
	if raw, ok := o.get("base"); ok {
		r.base(o.path+".base", raw, &s.Base)
	}
}

// base reads what the next revision is copied from.
func (r *reader) base(path string, raw json.RawMessage, into *string) {
	switch string(raw) {
	case `"service"`:
		*into = BaseService
	case `"family"`:
		*into = BaseFamily
	default:
		r.problem(path, `want "service" or "family"`)
	}
}

// timeout reads how long a rollout may take.
func (r *reader) timeout(path string, raw json.RawMessage, into *Duration) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		r.problem(path, `want a duration like "30m"`)
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		r.note(path, err)
		return
	}
	if *into < minTimeout || *into > maxTimeout {
		r.problem(path, fmt.Sprintf("%s is outside %s to %s", text, minTimeout, maxTimeout))
	}
}

// require names the fields that are missing after the defaults.
func (r *reader) require(path string, s Service) {
	for _, field := range []struct{ name, value, meaning string }{
		{"cluster", s.Cluster, "the ECS cluster's name"},
		{"repository", s.Repository, "the ECR repository's name"},
		{"tagPolicy", string(s.TagPolicy.Kind()), `which tags are deployed: {"glob": "v*"}, or {"newest": true} for all`},
	} {
		if field.value == "" && !r.mentioned(path+"."+field.name) {
			r.problem(path+"."+field.name, "it is missing: "+field.meaning)
		}
	}
	if gate := s.Gates.Image; gate != nil && !gate.Asks() {
		r.problem(path+".gates.image", "it asks for nothing: set immutableTag or maxAge, or false to turn the gate off")
	}
	r.requireProvenance(path+".gates.provenance", s.Gates.Provenance)
}

// checkWhole refuses what is wrong between services.
func (r *reader) checkWhole(config Config) {
	if n := len(config.Services); n == 0 || n > maxServices {
		r.problem(root+".services", fmt.Sprintf("1 to %d services are possible, there are %d", maxServices, n))
	}
	if reservedPrefix(config.Prefix) {
		r.problem(root+".prefix", "it begins the names of SSM parameters, which may not begin with aws or ssm")
	}
	roles, deployed := map[string]string{}, map[string]string{}
	for _, name := range config.Names() {
		service, path := config.Services[name], root+".services."+name
		if role := StepRoleName(config.Prefix, name, Register); len(role) > maxRoleName {
			r.problem(path, fmt.Sprintf("its role %s would have %d characters, IAM takes %d: shorten the name or the prefix", role, len(role), maxRoleName))
		}
		if other, taken := roles[strings.ToLower(name)]; taken {
			r.problem(path, fmt.Sprintf("it differs from %q in upper and lower case alone, and so would their roles, which IAM refuses", other))
		}
		target := service.Cluster + "/" + service.Service
		if other, taken := deployed[target]; taken {
			r.problem(path+".service", fmt.Sprintf("the ECS service %s is deployed by %q already: one configured service per ECS service", target, other))
		}
		roles[strings.ToLower(name)], deployed[target] = name, name
	}
}

// reservedPrefix says whether SSM refuses parameters below the prefix.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
func reservedPrefix(prefix string) bool {
	lower := strings.ToLower(prefix)
	return strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm")
}

// or returns the first string that is not empty.
func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// names returns the keys of an object, sorted, so that errors come in the same order each time.
func (o object) names() []string { return slices.Sorted(maps.Keys(o.fields)) }
