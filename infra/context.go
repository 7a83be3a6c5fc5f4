package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

// The keys of the context in cdk.json that are ours.
const (
	configurationKey = "fairlead"       // the configuration: shared/config
	sampleKey        = "fairleadSample" // the service that the sample stack makes; absent for none
)

// cdkContext is the app's context: the values of cdk.json and of the command line.
type cdkContext map[string]json.RawMessage

// readContext reads the context as the CDK CLI gives it, a part that is too long for the environment being in a file,
// and without the CLI from cdk.json itself.
func readContext(root string, getenv func(string) string) (cdkContext, error) {
	given := getenv("CDK_CONTEXT_JSON")
	if given == "" {
		return readCDKJSON(filepath.Join(root, "cdk.json"))
	}
	read := cdkContext{}
	if err := json.Unmarshal([]byte(given), &read); err != nil {
		return nil, fmt.Errorf("read the context that the CDK CLI gave: %w", err)
	}
	overflow := getenv("CONTEXT_OVERFLOW_LOCATION")
	if overflow == "" {
		return read, nil
	}
	rest := cdkContext{}
	if err := readJSON(overflow, &rest); err != nil {
		return nil, err
	}
	maps.Copy(read, rest)
	return read, nil
}

// readCDKJSON reads the context of a cdk.json.
func readCDKJSON(path string) (cdkContext, error) {
	var file struct {
		Context cdkContext `json:"context"`
	}
	return file.Context, readJSON(path, &file)
}

// readJSON reads a JSON file.
func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path) // #nosec G304 -- a file of this project, or one that the CDK CLI wrote for us
	if err != nil {
		return fmt.Errorf("run this in the directory of cdk.json: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// values are the context as the CDK's own code reads it: the feature flags among it count.
func (c cdkContext) values() (map[string]any, error) {
	values := map[string]any{}
	for key, raw := range c {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return nil, fmt.Errorf("context.%s: %w", key, err)
		}
		values[key] = value
	}
	return values, nil
}

// sample returns the name of the service that the sample stack makes, "" for none.
func (c cdkContext) sample() (string, error) {
	raw, ok := c[sampleKey]
	if !ok {
		return "", nil
	}
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return "", fmt.Errorf("context.%s: want the name of a service of context.%s.services", sampleKey, configurationKey)
	}
	return name, nil
}
