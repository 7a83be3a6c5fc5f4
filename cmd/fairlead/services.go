package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fairlead/shared/config"
)

// services says which services are meant: one that was named, or all that the configuration names.
type services struct{ service, config string }

func (v *services) declare(flags *flag.FlagSet) {
	flags.StringVar(&v.service, "service", "", "the `service`, by its name in the configuration (default: all that -config names)")
	flags.StringVar(&v.config, "config", "cdk.json", "the `file` that names the services")
}

// names are the names to list: a table cannot be asked for all of them without reading all of it, claims and tokens
// too, which the operators' role must not.
func (v *services) names() ([]string, error) {
	if v.service != "" {
		return []string{v.service}, nil
	}
	names, err := configured(v.config)
	if os.IsNotExist(err) || os.IsPermission(err) {
		return nil, misused("which service? Say -service, or -config with the cdk.json that names the services (%v)", err)
	}
	return names, err
}

// each takes on the operators' role, and does something for each of the services.
func (s *shell) each(ctx context.Context, at target, of services, do func(op operator, service string) error) error {
	if err := at.complete(s.getenv); err != nil {
		return err
	}
	names, err := of.names()
	if err != nil {
		return err
	}
	op, err := s.open(ctx, at)
	if err != nil {
		return err
	}
	for _, service := range names {
		if err := do(op, service); err != nil {
			return err
		}
	}
	return nil
}

// configured are the services that a cdk.json names.
func configured(file string) ([]string, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	var whole struct {
		Context map[string]json.RawMessage `json:"context"`
	}
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	parsed, err := config.ParseBeside(whole.Context["fairlead"], os.DirFS(filepath.Dir(file)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return parsed.Names(), nil
}

// encode prints JSON.
func encode(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
