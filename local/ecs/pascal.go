package ecs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"fairlead/local/world"
)

// apiNames writes a resource's properties with the API's names: ContainerDefinitions becomes containerDefinitions. Keys
// that the user chose stay as they are.
func apiNames(properties json.RawMessage) ([]byte, error) {
	var in any
	if err := json.Unmarshal(properties, &in); err != nil {
		return nil, fmt.Errorf("read the properties: %w", err)
	}
	return json.Marshal(renamed(in))
}

func renamed(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = renamed(v[i])
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			if !usersKeys(name) {
				inner = renamed(inner)
			}
			out[apiName(name)] = inner
		}
		return out
	default:
		return value
	}
}

// usersKeys says whether the keys of a property are the user's own.
func usersKeys(property string) bool {
	switch property {
	case "DockerLabels", "Options", "DriverOpts", "Labels":
		return true
	default:
		return false
	}
}

// apiName is the API's name of a property. A run of capitals at the beginning is one word:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECS.html
func apiName(property string) string {
	switch property {
	case "EFSVolumeConfiguration":
		return "efsVolumeConfiguration"
	case "FSxWindowsFileServerVolumeConfiguration":
		return "fsxWindowsFileServerVolumeConfiguration"
	case "FilesystemId":
		return "fileSystemId"
	case "IAM":
		return "iam"
	case "VPCLatticeConfigurations":
		return "vpcLatticeConfigurations"
	}
	first, rest := property[:min(1, len(property))], property[min(1, len(property)):]
	if strings.IndexFunc(first, unicode.IsUpper) < 0 {
		return property
	}
	return strings.ToLower(first) + rest
}

// stackUUID is the last part of a stack's id: the same for the same stack.
func stackUUID(stack string) string {
	sum := sha256.Sum256([]byte(stack))
	return world.FormatUUID(hex.EncodeToString(sum[:16]))
}
