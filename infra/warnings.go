package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead/shared/config"
)

// warnings lists what the configuration allows that a reader should know of: what is no error, and is not as safe as it
// could be.
func warnings(c config.Config) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.Repositories)) {
		r, path := c.Repositories[name], "context.fairlead.repositories."+name
		if r.Existing {
			all = append(all, fmt.Sprintf("%s.existing: nothing here sets what the repository is like. It should have immutable tags, a scan on push and "+
				"no lifecycle rule for tagged images: each execution warns if not, and one with \"dryRun\" (docs/registry.md)", path))
		}
		if len(r.MutableTags) > 0 {
			all = append(all, fmt.Sprintf("%s.mutableTags: the tags %s can be moved to another image: let no service's tag policy take them",
				path, strings.Join(r.MutableTags, ", ")))
		}
		if r.ExpireUntagged > 0 {
			all = append(all, fmt.Sprintf("%s.expireUntaggedDays: ECR does not know what runs. An image that was deployed by its digest, or "+
				"whose tag was deleted or moved, is dropped after %d days, and perhaps a signature too", path, r.ExpireUntagged))
		}
		if p := r.GitHub; p != nil && p.RepositoryID == "" {
			all = append(all, fmt.Sprintf("%s.github: without ownerId and repositoryId, whoever gets the name %s at GitHub after you may push: "+
				"gh api repos/%s --jq '.owner.id, .id'", path, p.Repository, p.Repository))
		}
	}
	return all
}
