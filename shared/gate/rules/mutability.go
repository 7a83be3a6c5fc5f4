package rules

import (
	"fmt"
	"strings"
)

// Mutability is which tags of a repository can be put on another image, in ECR's words.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
type Mutability struct {
	Setting string // IMMUTABLE, …
	// Exclusions are patterns over whole tags, in which * stands for any characters: for these the opposite holds.
	Exclusions []string
}

// Protects says whether the repository refuses to put the tag on another image. A setting that is not known protects
// nothing.
func (m Mutability) Protects(tag string) bool {
	switch m.Setting {
	case "IMMUTABLE":
		return true
	case "IMMUTABLE_WITH_EXCLUSION":
		return m.exclusion(tag) == ""
	case "MUTABLE_WITH_EXCLUSION":
		return m.exclusion(tag) != ""
	default:
		return false
	}
}

// exclusion is the first pattern that takes the tag, or "".
func (m Mutability) exclusion(tag string) string {
	for _, pattern := range m.Exclusions {
		if matches(pattern, tag) {
			return pattern
		}
	}
	return ""
}

// why says why a tag is not protected.
func (m Mutability) why(tag string) string {
	if taken := m.exclusion(tag); taken != "" {
		return fmt.Sprintf("has the tag mutability %s, and its exclusion %q takes the tag", m.Setting, taken)
	}
	return "has the tag mutability " + m.Setting
}

// matches says whether the pattern takes the whole text. The first part of the pattern begins the text, the last one ends
// it, and those between come in their order.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	last := len(parts) - 1
	text, begins := strings.CutPrefix(text, parts[0])
	text, ends := strings.CutSuffix(text, parts[last])
	if !begins || !ends {
		return false
	}
	for _, part := range parts[1:last] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}
