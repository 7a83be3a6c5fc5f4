// Package stack is the embedded CloudFormation: it loads the templates of a cloud assembly (cdk.out) and declares their
// resources to the services that provide them. Nothing else in the embedded AWS knows what Fairlead's stacks hold.
//
// A template that has changed is applied as a stack update: what is new is made, what differs is changed, what is gone is
// removed. A resource type that no service provides is refused, unless it is one that does nothing here (see inert.go).
package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"fairlead/local/world"
)

// placed is a resource that a stack holds.
type placed struct {
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	Attributes map[string]any  `json:"attributes"`
	Properties json.RawMessage `json:"properties"` // as they were last declared
	Retain     bool            `json:"retain"`     // DeletionPolicy
	Order      int             `json:"order"`      // in which the resources were made
}

type state struct {
	Stacks map[string]map[string]placed `json:"stacks"` // stack → logical id
	// Exports are the outputs that other stacks import, and Outputs all of them, by stack.
	Exports map[string]string            `json:"exports"`
	Outputs map[string]map[string]string `json:"outputs"`
}

// Service is the embedded CloudFormation.
type Service struct {
	w         *world.World
	providers map[string]world.Provider
	state     state
}

// New makes a CloudFormation that declares resources to providers.
func New(w *world.World, providers ...world.Provider) *Service {
	s := &Service{w: w, providers: map[string]world.Provider{},
		state: state{Stacks: map[string]map[string]placed{}, Exports: map[string]string{}, Outputs: map[string]map[string]string{}}}
	for _, p := range providers {
		for _, t := range p.ResourceTypes() {
			s.providers[t] = p
		}
	}
	return s
}

// Name is "cloudformation".
func (s *Service) Name() string { return "cloudformation" }

// State is what CloudFormation remembers.
func (s *Service) State() any { return &s.state }

// Operations are none: stacks are loaded from the cloud assembly.
func (s *Service) Operations() map[string]world.Operation { return map[string]world.Operation{} }

// Due is never called.
func (s *Service) Due(json.RawMessage) {}

// Outputs returns the outputs of all stacks: stack → output → value.
func (s *Service) Outputs() map[string]map[string]string { return s.state.Outputs }

// IDs returns what Ref gives for the resources of a type in a stack, sorted.
func (s *Service) IDs(stack, resourceType string) []string {
	var ids []string
	for _, p := range s.state.Stacks[stack] {
		if p.Type == resourceType {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Change is one thing that Apply did.
type Change struct{ Stack, LogicalID, Type, Action string }

// Apply brings the world in line with the assembly in dir, stack after stack in the order of their dependencies. The error
// names stack, resource and property; what was applied before it stays.
func (s *Service) Apply(dir string) ([]Change, error) {
	templates, err := readAssembly(dir)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, t := range templates {
		done, err := s.apply(t, dir)
		changes = append(changes, done...)
		if err != nil {
			return changes, fmt.Errorf("stack %s: %w", t.name, err)
		}
	}
	return changes, nil
}

func (s *Service) apply(t template, dir string) ([]Change, error) {
	old := s.state.Stacks[t.name]
	if old == nil {
		old = map[string]placed{}
		s.state.Stacks[t.name] = old
	}
	order, err := t.order()
	if err != nil {
		return nil, err
	}
	r := &resolver{place: s.w.Place, template: t, placed: old, exports: s.state.Exports}
	var changes []Change
	for i, id := range order {
		change, err := s.declare(r, id, i, dir)
		if err != nil {
			return changes, fmt.Errorf("resource %s (%s): %w", id, t.Resources[id].Type, err)
		}
		if change.Action != "" {
			changes = append(changes, change)
		}
	}
	removed, err := s.withdraw(t, old)
	if err != nil {
		return changes, err
	}
	return append(changes, removed...), s.output(r)
}

// declare makes or changes one resource, if it is new or its properties are.
func (s *Service) declare(r *resolver, id string, order int, dir string) (Change, error) {
	declared := r.template.Resources[id]
	wanted, err := r.included(declared.Condition)
	if err != nil || !wanted {
		return Change{}, err
	}
	properties, err := r.properties(declared.Properties)
	if err != nil {
		return Change{}, err
	}
	was, existed := r.placed[id]
	if existed && was.Type == declared.Type && string(was.Properties) == string(properties) {
		return Change{}, nil
	}
	made, err := s.make(world.Declared{Type: declared.Type, Stack: r.template.name, LogicalID: id, ID: was.ID, Properties: properties, Assets: dir}, was)
	if err != nil {
		return Change{}, err
	}
	r.placed[id] = placed{Type: declared.Type, ID: made.ID, Attributes: made.Attributes, Properties: properties,
		Retain: declared.DeletionPolicy == "Retain", Order: order}
	return Change{r.template.name, id, declared.Type, actionOf(existed)}, nil
}

// make declares the resource to its provider; if that gave it another id, the one that was there before is removed.
func (s *Service) make(d world.Declared, was placed) (world.Resource, error) {
	provider := s.provider(d.Type)
	if provider == nil {
		return world.Resource{}, fmt.Errorf("the embedded AWS does not provide this type")
	}
	made, err := provider.Declare(d)
	if err == nil && was.ID != "" && was.ID != made.ID {
		err = s.remove(was)
	}
	return made, err
}

func actionOf(existed bool) string {
	if existed {
		return "update"
	}
	return "create"
}

func (s *Service) provider(resourceType string) world.Provider {
	if p := s.providers[resourceType]; p != nil {
		return p
	}
	if isInert(resourceType) {
		return inert{s.w}
	}
	return nil
}

// withdraw removes what the template no longer declares, the newest first.
func (s *Service) withdraw(t template, old map[string]placed) ([]Change, error) {
	gone := slices.DeleteFunc(slices.Sorted(maps.Keys(old)), func(id string) bool { _, ok := t.Resources[id]; return ok })
	slices.SortStableFunc(gone, func(a, b string) int { return old[b].Order - old[a].Order })
	var changes []Change
	for _, id := range gone {
		if err := s.remove(old[id]); err != nil {
			return changes, fmt.Errorf("resource %s (%s): %w", id, old[id].Type, err)
		}
		changes = append(changes, Change{t.name, id, old[id].Type, "remove"})
		delete(old, id)
	}
	return changes, nil
}

func (s *Service) remove(p placed) error {
	provider := s.provider(p.Type)
	if p.Retain || provider == nil {
		return nil
	}
	return provider.Withdraw(p.Type, p.ID)
}

func (s *Service) output(r *resolver) error {
	outputs := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.template.Outputs)) {
		declared := r.template.Outputs[name]
		value, err := r.text(declared.Value)
		if err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
		outputs[name] = value
		if declared.Export.Name != nil {
			export, err := r.text(declared.Export.Name)
			if err != nil {
				return fmt.Errorf("output %s: %w", name, err)
			}
			s.state.Exports[export] = value
		}
	}
	s.state.Outputs[r.template.name] = outputs
	return nil
}
