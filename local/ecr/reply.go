package ecr

import (
	"fairlead/local/world"
)

// The error replies of ECR. The sentences are ECR's own where they are known from its users' reports.

func invalid(member, constraint string) *world.Error {
	return world.Errorf("InvalidParameterException",
		"Invalid parameter at '%s' failed to satisfy constraint: '%s'", member, constraint)
}

func repositoryNotFound(name, registry string) *world.Error {
	return world.Errorf("RepositoryNotFoundException",
		"The repository with name '%s' does not exist in the registry with id '%s'", name, registry)
}

func (s *Service) tagImmutable(r *Repository, tag string) *world.Error {
	return world.Errorf("ImageTagAlreadyExistsException",
		"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, r.Name)
}

func (s *Service) imageExists(r *Repository, digest, tag string) *world.Error {
	which := "Image with digest '" + digest + "'"
	if tag != "" {
		which += " and tag '" + tag + "'"
	}
	return world.Errorf("ImageAlreadyExistsException",
		"%s already exists in the repository with name '%s' in registry with id '%s'", which, r.Name, s.w.Account)
}

func (s *Service) imageNotFound(r *Repository, id imageID) *world.Error {
	return world.Errorf("ImageNotFoundException",
		"The image with imageId %s does not exist within the repository with name '%s' in the registry with id '%s'",
		id, r.Name, s.w.Account)
}

func (s *Service) notImplemented(what string) *world.Error {
	return &world.Error{Code: "NotImplemented", Status: 501,
		Message: "Fairlead's embedded ECR does not implement " + what}
}
