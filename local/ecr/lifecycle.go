package ecr

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"fairlead/local/world"
)

// A lifecycle policy is kept and shown, and never run: images expire only on AWS.

type lifecycleIO struct {
	target
	Text string `json:"lifecyclePolicyText"`
}

func (s *Service) putLifecyclePolicy(c *world.Call, in lifecycleIO) (lifecycleIO, error) {
	repository, err := s.enter(c, "ecr:PutLifecyclePolicy", in.target)
	if err != nil {
		return lifecycleIO{}, err
	}
	if err := checkLifecycle(in.Text); err != nil {
		return lifecycleIO{}, err
	}
	repository.Lifecycle = in.Text
	return lifecycleIO{s.here(repository), in.Text}, nil
}

func (s *Service) getLifecyclePolicy(c *world.Call, in target) (lifecycleIO, error) {
	return s.lifecycle(c, "ecr:GetLifecyclePolicy", in)
}

func (s *Service) deleteLifecyclePolicy(c *world.Call, in target) (lifecycleIO, error) {
	out, err := s.lifecycle(c, "ecr:DeleteLifecyclePolicy", in)
	if err == nil {
		s.state.Repositories[in.RepositoryName].Lifecycle = ""
	}
	return out, err
}

// lifecycle finds the policy of a repository that has one.
func (s *Service) lifecycle(c *world.Call, action string, in target) (lifecycleIO, error) {
	repository, err := s.enter(c, action, in)
	if err != nil {
		return lifecycleIO{}, err
	}
	if repository.Lifecycle == "" {
		return lifecycleIO{}, world.Errorf("LifecyclePolicyNotFoundException",
			"Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", repository.Name, s.w.Account)
	}
	return lifecycleIO{s.here(repository), repository.Lifecycle}, nil
}

type lifecycleRule struct {
	Priority    int                `json:"rulePriority"`
	Description string             `json:"description"`
	Selection   lifecycleSelection `json:"selection"`
	Action      struct {
		Type               string `json:"type"`
		TargetStorageClass string `json:"targetStorageClass"`
	} `json:"action"`
}

type lifecycleSelection struct {
	TagStatus      string   `json:"tagStatus"`
	TagPatternList []string `json:"tagPatternList"`
	TagPrefixList  []string `json:"tagPrefixList"`
	StorageClass   string   `json:"storageClass"`
	CountType      string   `json:"countType"`
	CountUnit      string   `json:"countUnit"`
	CountNumber    int      `json:"countNumber"`
}

// checkLifecycle refuses what is no lifecycle policy.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
func checkLifecycle(text string) error {
	var policy struct {
		Rules []lifecycleRule `json:"rules"`
	}
	read := json.NewDecoder(bytes.NewReader([]byte(text)))
	read.DisallowUnknownFields()
	if err := read.Decode(&policy); err != nil {
		return badLifecycle(err.Error())
	}
	if len(policy.Rules) == 0 {
		return badLifecycle("rules: at least one is required")
	}
	return checkOrder(policy.Rules)
}

// checkOrder looks at the rules, which ECR applies by their priority, lowest first.
func checkOrder(rules []lifecycleRule) error {
	slices.SortStableFunc(rules, func(a, b lifecycleRule) int { return cmp.Compare(a.Priority, b.Priority) })
	for i, rule := range rules {
		problem := cmp.Or(rule.order(rules[:i], rules[i+1:]), rule.Selection.images(), rule.Selection.count(), rule.action())
		if problem != "" {
			return badLifecycle(fmt.Sprintf("rule %d: %s", rule.Priority, problem))
		}
	}
	return nil
}

func badLifecycle(problem string) error {
	return invalid("LifecyclePolicyText", "Lifecycle policy validation failure: "+problem)
}

// order says what is wrong with the place of a rule between others.
func (r lifecycleRule) order(before, after []lifecycleRule) string {
	switch {
	case r.Priority < 1 || len(before) > 0 && before[len(before)-1].Priority == r.Priority:
		return "each rule has a rulePriority of its own, from 1"
	case r.Selection.TagStatus == "any" && r.Selection.StorageClass == "" && len(after) > 0:
		return "a rule with the tagStatus any must have the highest rulePriority"
	default:
		return ""
	}
}

// images says what is wrong with the naming of images.
func (s lifecycleSelection) images() string {
	named := len(s.TagPatternList) > 0 != (len(s.TagPrefixList) > 0) // by one of the two
	switch {
	case !slices.Contains([]string{"tagged", "untagged", "any"}, s.TagStatus):
		return "tagStatus must be tagged, untagged or any"
	case s.TagStatus == "tagged" && !named, s.TagStatus != "tagged" && len(s.TagPatternList)+len(s.TagPrefixList) > 0:
		return "tagged images are named by tagPatternList or by tagPrefixList, others by none"
	case !slices.Contains([]string{"", "standard", "archive"}, s.StorageClass):
		return "storageClass must be standard or archive"
	default:
		return ""
	}
}

// count says what is wrong with the counting of images or days.
func (s lifecycleSelection) count() string {
	unit, known := map[string]string{"imageCountMoreThan": "", "sinceImagePushed": "days", "sinceImagePulled": "days", "sinceImageTransitioned": "days"}[s.CountType]
	switch {
	case !known:
		return "countType must be imageCountMoreThan, sinceImagePushed, sinceImagePulled or sinceImageTransitioned"
	case s.CountUnit != unit:
		return "countUnit must be days, and goes with the times alone"
	case s.CountNumber < 1:
		return "countNumber must be positive"
	default:
		return ""
	}
}

func (r lifecycleRule) action() string {
	if target, known := map[string]string{"expire": "", "transition": "archive"}[r.Action.Type]; !known || r.Action.TargetStorageClass != target {
		return "action must be expire, or transition with the targetStorageClass archive"
	}
	return ""
}
