package registry

import (
	"encoding/json"
	"fmt"

	"fairlead/local/world"
)

type image struct {
	ID        imageID `json:"imageId"`
	Manifest  string  `json:"imageManifest"`
	MediaType string  `json:"imageManifestMediaType"`
}

type imageID struct {
	Digest string `json:"imageDigest,omitempty"`
	Tag    string `json:"imageTag,omitempty"`
}

// call makes an API call of ECR as the client; in has the members beside the repository's name.
func call[Out any](e *exchange, operation string, in map[string]any) (Out, error) {
	var out Out
	if in == nil {
		in = map[string]any{}
	}
	in["repositoryName"] = e.name
	body, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("write the input of %s: %w", operation, err)
	}
	var raw []byte
	var failed error
	request := world.Request{Service: "ecr", Operation: operation, Principal: e.who, Body: body,
		Seal: func(out any) any { raw, failed = json.Marshal(out); return out }}
	if _, err := e.core.Call(request); err != nil {
		return out, err
	}
	if failed != nil {
		return out, fmt.Errorf("write the output of %s: %w", operation, failed)
	}
	return out, json.Unmarshal(raw, &out)
}

type nothing struct{}
