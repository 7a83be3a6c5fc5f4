// Package blob keeps the bytes of image layers and configs by their digest.
//
// A blob comes in through an upload: bytes are appended to it, then it is sealed, which computes the digest and makes
// it a blob. What may be read by whom is not decided here: local/ecr remembers which repository holds which blob, and
// a blob that no repository holds is never served. The bytes of such a blob stay until the store is thrown away.
//
// There are two stores, [Memory] and [Directory]; one suite of tests runs against both.
package blob

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Store keeps blobs. It may be used by several goroutines at once.
type Store interface {
	// Append writes all of r to the upload, at byte at, and returns the upload's new size. A new upload is made if
	// at is 0; bytes that the upload has from at on are dropped first. If r fails, the upload ends where r failed.
	// The error is ErrGap if the upload is shorter than at, ErrBusy if another call is using the upload, ErrSealed
	// if it was sealed.
	Append(upload string, at int64, r io.Reader) (size int64, err error)
	// Seal makes the upload a blob. Sealing again returns the same. The error is ErrNoUpload if there is none.
	Seal(upload string) (Sealed, error)
	// Discard forgets the upload; the blob that it was sealed to stays. It is no error if there is none.
	Discard(upload string) error
	// Open reads a blob. The error is ErrNoBlob if there is none.
	Open(digest string) (io.ReadSeekCloser, error)
}

// Sealed is what an upload became.
type Sealed struct {
	Digest string // "sha256:" and 64 hexadecimal digits
	Size   int64
}

// What a Store refuses.
var (
	ErrGap      = errors.New("the part does not follow the bytes that were received")
	ErrBusy     = errors.New("another request is writing to this upload")
	ErrSealed   = errors.New("the upload is complete")
	ErrNoUpload = errors.New("no such upload")
	ErrNoBlob   = errors.New("no such blob")
)

var (
	digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	uploadPattern = regexp.MustCompile(`^[0-9a-f-]{36}$`)
)

// ValidDigest tells whether digest is a SHA-256 digest as a registry writes it: the one kind that is stored.
func ValidDigest(digest string) bool { return digestPattern.MatchString(digest) }

// checkUpload refuses what is not an identifier of an upload, so that it is safe as a file's name.
func checkUpload(upload string) error {
	if !uploadPattern.MatchString(upload) {
		return fmt.Errorf("upload %q: %w", upload, ErrNoUpload)
	}
	return nil
}
