package iam

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// members is a list as IAM's XML has it: its element is there even if it is empty, because clients look for it.
type members[T any] struct {
	Members []T `xml:"member"`
}

// stamp is a time as IAM's XML has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// encoded is a policy as IAM returns it: percent-encoded (RFC 3986).
func encoded(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

// paging is how the lists of IAM are asked for in parts.
type paging struct {
	Marker   string
	MaxItems *int `json:",string"`
}

// page cuts sorted names at the marker, which is the last name of the part before, and returns the next marker.
func (p paging) page(names []string) (part []string, next string, err error) {
	most := 100
	if p.MaxItems != nil {
		most = *p.MaxItems
	}
	switch {
	case most < 1:
		return nil, "", invalid("maxItems", strconv.Itoa(most), "Member must have value greater than or equal to 1")
	case most > 1000:
		return nil, "", invalid("maxItems", strconv.Itoa(most), "Member must have value less than or equal to 1000")
	}
	from, found := slices.BinarySearch(names, p.Marker)
	if found {
		from++
	}
	part = names[from:]
	if len(part) > most {
		part = part[:most]
		next = part[most-1]
	}
	return part, next, nil
}
