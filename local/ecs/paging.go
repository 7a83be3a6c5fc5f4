package ecs

import (
	"encoding/base64"
	"slices"
)

// page is the part of a request that asks for one page of a list.
type page struct {
	NextToken  string `json:"nextToken"`
	MaxResults *int   `json:"maxResults"`
}

const largestPage = 100

// of returns the page of the list that is asked for, and the token of the next. The token is the last item that was
// given: as long as that is there, items which come or go between two calls neither repeat nor hide others. all is in
// order; usual is the size of a page where none is asked for.
func (p page) of(all []string, usual int) (items []string, next string, err error) {
	size := usual
	if p.MaxResults != nil {
		size = *p.MaxResults
	}
	if size < 1 || size > largestPage {
		return nil, "", invalid("maxResults must be between 1 and %d", largestPage)
	}
	if p.NextToken != "" {
		last, err := base64.RawURLEncoding.DecodeString(p.NextToken)
		at := slices.Index(all, string(last))
		if err != nil || at < 0 {
			return nil, "", invalid("Invalid token.")
		}
		all = all[at+1:]
	}
	if len(all) <= size {
		return all, "", nil
	}
	return all[:size], base64.RawURLEncoding.EncodeToString([]byte(all[size-1])), nil
}
