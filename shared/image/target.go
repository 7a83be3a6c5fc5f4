package image

import (
	"fmt"
	"strings"

	"fairlead/shared/fault"
)

// Container is what of a container definition says whether the container runs our image.
type Container struct {
	Name  string
	Image string // as the task definition has it
}

// Targets returns the names of the containers whose image is deployed: the one that the configuration names, or else
// all whose image is of the repository, compared by the repositoryUri that ECR reports. It finds at least one or
// returns a fault that names what there is.
func Targets(containers []Container, configured, repositoryURI string) ([]string, error) {
	var names, present []string
	for _, c := range containers {
		present = append(present, fmt.Sprintf("%s (%s)", c.Name, c.Image))
		if c.Name == configured || configured == "" && c.from(repositoryURI) {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) > 0:
		return names, nil
	case configured != "":
		return nil, fault.New(fault.ServiceContainer, "set `container` of the service in context.fairlead to one of these names, then run make deploy",
			"the task definition has no container %q; it has %s", configured, strings.Join(present, ", "))
	default:
		return nil, fault.New(fault.ServiceContainer,
			"set `container` of the service in context.fairlead, then run make deploy; or give the container an image of the repository",
			"no container of the task definition runs an image of %s; it has %s", repositoryURI, strings.Join(present, ", "))
	}
}

// from reports whether the container's image is of the repository, whatever its tag or digest.
func (c Container) from(repositoryURI string) bool {
	ref, err := ParseReference(c.Image)
	return err == nil && ref.In(repositoryURI)
}
