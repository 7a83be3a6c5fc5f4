package image

import (
	"regexp"
	"strings"
)

// hosts are those of a private registry of ECR, by account and region: the usual one, the one under FIPS, and the two that
// are reached over IPv6 as well.
// https://docs.aws.amazon.com/general/latest/gr/ecr.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
var hosts = regexp.MustCompile(`^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn)$`)

// In says whether the image is of a repository, by whichever of ECR's hosts the two are named.
func (r Reference) In(repositoryURI string) bool {
	return r.Name == repositoryURI || home(r.Name) != "" && home(r.Name) == home(repositoryURI)
}

// home names a repository of ECR by account, region and path alone; "" for any other.
func home(name string) string {
	host, path, _ := strings.Cut(name, "/")
	parts := hosts.FindStringSubmatch(host)
	if parts == nil {
		return ""
	}
	return parts[1] + " " + parts[2] + " " + path
}

// PinIn returns the reference by which a container that has an image now gets one of a repository: by the host that it
// pulls from already, if that is one of ECR's for the repository, else as ECR names it. Under FIPS or over IPv6 alone the
// usual host cannot take the place of the other.
func PinIn(now, repositoryURI string, digest Digest) Reference {
	if ref, err := ParseReference(now); err == nil && ref.In(repositoryURI) {
		return Pin(ref.Name, digest)
	}
	return Pin(repositoryURI, digest)
}
