package blob_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"fairlead/local/ecr/blob"
)

const (
	one = "00000000-0000-4000-a000-000000000001"
	two = "00000000-0000-4000-a000-000000000002"
	// sha256sum of "hello"
	hello = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
)

func TestMemory(t *testing.T) {
	suite(t, func(*testing.T) blob.Store { return &blob.Memory{} })
}

func TestDirectory(t *testing.T) {
	suite(t, func(t *testing.T) blob.Store { return directory(t, t.TempDir()) })
}

func directory(t *testing.T, root string) *blob.Directory {
	t.Helper()
	d, err := blob.NewDirectory(root)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// suite is what every store must do.
func suite(t *testing.T, make func(*testing.T) blob.Store) {
	for name, check := range map[string]func(*testing.T, blob.Store){
		"what was appended in parts is one blob":       partsAreOneBlob,
		"an append drops what lies behind it":          appendDropsTheEnd,
		"a part that leaves a gap is refused":          gapIsRefused,
		"sealing twice is sealing once":                sealingTwice,
		"a sealed upload takes nothing more":           sealedTakesNothing,
		"a discarded upload is gone, its blob is not":  discarded,
		"what breaks off leaves what came before":      brokenOff,
		"names that are none are refused":              badNames,
		"two uploads of equal content become one blob": equalContent,
	} {
		t.Run(name, func(t *testing.T) { check(t, make(t)) })
	}
}

func add(t *testing.T, s blob.Store, upload string, at int64, content string, want int64) {
	t.Helper()
	got, err := s.Append(upload, at, strings.NewReader(content))
	if err != nil || got != want {
		t.Fatalf("Append(%d, %q) = %d, %v, want %d", at, content, got, err, want)
	}
}

func seal(t *testing.T, s blob.Store, upload, want string) {
	t.Helper()
	got, err := s.Seal(upload)
	if err != nil || got.Digest != want {
		t.Fatalf("Seal = %v, %v, want %s", got, err, want)
	}
}

func read(t *testing.T, s blob.Store, digest string) string {
	t.Helper()
	r, err := s.Open(digest)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func partsAreOneBlob(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "he", 2)
	add(t, s, one, 2, "llo", 5)
	add(t, s, one, 5, "", 5)
	seal(t, s, one, hello)
	if got := read(t, s, hello); got != "hello" {
		t.Errorf("the blob is %q", got)
	}
}

func appendDropsTheEnd(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "he said so", 10)
	add(t, s, one, 2, "llo", 5)
	seal(t, s, one, hello)
}

func gapIsRefused(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "he", 2)
	if size, err := s.Append(one, 3, strings.NewReader("lo")); !errors.Is(err, blob.ErrGap) || size != 2 {
		t.Errorf("Append = %d, %v", size, err)
	}
	if _, err := s.Append(two, 1, strings.NewReader("lo")); !errors.Is(err, blob.ErrGap) {
		t.Errorf("Append to a new upload = %v", err)
	}
}

func sealingTwice(t *testing.T, s blob.Store) {
	if _, err := s.Seal(one); !errors.Is(err, blob.ErrNoUpload) {
		t.Errorf("Seal of no upload = %v", err)
	}
	add(t, s, one, 0, "hello", 5)
	seal(t, s, one, hello)
	seal(t, s, one, hello)
}

func sealedTakesNothing(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "hello", 5)
	seal(t, s, one, hello)
	if _, err := s.Append(one, 5, strings.NewReader("!")); !errors.Is(err, blob.ErrSealed) {
		t.Errorf("Append = %v", err)
	}
	if got := read(t, s, hello); got != "hello" {
		t.Errorf("the blob is %q", got)
	}
}

func discarded(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "hello", 5)
	seal(t, s, one, hello)
	add(t, s, two, 0, "x", 1)
	for _, upload := range []string{one, two, two} {
		if err := s.Discard(upload); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Seal(two); !errors.Is(err, blob.ErrNoUpload) {
		t.Errorf("Seal = %v", err)
	}
	if got := read(t, s, hello); got != "hello" {
		t.Errorf("the blob is %q", got)
	}
	if _, err := s.Open(strings.Replace(hello, "2", "3", 1)); !errors.Is(err, blob.ErrNoBlob) {
		t.Errorf("Open = %v", err)
	}
}

func brokenOff(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "he", 2)
	broken := io.MultiReader(strings.NewReader("l"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := s.Append(one, 2, broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Append = %v", err)
	}
	add(t, s, one, 2, "llo", 5)
	seal(t, s, one, hello)
}

func badNames(t *testing.T, s blob.Store) {
	for _, upload := range []string{"", "../../../../../../../etc/passwd-------", "x", strings.Repeat("/", 36)} {
		if _, err := s.Append(upload, 0, strings.NewReader("x")); !errors.Is(err, blob.ErrNoUpload) {
			t.Errorf("Append(%q) = %v", upload, err)
		}
	}
	for _, digest := range []string{"", "sha256:../../uploads/" + one, strings.ToUpper(hello), hello + "0", "sha512:" + hello[7:]} {
		if _, err := s.Open(digest); !errors.Is(err, blob.ErrNoBlob) {
			t.Errorf("Open(%q) = %v", digest, err)
		}
	}
}

func equalContent(t *testing.T, s blob.Store) {
	add(t, s, one, 0, "hello", 5)
	add(t, s, two, 0, "hello", 5)
	seal(t, s, one, hello)
	seal(t, s, two, hello)
	if got := read(t, s, hello); got != "hello" {
		t.Errorf("the blob is %q", got)
	}
}

func TestADirectorySurvivesTheProcess(t *testing.T) {
	root := t.TempDir()
	first := directory(t, root)
	add(t, first, one, 0, "he", 2)
	add(t, first, two, 0, "hello", 5)
	seal(t, first, two, hello)

	second := directory(t, root)
	seal(t, second, two, hello)
	add(t, second, one, 2, "llo", 5)
	seal(t, second, one, hello)
	if got := read(t, second, hello); got != "hello" {
		t.Errorf("the blob is %q", got)
	}
	left, err := filepath.Glob(filepath.Join(root, "uploads", "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnUploadIsWrittenByOneAtATime(t *testing.T) {
	d := directory(t, t.TempDir())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := d.Append(one, 0, io.MultiReader(bytes.NewReader([]byte("he")), signal{w}, r))
		done <- err
	}()
	if _, err := r.Read(make([]byte, 1)); err != nil { // the first append is under way
		t.Fatal(err)
	}
	if _, err := d.Append(one, 0, strings.NewReader("x")); !errors.Is(err, blob.ErrBusy) {
		t.Errorf("Append = %v", err)
	}
	if _, err := d.Seal(one); !errors.Is(err, blob.ErrBusy) {
		t.Errorf("Seal = %v", err)
	}
	if _, err := w.WriteString("llo"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	seal(t, d, one, hello)
}

// signal writes a byte when it is read, and has nothing to read.
type signal struct{ to io.Writer }

func (s signal) Read([]byte) (int, error) {
	if _, err := s.to.Write([]byte{0}); err != nil {
		return 0, err
	}
	return 0, io.EOF
}
