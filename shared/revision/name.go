package revision

import (
	"fmt"
	"strconv"
	"strings"
)

// Name is the ARN of a task definition, parsed:
// arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7.
type Name struct {
	prefix   string // up to and with "task-definition/"
	Family   string
	Revision int
}

// ParseName parses the ARN of a task definition. A name that is no ARN, or that has no revision, is an error.
func ParseName(arn string) (Name, error) {
	prefix, rest, found := strings.Cut(arn, ":task-definition/")
	family, number, numbered := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	if !found || !numbered || err != nil || n < 1 || family == "" || strings.Contains(family, "/") || strconv.Itoa(n) != number ||
		!strings.HasPrefix(prefix, "arn:") || strings.Count(prefix, ":") != 4 {
		return Name{}, fmt.Errorf("%q is not the ARN of a task definition", arn)
	}
	return Name{prefix: prefix + ":task-definition/", Family: family, Revision: n}, nil
}

// String is the ARN.
func (n Name) String() string { return n.prefix + n.Family + ":" + strconv.Itoa(n.Revision) }

// Sibling is another revision of the same family.
func (n Name) Sibling(revision int) Name {
	n.Revision = revision
	return n
}

// Short is an ARN as people name a task definition: family:revision. What is no ARN, or empty, stays as it is.
func Short(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
