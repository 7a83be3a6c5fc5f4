package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// template is a CloudFormation template as CDK writes it.
type template struct {
	name       string
	Parameters map[string]struct {
		Type    string
		Default any
	}
	Mappings   map[string]map[string]map[string]any
	Conditions map[string]any
	Resources  map[string]resource
	Outputs    map[string]struct {
		Value  any
		Export struct{ Name any }
	}
}

type resource struct {
	Type           string
	Properties     any
	Condition      string
	DependsOn      any
	DeletionPolicy string
}

// readAssembly reads the templates of a cloud assembly, dependencies first.
func readAssembly(dir string) ([]template, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("no cloud assembly in %s (run `make synth`): %w", dir, err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Type         string
			DisplayName  string
			Dependencies []string
			Properties   struct{ TemplateFile, StackName string }
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, fmt.Errorf("read manifest.json: %w", err)
	}
	edges := map[string][]string{}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type == "aws:cloudformation:stack" {
			edges[name] = artifact.Dependencies
		}
	}
	order, err := topological(edges)
	if err != nil {
		return nil, err
	}
	templates := make([]template, 0, len(order))
	for _, name := range order {
		t, err := readTemplate(filepath.Join(dir, manifest.Artifacts[name].Properties.TemplateFile))
		if err != nil {
			return nil, fmt.Errorf("stack %s: %w", name, err)
		}
		if t.name = manifest.Artifacts[name].Properties.StackName; t.name == "" {
			t.name = name
		}
		templates = append(templates, t)
	}
	return templates, nil
}

func readTemplate(path string) (template, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return template{}, err
	}
	var t template
	if err := json.Unmarshal(raw, &t); err != nil {
		return template{}, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return t, nil
}

// order is the resources' logical ids, each behind those that it refers to.
func (t template) order() ([]string, error) {
	edges := map[string][]string{}
	for id, r := range t.Resources {
		edges[id] = append(references(r.Properties), listOf(r.DependsOn)...)
	}
	return topological(edges)
}

// topological sorts the keys of edges so that each stands behind its values; values that are no keys are ignored. Equal
// choices go by name, so that the order is always the same.
func topological(edges map[string][]string) ([]string, error) {
	var order []string
	mark := map[string]int{} // 1: on the way, 2: done
	var visit func(string) error
	visit = func(name string) error {
		targets, known := edges[name]
		switch {
		case !known || mark[name] == 2:
			return nil
		case mark[name] == 1:
			return errors.New("circular dependency at " + name)
		}
		mark[name] = 1
		slices.Sort(targets)
		for _, target := range targets {
			if err := visit(target); err != nil {
				return err
			}
		}
		mark[name] = 2
		order = append(order, name)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(edges)) {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// references are the logical ids that a value refers to by Ref, Fn::GetAtt and Fn::Sub.
func references(value any) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			found = append(found, references(v)...)
		}
	case map[string]any:
		for key, v := range value {
			found = append(found, referencesOf(key, v)...)
		}
	}
	return found
}

func referencesOf(key string, v any) []string {
	switch key {
	case "Ref":
		return listOf(v)
	case "Fn::GetAtt":
		if list := listOf(v); len(list) > 0 {
			return []string{strings.Split(list[0], ".")[0]}
		}
	case "Fn::Sub":
		var found []string
		for _, name := range substitutions(subTemplate(v)) {
			found = append(found, strings.Split(name, ".")[0])
		}
		return append(found, references(v)...)
	}
	return references(v)
}

// listOf takes a string or a list of strings.
func listOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var list []string
		for _, v := range value {
			if s, ok := v.(string); ok {
				list = append(list, s)
			}
		}
		return list
	default:
		return nil
	}
}
