package push

import (
	"fmt"

	"fairlead/shared/config"
	"fairlead/shared/tag"
)

// Screening is what a push alone says, before anything is read from AWS.
type Screening struct {
	Skip     string   // why the push is not to be deployed, in a sentence; "" if it may be
	Version  string   // the tag's semantic version, under a semver policy
	Warnings []string // what an operator's input overrides
}

// Screen looks whether a push is one that this service deploys. The tag policy and ignoreTags bind events and the sweep; an operator
// names an image on purpose, so that for a tag they only warn, and a digest has no tag that they could look at.
func Screen(p Push, service config.Service, place config.Place) Screening {
	switch {
	case p.FromEvent:
		return screenEvent(p, service, place)
	case p.Sweep.Kind() == SweptPush, p.Sweep.Kind() == SweptHeld:
		return screenTag(p, service)
	case p.Sweep.Kind() == SweptRollout:
		return Screening{} // it was screened when it was deployed
	}
	if p.Tag == "" {
		return Screening{}
	}
	match := matchTag(p.Tag, service)
	screening := Screening{Version: match.Version}
	if !match.OK {
		screening.Warnings = []string{match.Reason + "; it is deployed because an operator named it"}
	}
	return screening
}

// screenEvent looks at an event: first whether it concerns this service at all, then at its tag.
func screenEvent(p Push, service config.Service, place config.Place) Screening {
	switch {
	case p.NotPushed != "":
		return Screening{Skip: p.NotPushed}
	case p.Account != "" && p.Account != place.Account, p.Region != "" && p.Region != place.Region:
		return Screening{Skip: fmt.Sprintf("the push was in account %s, region %s; this is account %s, region %s",
			p.Account, p.Region, place.Account, place.Region)}
	case p.Repository != service.Repository:
		return Screening{Skip: fmt.Sprintf("the push was to repository %s; service %s is deployed from %s",
			p.Repository, service.Name, service.Repository)}
	case p.Tag == "":
		return Screening{Skip: "the push has no tag: it is one platform of an image, an attestation or another part of a push"}
	}
	return screenTag(p, service)
}

// screenTag looks at the tag of a push that nobody has named on purpose.
func screenTag(p Push, service config.Service) Screening {
	if attachment := tag.Attachment(p.Tag); attachment != "" {
		return Screening{Skip: fmt.Sprintf("tag %s is %s, not an image to run", p.Tag, attachment)}
	}
	match := matchTag(p.Tag, service)
	return Screening{Skip: match.Reason, Version: match.Version}
}

// matchTag looks at a tag under ignoreTags and the tag policy.
func matchTag(name string, service config.Service) tag.Match {
	match := service.TagPolicy.Match(name)
	if glob := tag.Ignored(service.IgnoreTags, name); glob != "" {
		match.OK, match.Reason = false, fmt.Sprintf("tag %s is ignored: ignoreTags has %q", name, glob)
	}
	return match
}
