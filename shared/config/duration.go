package config

import (
	"fmt"
	"time"
)

// Duration is a length of time that JSON writes as Go does: "30m", "1h30m".
type Duration time.Duration

// Std returns it as a [time.Duration].
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes it as the configuration does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes it as the configuration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [time.ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`want a duration like "30m": %q`, text)
	}
	*d = Duration(parsed)
	return nil
}
