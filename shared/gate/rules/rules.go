// Package rules answers whether a push keeps the base rules of its service: that its tag can never be put on another image,
// and that the image is not too old.
//
// It is the gate "image" of the configuration. CheckImage asks it with what ECR says of the repository and the image; the
// package is pure.
package rules

import (
	"strings"
	"time"

	"fairlead/shared/fault"
)

// Policy says what is asked of an image. The zero value of a field asks nothing.
type Policy struct {
	// ImmutableTag wants that the repository refuses to put the pushed tag on another image.
	ImmutableTag bool
	// MaxAge is how long ago the image may have been pushed.
	MaxAge time.Duration
}

// Asks says whether the policy asks for anything.
func (p Policy) Asks() bool { return p.ImmutableTag || p.MaxAge > 0 }

// Pushed is an image as it was pushed.
type Pushed struct {
	Name       string // the image in a sentence: shop/web:v1 (sha256:…)
	Repository string
	Tag        string // "" where a digest alone is deployed
	At         time.Time
	// GoesBack says that an operator goes back to the image: then it may be as old as it is.
	GoesBack bool
	Tags     Mutability
}

// Check returns nil if the image keeps the rules, or a fault that says which it does not keep and what to do. Its age is
// that at the time now.
func (p Policy) Check(image Pushed, now time.Time) error {
	if p.ImmutableTag && image.Tag != "" && !image.Tags.Protects(image.Tag) {
		return fault.New(fault.ImageTagMutable,
			"give repository "+image.Repository+" the tag mutability IMMUTABLE, without an exclusion that takes the tag, and push the image under a new tag; or set `gates.image.immutableTag` of the service in context.fairlead to false and run make deploy",
			"gate image: tag %s can be put on another image any time: repository %s %s", image.Tag, image.Repository, image.Tags.why(image.Tag))
	}
	age := now.Sub(image.At).Truncate(time.Minute)
	if p.MaxAge > 0 && age > p.MaxAge && !image.GoesBack {
		return fault.New(fault.ImageTooOld,
			"build the image anew and push it under a new tag; or, to go back to it, start an execution with `allowOlder`; or raise `gates.image.maxAge` of the service in context.fairlead and run make deploy",
			"gate image: %s was pushed at %s, %s ago, and may be %s old at most", image.Name, image.At.UTC().Format(time.RFC3339), hours(age), hours(p.MaxAge))
	}
	return nil
}

// CheckRepository returns nil if a repository has tags that keep the rules, or the fault that every push to it would meet.
func (p Policy) CheckRepository(repository string, tags Mutability) error {
	if p.ImmutableTag && tags.Setting == "MUTABLE" {
		return fault.New(fault.ImageTagMutable,
			"give repository "+repository+" the tag mutability IMMUTABLE; or set `gates.image.immutableTag` of the service in context.fairlead to false and run make deploy",
			"gate image: every push would be rejected: its tag can be put on another image any time, for repository %s has the tag mutability %s", repository, tags.Setting)
	}
	return nil
}

// hours writes a length of time to the minute: 26h, 30m, 26h30m.
func hours(d time.Duration) string {
	text := d.Truncate(time.Minute).String()
	for _, nothing := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nothing) {
			text = text[:len(text)-2]
		}
	}
	return text
}
