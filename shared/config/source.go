package config

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
		o := r.object(path, all.fields[name], "github", "existing")
		repository := Repository{Name: name}
		r.flag(o, "existing", &repository.Existing)
		if pusher, ok := o.get("github"); ok {
			repository.GitHub = r.pusher(r.object(path+".github", pusher,
				"repository", "branch", "environment", "ownerId", "repositoryId"))
		}
		config.Repositories[name] = repository
	}
}

// pusher reads which jobs may push: those of exactly one branch or of exactly one environment.
func (r *reader) pusher(o object) *Pusher {
	var p Pusher
	r.text(o, "repository", githubRepositoryForm, &p.Repository)
	r.text(o, "branch", branchForm, &p.Branch)
	r.text(o, "environment", environmentForm, &p.Environment)
	r.text(o, "ownerId", numberForm, &p.OwnerID)
	r.text(o, "repositoryId", numberForm, &p.RepositoryID)
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

// github reads what all push roles have in common.
func (r *reader) github(top object, config *Config) {
	if raw, ok := top.get("github"); ok {
		r.text(r.object(top.path+".github", raw, "oidcProviderArn"), "oidcProviderArn", providerForm, &config.GitHub.OIDCProviderARN)
	}
}
