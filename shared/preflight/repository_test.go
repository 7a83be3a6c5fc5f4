package preflight_test

import (
	"strings"
	"testing"

	"fairlead/shared/gate/rules"
	"fairlead/shared/preflight"
)

func TestMovable(t *testing.T) {
	for name, test := range map[string]struct {
		tags rules.Mutability
		tag  string
		says string // "" for nothing
	}{
		"no tag can be moved":                    {rules.Mutability{Setting: "IMMUTABLE"}, "", ""},
		"not even this one":                      {rules.Mutability{Setting: "IMMUTABLE"}, "v1", ""},
		"any tag can":                            {rules.Mutability{Setting: "MUTABLE"}, "", "tags of repository shop/web can be put on another image any time (MUTABLE)"},
		"this one can":                           {rules.Mutability{Setting: "MUTABLE"}, "v1", "tag v1 of repository shop/web can be put on another image any time (MUTABLE)"},
		"a cache's tags can, and none is pushed": {rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{"cache-*"}}, "", ""},
		"a cache's tags can, and another":        {rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{"cache-*"}}, "v1", ""},
		"a cache's tags can, and this is one":    {rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{"cache-*"}}, "cache-1", "tag cache-1"},
		"all can but some":                       {rules.Mutability{Setting: "MUTABLE_WITH_EXCLUSION", Exclusions: []string{"v*"}}, "", "tags of repository shop/web can"},
		"all can but some, and this is one":      {rules.Mutability{Setting: "MUTABLE_WITH_EXCLUSION", Exclusions: []string{"v*"}}, "v1", ""},
	} {
		if got := preflight.Movable("shop/web", test.tags, test.tag); !strings.HasPrefix(got, test.says) || (test.says == "") != (got == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestLifecycle(t *testing.T) {
	rule := func(selection, action string) string {
		return `{"rules":[{"rulePriority":2,"selection":{` + selection + `,"countType":"imageCountMoreThan","countNumber":9},"action":{"type":"` + action + `"}}]}`
	}
	const untagged, all, prod = `"tagStatus":"untagged"`, `"tagStatus":"any"`, `"tagStatus":"tagged","tagPatternList":["prod*"]`
	for name, test := range map[string]struct {
		document string
		movable  bool
		says     string // "" for nothing
	}{
		"images without a tag, where none loses its own": {rule(untagged, "expire"), false, ""},
		"images without a tag, where one may":            {rule(untagged, "expire"), true, "expires images without a tag, and"},
		"images with some tags":                          {rule(prod, "expire"), false, "rule 2 of the lifecycle policy of repository shop/web expires images with the tags prod*: one that runs"},
		"images with tags that begin so":                 {rule(`"tagStatus":"tagged","tagPrefixList":["v","w"]`, "expire"), false, "expires images with the tags v*, w*:"},
		"all images":                                     {rule(all, "expire"), false, "expires images with any tag:"},
		"images that go to the archive":                  {rule(all, "transition"), false, "archives images with any tag:"},
		"images that lie in the archive":                 {rule(all+`,"storageClass":"archive"`, "expire"), false, ""},
		"no rule":                                        {`{"rules":[]}`, true, ""},
	} {
		got, err := preflight.Lifecycle("shop/web", test.document, test.movable)
		if said := strings.Join(got, "; "); err != nil || !strings.Contains(said, test.says) || (test.says == "") != (said == "") {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
	if got, err := preflight.Lifecycle("shop/web", `{"rules":3}`, true); err == nil {
		t.Errorf("what is no policy was read: %q", got)
	}
}
