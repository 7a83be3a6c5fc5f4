package steps

import (
	"bytes"
	"errors"
	"io"
	"log/slog"

	"fairlead/local/ecr/blob"
)

// Stage is a lab as it stood at one moment: what was deployed and pushed until then need not be done anew for each lab.
// It may be used by several goroutines at once.
type Stage struct {
	frozen *Lab // only read
	// Unsigned lets the clients of its labs name their keys instead of signing, and the embedded AWS believe them: for
	// many runs that are not about signatures. Keys that are unknown or have expired are refused all the same.
	Unsigned bool
}

// Freeze makes a stage of the lab as it stands. The lab is not to be used any more, for the stage goes on using its
// images. The stage keeps what a snapshot keeps, so that its labs go on as an embedded AWS does that was stopped and started.
func (l *Lab) Freeze() (*Stage, error) {
	raw, err := l.Snapshot()
	if err != nil {
		return nil, err
	}
	stage := &Stage{frozen: newLab(l.now, 0, l.logger, l.blobs, l.configs, false)}
	if err := stage.frozen.Resume(raw, 0); err != nil {
		return nil, err
	}
	return stage, stage.check()
}

// check reports a stage of which a lab would lack something: a service's state that cannot be copied.
func (s *Stage) check() error {
	lab, err := s.Lab(0, s.frozen.logger)
	if err != nil {
		return err
	}
	want, errWant := s.frozen.Snapshot()
	got, errGot := lab.Snapshot()
	if err := errors.Join(errWant, errGot); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errors.New("the state of the embedded AWS is not the same after it was copied")
	}
	return nil
}

// Lab makes a lab that goes on from the stage, by a seed of its own.
func (s *Stage) Lab(seed uint64, logger *slog.Logger) (*Lab, error) {
	lab := newLab(s.frozen.now, seed, logger, &layered{below: s.frozen.blobs}, s.frozen.configs, s.Unsigned)
	return lab, lab.Become(s.frozen.AWS, seed)
}

// layered is a store of blobs upon another one that is only read.
type layered struct {
	blob.Memory
	below blob.Store
}

// Open reads a blob of either store.
func (l *layered) Open(digest string) (io.ReadSeekCloser, error) {
	if found, err := l.Memory.Open(digest); err == nil {
		return found, nil
	}
	return l.below.Open(digest)
}
