package main

import (
	"strings"
	"testing"

	"fairlead/shared/config"
)

func TestWhatIsLessSafeThanItCouldBeIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		repository config.Repository
		want       string // "" for no warning
	}{
		"a repository of ours":    {config.Repository{}, ""},
		"one that exists":         {config.Repository{Existing: true}, "repositories.shop/web.existing: nothing here sets what"},
		"tags that may be moved":  {config.Repository{MutableTags: []string{"cache-*", "dev"}}, "mutableTags: the tags cache-*, dev can be moved"},
		"images that expire":      {config.Repository{ExpireUntagged: 30}, "dropped after 30 days"},
		"jobs by name alone":      {config.Repository{GitHub: &config.Pusher{Repository: "a/b", Branch: "main"}}, "gh api repos/a/b --jq"},
		"jobs by name and number": {config.Repository{GitHub: &config.Pusher{Repository: "a/b", Branch: "main", OwnerID: "1", RepositoryID: "2"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.repository.Name = "shop/web"
			got := warnings(config.Config{Repositories: map[string]config.Repository{"shop/web": c.repository}})
			if text := strings.Join(got, "\n"); !strings.Contains(text, c.want) || (c.want == "") != (text == "") {
				t.Errorf("%q, want %q", text, c.want)
			}
		})
	}
}
