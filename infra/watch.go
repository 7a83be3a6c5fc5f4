package main

import (
	"maps"
	"slices"
	"strings"

	"fairlead/shared/config"
	"fairlead/shared/edge/ledger"
)

// addWatchRoles adds, for each repository whose jobs are to wait for the outcome of their push, the role under which they
// read how the deployments of its services have ended. It is not the push role: who pushes need not know, and who waits
// need not push.
func (d *deployer) addWatchRoles() {
	for _, name := range slices.Sorted(maps.Keys(d.config.Repositories)) {
		repository := d.config.Repositories[name]
		served := servedFrom(d.config, name)
		if repository.GitHub == nil || !repository.GitHub.Watch {
			continue
		}
		id := title(name) + "WatchRole"
		d.reasons.addRole(d.stack, identity{
			id: id, name: watchRoleName(d.config.Prefix, name),
			what:   "Under this role CI reads how deployments from " + name + " have ended, and does nothing else.",
			trust:  trustGitHub(d.provider(), *repository.GitHub),
			grants: grants{"watch": by("CI", ledger.WatcherPermissions(d.permissionPlace(), served)...)},
		})
		newOutput(d.stack, id+"Arn", "The role that CI assumes to wait for the outcome of a push to "+name+".", attribute(id, "Arn"))
	}
}

// servedFrom lists the services that are deployed from a repository.
func servedFrom(c config.Config, repository string) (names []string) {
	for _, name := range c.Names() {
		if c.Services[name].Repository == repository {
			names = append(names, name)
		}
	}
	return names
}

// provider is the ARN of GitHub's OIDC provider: the stack of the registry may make it, and this one must not refer to that.
func (d *deployer) provider() string {
	if given := d.config.GitHub.OIDCProviderARN; given != "" {
		return given
	}
	return "arn:" + partition + ":iam::" + account + ":oidc-provider/" + githubIssuer
}

// watchRoleName names the role that waits for the outcomes of a repository: fairlead-watch-shop-web.
func watchRoleName(prefix, repository string) string {
	return prefix + "-watch-" + strings.ReplaceAll(repository, "/", "-")
}

// watches says whether any repository has a watch role.
func watches(c config.Config) bool {
	for _, repository := range c.Repositories {
		if repository.GitHub != nil && repository.GitHub.Watch {
			return true
		}
	}
	return false
}
