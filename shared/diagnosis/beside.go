package diagnosis

import (
	"slices"
	"strings"
)

// BesideImage says whether what is to be mended lies beside the image: in the account, in the task definition's roles,
// secrets and networks, or in AWS itself. The same image may then go out again. Where the cause says neither, it is the
// image that is looked at first.
func (c Cause) BesideImage() bool {
	if slices.Contains([]Cause{PullDenied, PullRateLimited, DiskFull, Throttled, NoRoom}, c) {
		return true
	}
	kind, _, _ := strings.Cut(string(c), ".")
	switch kind {
	case "repository", "secret", "log-group", "role", "permission", "volume", "quota", "capacity", "placement", "task":
		return true
	default:
		return false
	}
}
