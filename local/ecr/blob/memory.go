package blob

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
)

// Memory is a store in memory. The zero value is an empty store.
type Memory struct {
	mu      sync.Mutex
	uploads map[string][]byte
	sealed  map[string]Sealed
	blobs   map[string][]byte
}

// Append implements [Store].
func (m *Memory) Append(upload string, at int64, r io.Reader) (int64, error) {
	added, failed := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := checkUpload(upload); err != nil {
		return 0, err
	}
	if _, done := m.sealed[upload]; done {
		return 0, ErrSealed
	}
	have := m.uploads[upload]
	if at > int64(len(have)) {
		return int64(len(have)), ErrGap
	}
	if m.uploads == nil {
		m.uploads = map[string][]byte{}
	}
	m.uploads[upload] = append(have[:at], added...)
	return int64(len(m.uploads[upload])), failed
}

// Seal implements [Store].
func (m *Memory) Seal(upload string) (Sealed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, done := m.sealed[upload]; done {
		return s, nil
	}
	content, ok := m.uploads[upload]
	if !ok {
		return Sealed{}, ErrNoUpload
	}
	s := Sealed{Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(content)), Size: int64(len(content))}
	if m.blobs == nil {
		m.blobs, m.sealed = map[string][]byte{}, map[string]Sealed{}
	}
	m.blobs[s.Digest], m.sealed[upload] = content, s
	delete(m.uploads, upload)
	return s, nil
}

// Discard implements [Store].
func (m *Memory) Discard(upload string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.uploads, upload)
	delete(m.sealed, upload)
	return nil
}

// Open implements [Store].
func (m *Memory) Open(digest string) (io.ReadSeekCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	content, ok := m.blobs[digest]
	if !ok {
		return nil, ErrNoBlob
	}
	return reader{bytes.NewReader(content)}, nil
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }
