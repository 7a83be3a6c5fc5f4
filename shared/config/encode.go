package config

import (
	"encoding/json"

	"fairlead/shared/tag"
)

// file is the configuration as a function's zip holds it: what the steps need, without what concerns CI and the alarms.
type file struct {
	Prefix   string                 `json:"prefix"`
	Services map[string]fileService `json:"services"`
}

type fileService struct {
	Cluster       string     `json:"cluster"`
	Service       string     `json:"service"`
	Repository    string     `json:"repository"`
	Container     string     `json:"container,omitempty"`
	TagPolicy     tag.Policy `json:"tagPolicy"`
	IgnoreTags    []string   `json:"ignoreTags,omitempty"`
	TaskRole      string     `json:"taskRole,omitempty"`
	ExecutionRole string     `json:"executionRole,omitempty"`
	Base          string     `json:"base"`
	Timeout       Duration   `json:"timeout"`
	EarlyStop     bool       `json:"earlyStop"`
	Gates         *fileGates `json:"gates,omitempty"`
}

// Encode writes what the steps need of the configuration: [Parse] reads it as the same services. It is the same bytes
// for the same configuration, so that a function's zip changes only when its configuration does.
func (c Config) Encode() ([]byte, error) {
	out := file{Prefix: c.Prefix, Services: map[string]fileService{}}
	for name, s := range c.Services {
		out.Services[name] = fileService{
			Cluster: s.Cluster, Service: s.Service, Repository: s.Repository, Container: s.Container,
			TagPolicy: s.TagPolicy, IgnoreTags: s.IgnoreTags, TaskRole: s.TaskRole, ExecutionRole: s.ExecutionRole,
			Base: s.Base, Timeout: s.Timeout, EarlyStop: s.EarlyStop, Gates: s.Gates.file(),
		}
	}
	return json.MarshalIndent(out, "", "  ")
}
