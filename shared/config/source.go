package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// repositories reads the repositories that CI pushes to.
func (r *reader) repositories(top object, config *Config) {
	raw, ok := top.get("repositories")
	if !ok {
		return
	}
	all := r.object(top.path+".repositories", raw)
	for _, name := range all.names() {
		path := all.path + "." + name
		if !repositoryForm.MatchString(name) {
			r.problem(path, "want "+repositoryForm.meaning)
		}
		config.Repositories[name] = r.repository(name, r.object(path, all.fields[name], "github", "existing", "mutableTags", "expireUntaggedDays"))
	}
}

// repository reads one of them.
func (r *reader) repository(name string, o object) Repository {
	repository := Repository{Name: name}
	r.flag(o, "existing", &repository.Existing)
	if raw, ok := o.get("mutableTags"); ok {
		repository.MutableTags = r.mutableTags(o.path+".mutableTags", raw)
	}
	if raw, ok := o.get("expireUntaggedDays"); ok {
		path := o.path + ".expireUntaggedDays"
		if err := json.Unmarshal(raw, &repository.ExpireUntagged); err != nil || repository.ExpireUntagged < minUntaggedDays || repository.ExpireUntagged > maxUntaggedDays {
			r.problem(path, fmt.Sprintf("want a number of days from %d to %d; leave it out to drop nothing", minUntaggedDays, maxUntaggedDays))
		}
	}
	if repository.Existing && (repository.MutableTags != nil || repository.ExpireUntagged != 0) {
		r.problem(o.path+".existing", "mutableTags and expireUntaggedDays are for repositories that the stack makes: set them where this one is made")
	}
	if pusher, ok := o.get("github"); ok {
		repository.GitHub = r.pusher(r.object(o.path+".github", pusher,
			"repository", "branch", "environment", "ownerId", "repositoryId", "watch"))
	}
	return repository
}

// Whoever pushes an image by its digest may give it its tag some days later.
const (
	minUntaggedDays = 7
	maxUntaggedDays = 3650
)

// mutableTags reads wildcards over tags. ECR takes five, each with two asterisks at most:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
func (r *reader) mutableTags(path string, raw json.RawMessage) []string {
	var filters []string
	if err := json.Unmarshal(raw, &filters); err != nil || len(filters) == 0 || len(filters) > 5 {
		r.problem(path, `want a list of one to five wildcards over tags, like "cache-*"`)
		return nil
	}
	for i, filter := range filters {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !mutableTagForm.MatchString(filter) || strings.Count(filter, "*") > 2:
			r.problem(at, "want "+mutableTagForm.meaning)
		case strings.Trim(filter, "*") == "":
			r.problem(at, "every tag could be moved: name those that may, like cache-*")
		}
	}
	return filters
}

// pusher reads which jobs may push: those of exactly one branch or of exactly one environment.
func (r *reader) pusher(o object) *Pusher {
	var p Pusher
	r.text(o, "repository", githubRepositoryForm, &p.Repository)
	r.text(o, "branch", branchForm, &p.Branch)
	if why := notABranch(p.Branch); why != "" {
		r.problem(o.path+".branch", why+"; want "+branchForm.meaning)
	}
	r.text(o, "environment", environmentForm, &p.Environment)
	r.text(o, "ownerId", numberForm, &p.OwnerID)
	r.text(o, "repositoryId", numberForm, &p.RepositoryID)
	r.flag(o, "watch", &p.Watch)
	if p.Repository == "" && !r.mentioned(o.path+".repository") {
		r.problem(o.path+".repository", "it is missing: want owner/name")
	}
	if (p.Branch == "") == (p.Environment == "") && !r.mentioned(o.path+".branch") && !r.mentioned(o.path+".environment") {
		r.problem(o.path, "say which jobs may push: exactly one of branch and environment")
	}
	if (p.OwnerID == "") != (p.RepositoryID == "") {
		r.problem(o.path, "ownerId and repositoryId go together")
	}
	return &p
}

// notABranch says why git takes no branch of this name, "" if it does; an empty name is another's complaint.
// https://git-scm.com/docs/git-check-ref-format
func notABranch(name string) string {
	switch {
	case strings.HasPrefix(name, "refs/"):
		return "it is a whole ref"
	case strings.HasPrefix(name, "/"), strings.HasSuffix(name, "/"), strings.Contains(name, "//"), strings.HasPrefix(name, "-"):
		return "a branch neither begins with - or / nor ends with /, and has no empty part"
	case strings.Contains(name, ".."), strings.Contains(name, "@{"), strings.HasSuffix(name, "."), strings.HasSuffix(name, ".lock"):
		return "git takes no branch of this name"
	default:
		return ""
	}
}

// github reads what all push roles have in common.
func (r *reader) github(top object, config *Config) {
	if raw, ok := top.get("github"); ok {
		r.text(r.object(top.path+".github", raw, "oidcProviderArn"), "oidcProviderArn", providerForm, &config.GitHub.OIDCProviderARN)
	}
}
