package image

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
)

// Digest names content by its SHA-256: "sha256:" and 64 lower-case hexadecimal digits. The zero value names nothing.
type Digest string

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// ParseDigest returns the digest, or an error that says what a digest looks like.
func ParseDigest(s string) (Digest, error) {
	if !digestForm.MatchString(s) {
		return "", fmt.Errorf(`%q is not a digest: want "sha256:" and 64 lower-case hexadecimal digits`, s)
	}
	return Digest(s), nil
}

// DigestOf returns the digest of content.
func DigestOf(content []byte) Digest {
	sum := sha256.Sum256(content)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}
