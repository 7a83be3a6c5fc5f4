package sts

import (
	"strconv"
	"time"

	"fairlead/local/iam"
	"fairlead/local/world"
)

// The bounds of a session's duration, in seconds.
const (
	shortest  = 900
	longest   = 43200
	byDefault = 3600
	chained   = 3600 // the longest for a role assumed by a role
)

// seconds reads DurationSeconds: it comes as a form's text, or as a number from a caller within the process.
type seconds int

// UnmarshalJSON reads 900 and "900".
func (s *seconds) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	n, err := strconv.Atoi(text)
	*s = seconds(n)
	return err
}

// duration checks the wanted duration against STS's bounds, the role's and, for a caller who is a role session, those
// of role chaining.
func duration(wanted *seconds, r *iam.Role, who world.Principal) (time.Duration, error) {
	n := byDefault
	if wanted != nil {
		n = int(*wanted)
	}
	switch {
	case n < shortest:
		return 0, validation("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to %d", n, shortest)
	case n > longest:
		return 0, validation("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to %d", n, longest)
	case who.RoleARN != "" && n > chained:
		return 0, validation("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case n > r.MaxSession:
		return 0, validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return time.Duration(n) * time.Second, nil
}
