package blob

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Directory is a store in a directory: uploads/<id> while bytes come in, sha256/<hex> when they are a blob, and
// sealed/<id> with the blob's digest between the two. It survives the process.
type Directory struct {
	root string
	mu   sync.Mutex
	busy map[string]bool
}

// NewDirectory opens the store in the directory root, which is made if it is missing.
func NewDirectory(root string) (*Directory, error) {
	for _, name := range []string{"uploads", "sealed", "sha256"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o750); err != nil {
			return nil, fmt.Errorf("make the blob store: %w", err)
		}
	}
	return &Directory{root: root, busy: map[string]bool{}}, nil
}

// Append implements [Store].
func (d *Directory) Append(upload string, at int64, r io.Reader) (int64, error) {
	if err := d.use(upload); err != nil {
		return 0, err
	}
	defer d.leave(upload)
	if _, err := d.sealedTo(upload); err == nil {
		return 0, ErrSealed
	}
	f, err := os.OpenFile(d.path("uploads", upload), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return 0, fmt.Errorf("open the upload: %w", err)
	}
	size, err := appendAt(f, at, r)
	return size, errors.Join(err, f.Close())
}

func appendAt(f *os.File, at int64, r io.Reader) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("measure the upload: %w", err)
	}
	if at > info.Size() {
		return info.Size(), ErrGap
	}
	if err := f.Truncate(at); err != nil {
		return info.Size(), fmt.Errorf("drop the upload's end: %w", err)
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return at, fmt.Errorf("find the upload's end: %w", err)
	}
	n, err := io.Copy(f, r)
	return at + n, err
}

// Seal implements [Store].
func (d *Directory) Seal(upload string) (Sealed, error) {
	if err := d.use(upload); err != nil {
		return Sealed{}, err
	}
	defer d.leave(upload)
	if s, err := d.sealedTo(upload); err == nil {
		return s, nil
	}
	path := d.path("uploads", upload)
	s, err := digestOf(path)
	if err != nil {
		return Sealed{}, err
	}
	if err := os.Rename(path, d.blob(s.Digest)); err != nil {
		return Sealed{}, fmt.Errorf("keep the blob: %w", err)
	}
	note := fmt.Sprintf("%s %d", s.Digest, s.Size)
	if err := os.WriteFile(d.path("sealed", upload), []byte(note), 0o600); err != nil {
		return Sealed{}, fmt.Errorf("note the blob: %w", err)
	}
	return s, nil
}

func digestOf(path string) (Sealed, error) {
	f, err := os.Open(path) // its name was checked by checkUpload
	if errors.Is(err, fs.ErrNotExist) {
		return Sealed{}, ErrNoUpload
	}
	if err != nil {
		return Sealed{}, fmt.Errorf("open the upload: %w", err)
	}
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return Sealed{}, fmt.Errorf("read the upload: %w", err)
	}
	return Sealed{Digest: fmt.Sprintf("sha256:%x", hash.Sum(nil)), Size: size}, nil
}

// sealedTo returns what the upload was sealed to, if it was.
func (d *Directory) sealedTo(upload string) (s Sealed, err error) {
	raw, err := os.ReadFile(d.path("sealed", upload))
	if err != nil {
		return s, err
	}
	_, err = fmt.Sscanf(string(raw), "%s %d", &s.Digest, &s.Size)
	return s, err
}

// Discard implements [Store].
func (d *Directory) Discard(upload string) error {
	if err := d.use(upload); err != nil {
		return err
	}
	defer d.leave(upload)
	for _, kind := range []string{"uploads", "sealed"} {
		if err := os.Remove(d.path(kind, upload)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("discard the upload: %w", err)
		}
	}
	return nil
}

// Open implements [Store].
func (d *Directory) Open(digest string) (io.ReadSeekCloser, error) {
	if !ValidDigest(digest) {
		return nil, ErrNoBlob
	}
	f, err := os.Open(d.blob(digest)) // its name was checked by ValidDigest
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBlob
	}
	if err != nil {
		return nil, fmt.Errorf("open the blob: %w", err)
	}
	return f, nil
}

func (d *Directory) path(kind, name string) string { return filepath.Join(d.root, kind, name) }

func (d *Directory) blob(digest string) string {
	return d.path("sha256", strings.TrimPrefix(digest, "sha256:"))
}

// use makes the caller the only one that uses the upload, until it leaves.
func (d *Directory) use(upload string) error {
	if err := checkUpload(upload); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[upload] {
		return ErrBusy
	}
	d.busy[upload] = true
	return nil
}

func (d *Directory) leave(upload string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, upload)
}
