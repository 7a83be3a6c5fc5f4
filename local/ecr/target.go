package ecr

import (
	"regexp"

	"fairlead/local/ecr/blob"
	"fairlead/local/world"
)

// target is the part of an operation's input that names a repository.
type target struct {
	RegistryID     string `json:"registryId,omitempty"`
	RepositoryName string `json:"repositoryName"`
}

// The patterns of ECR's API model, and of the OCI distribution specification for a tag.
var (
	namePattern     = regexp.MustCompile(`^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$`)
	tagPattern      = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	registryPattern = regexp.MustCompile(`^[0-9]{12}$`)
)

func checkName(name string) error {
	if len(name) < 2 || len(name) > 256 || !namePattern.MatchString(name) {
		return invalid("repositoryName", "must satisfy regular expression "+
			"'(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'")
	}
	return nil
}

func checkTag(tag string) error {
	if !tagPattern.MatchString(tag) {
		return invalid("imageTag", "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'")
	}
	return nil
}

func checkDigest(digest string) error {
	if !blob.ValidDigest(digest) {
		return invalid("imageDigest", "must satisfy regular expression 'sha256:[0-9a-f]{64}'")
	}
	return nil
}

// enter checks the target's form, asks whether the caller may do action on it, and returns the repository.
func (s *Service) enter(c *world.Call, action string, t target) (*Repository, error) {
	if err := checkName(t.RepositoryName); err != nil {
		return nil, err
	}
	registry, err := s.registry(t.RegistryID)
	if err != nil {
		return nil, err
	}
	repository := s.state.Repositories[t.RepositoryName]
	if registry != s.w.Account {
		repository = nil
	}
	if err := c.Authorize(action, s.arnIn(registry, t.RepositoryName), keys(repository)); err != nil {
		return nil, err
	}
	if repository == nil {
		return nil, repositoryNotFound(t.RepositoryName, registry)
	}
	return repository, nil
}

// registry returns the registry that a call means: the account's own unless it names another.
func (s *Service) registry(id string) (string, error) {
	if id == "" {
		return s.w.Account, nil
	}
	if !registryPattern.MatchString(id) {
		return "", invalid("registryId", "must satisfy regular expression '[0-9]{12}'")
	}
	return id, nil
}

func (s *Service) arn(name string) string { return s.arnIn(s.w.Account, name) }

func (s *Service) arnIn(registry, name string) string {
	place := s.w.Place
	place.Account = registry
	return place.ARN("ecr", "repository/"+name)
}

// keys are the condition keys of a call on a repository.
func keys(r *Repository) world.Keys {
	k := world.Keys{}
	if r == nil {
		return k
	}
	for key, value := range r.Tags {
		k["aws:ResourceTag/"+key] = []string{value}
	}
	return k
}
