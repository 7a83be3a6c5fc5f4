// Package rules answers whether a push keeps the base rules of its service: that its tag can never be put on another image,
// and that the image is not too old.
//
// It is the gate "image" of the configuration. CheckImage asks it with what ECR says of the repository and the image; the
// package is pure.
package rules

import "time"

// Policy says what is asked of an image. The zero value of a field asks nothing.
type Policy struct {
	// ImmutableTag wants that the repository refuses to put the pushed tag on another image.
	ImmutableTag bool
	// MaxAge is how long ago the image may have been pushed.
	MaxAge time.Duration
}

// Asks says whether the policy asks for anything.
func (p Policy) Asks() bool { return p.ImmutableTag || p.MaxAge > 0 }
