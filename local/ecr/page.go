package ecr

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// page is the part of an input that asks for one page of a list.
type page struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// cut returns the page of the sorted keys, and the token of the next; empty if there is none.
func (p page) cut(sorted []string) ([]string, string, error) { return p.cutAt(sorted, 1000) }

func (p page) cutAt(sorted []string, most int) ([]string, string, error) {
	size := min(100, most)
	if p.MaxResults != nil {
		size = *p.MaxResults
	}
	if size < 1 || size > most {
		return nil, "", invalid("maxResults", "Member must have value between 1 and "+strconv.Itoa(most))
	}
	after, ok := decodeToken(p.NextToken)
	if !ok {
		return nil, "", invalid("nextToken", "Invalid next token")
	}
	if after != "" {
		at, found := slices.BinarySearch(sorted, after)
		if found {
			at++
		}
		sorted = sorted[at:]
	}
	if len(sorted) <= size {
		return sorted, "", nil
	}
	return sorted[:size], encodeToken(sorted[size-1]), nil
}

const tokenMark = "after:"

func encodeToken(last string) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenMark + last))
}

func decodeToken(token string) (string, bool) {
	if token == "" {
		return "", true
	}
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(raw), tokenMark)
}
