package world

import (
	"fmt"
	"strconv"
	"time"
)

// Epoch is a time as the JSON protocols of AWS write it: seconds since 1970 as a number, with milliseconds.
type Epoch struct{ time.Time }

// EpochOf returns t as the wire has it; nil for the zero time, which the wire leaves out.
func EpochOf(t time.Time) *Epoch {
	if t.IsZero() {
		return nil
	}
	return &Epoch{t}
}

// MarshalJSON writes 1763880000.123.
func (e Epoch) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(e.UnixMilli())/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads seconds as a number.
func (e *Epoch) UnmarshalJSON(raw []byte) error {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return fmt.Errorf("a time is a number of seconds since 1970, not %s", raw)
	}
	e.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
	return nil
}
