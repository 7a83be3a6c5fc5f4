package ecs

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"fairlead/local/world"
)

// tag is a tag of a resource.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

const mostTags = 50

// checkTags refuses what AWS refuses.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
func checkTags(tags []tag) error {
	seen := map[string]bool{}
	if len(tags) > mostTags {
		return invalid("The maximum number of tags is %d, and %d were given.", mostTags, len(tags))
	}
	for _, t := range tags {
		key, value := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value)
		switch {
		case key < 1 || key > 128 || value > 256 || !tagForm.MatchString(t.Key) || !tagForm.MatchString(t.Value):
			return invalid("Invalid tag: key %q, value %q.", t.Key, t.Value)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return invalid("Invalid tag key %q: tags that begin with aws: are reserved for AWS.", t.Key)
		case seen[t.Key]:
			return invalid("Duplicate tag keys found: %s. Please note that Tag keys are case insensitive.", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// requestKeys adds the condition keys of tags that a request sets.
func requestKeys(keys world.Keys, tags []tag) world.Keys {
	for _, t := range tags {
		keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], t.Key)
	}
	return keys
}

// resourceKeys adds the condition keys of tags that a resource has.
func resourceKeys(keys world.Keys, tags []tag) world.Keys {
	for _, t := range tags {
		keys["aws:ResourceTag/"+t.Key] = []string{t.Value}
		keys["ecs:ResourceTag/"+t.Key] = []string{t.Value}
	}
	return keys
}

// authorizeTags asks for ecs:TagResource where a call that creates something tags it.
func authorizeTags(c *world.Call, arn string, tags []tag) error {
	if len(tags) == 0 {
		return nil
	}
	return c.Authorize("ecs:TagResource", arn, requestKeys(world.Keys{"ecs:CreateAction": {c.Operation}}, tags))
}

// tagged are the tags of the resource that an ARN names, to be read and changed.
func (s *Service) tagged(arn string) (*[]tag, error) {
	if d, err := s.definition(arn); err == nil {
		return &d.Tags, nil
	}
	if path, ok := resourcePath(arn, "cluster"); ok && len(path) == 1 && s.state.Clusters[path[0]] != nil {
		return &s.state.Clusters[path[0]].Tags, nil
	}
	if path, ok := resourcePath(arn, "service"); ok && s.state.Services[strings.Join(path, "/")] != nil {
		return &s.state.Services[strings.Join(path, "/")].Tags, nil
	}
	if path, ok := resourcePath(arn, "task"); ok && len(path) == 2 && s.state.Tasks[path[1]] != nil {
		return &s.state.Tasks[path[1]].Tags, nil
	}
	return nil, world.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
}

// tagsOf are the tags of the resource that an ARN names; none if it does not exist.
func (s *Service) tagsOf(arn string) []tag {
	tags, err := s.tagged(arn)
	if err != nil {
		return nil
	}
	return *tags
}

type tagResourceInput struct {
	ResourceARN string `json:"resourceArn"`
	Tags        []tag  `json:"tags"`
}

type empty struct{}

func (s *Service) tagResource(c *world.Call, in tagResourceInput) (empty, error) {
	keys := requestKeys(resourceKeys(world.Keys{}, s.tagsOf(in.ResourceARN)), in.Tags)
	if err := c.Authorize("ecs:TagResource", in.ResourceARN, keys); err != nil {
		return empty{}, err
	}
	if err := checkTags(in.Tags); err != nil {
		return empty{}, err
	}
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	merged := mergeTags(*tags, in.Tags)
	if len(merged) > mostTags {
		return empty{}, invalid("The maximum number of tags is %d, and the resource would have %d.", mostTags, len(merged))
	}
	*tags = merged
	return empty{}, nil
}

// mergeTags sets the tags of more among those of old.
func mergeTags(old, more []tag) []tag {
	merged := slices.Clone(old)
	for _, t := range more {
		if i := slices.IndexFunc(merged, func(o tag) bool { return o.Key == t.Key }); i >= 0 {
			merged[i] = t
			continue
		}
		merged = append(merged, t)
	}
	return merged
}

type untagResourceInput struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

func (s *Service) untagResource(c *world.Call, in untagResourceInput) (empty, error) {
	keys := resourceKeys(world.Keys{"aws:TagKeys": in.TagKeys}, s.tagsOf(in.ResourceARN))
	if err := c.Authorize("ecs:UntagResource", in.ResourceARN, keys); err != nil {
		return empty{}, err
	}
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	*tags = slices.DeleteFunc(slices.Clone(*tags), func(t tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	return empty{}, nil
}

type listTagsInput struct {
	ResourceARN string `json:"resourceArn"`
}

type listTagsOutput struct {
	Tags []tag `json:"tags"`
}

func (s *Service) listTagsForResource(c *world.Call, in listTagsInput) (listTagsOutput, error) {
	if err := c.Authorize("ecs:ListTagsForResource", in.ResourceARN, resourceKeys(world.Keys{}, s.tagsOf(in.ResourceARN))); err != nil {
		return listTagsOutput{}, err
	}
	tags, err := s.tagged(in.ResourceARN)
	if err != nil {
		return listTagsOutput{}, err
	}
	return listTagsOutput{Tags: listOf(*tags)}, nil
}

// listOf is the list as the wire has it: empty rather than null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

var tagForm = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
