package preflight

import (
	"encoding/json"
	"fmt"
	"strings"

	"fairlead/shared/gate/rules"
)

// Movable says that a pushed tag can be put on another image later; with tag "", that any can but those that are named. "" if
// not.
func Movable(repository string, tags rules.Mutability, tag string) string {
	const so = "what is deployed stays pinned by its digest, but the tag may no longer name it; give the repository the tag mutability IMMUTABLE"
	switch {
	case tag != "" && !tags.Protects(tag):
		return fmt.Sprintf("tag %s of repository %s can be put on another image any time (%s): %s", tag, repository, tags.Setting, so)
	case tag == "" && strings.HasPrefix(tags.Setting, "MUTABLE"):
		return fmt.Sprintf("tags of repository %s can be put on another image any time (%s): %s", repository, tags.Setting, so)
	default:
		return ""
	}
}

// Lifecycle warns of the rules of a repository's lifecycle policy by which ECR may drop, or archive, an image in service or the
// one to go back to: ECR counts images and days, and does not know what runs. movable says that an image may lose its tag; where
// none can, a rule for images without one warns of nothing.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
func Lifecycle(repository, document string, movable bool) ([]string, error) {
	var policy struct{ Rules []rule }
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return nil, fmt.Errorf("read the lifecycle policy: %w", err)
	}
	var warnings []string
	for _, r := range policy.Rules {
		if r.Selection.StorageClass == "archive" || r.Selection.TagStatus == "untagged" && !movable {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("rule %d of the lifecycle policy of repository %s %s %s: one that runs, or that a service would go back to, may be among them; "+
			"see docs/registry.md", r.Priority, repository, r.does(), r.images()))
	}
	return warnings, nil
}

// rule is one of a lifecycle policy.
type rule struct {
	Priority  int `json:"rulePriority"`
	Selection struct {
		TagStatus, StorageClass       string
		TagPrefixList, TagPatternList []string
	}
	Action struct{ Type string }
}

// images names those that the rule takes.
func (r rule) images() string {
	taken := append([]string{}, r.Selection.TagPatternList...)
	for _, prefix := range r.Selection.TagPrefixList {
		taken = append(taken, prefix+"*")
	}
	switch {
	case r.Selection.TagStatus == "untagged":
		return "images without a tag, and a tag can be taken from its image"
	case len(taken) > 0:
		return "images with the tags " + strings.Join(taken, ", ")
	default:
		return "images with any tag"
	}
}

// does says what becomes of them. An image in the archive cannot be pulled.
func (r rule) does() string {
	if r.Action.Type == "transition" {
		return "archives"
	}
	return "expires"
}
