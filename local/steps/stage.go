package steps

import (
	"io"
	"log/slog"
	"time"

	"fairlead/local/ecr/blob"
)

// Stage is a lab as it stood at one moment: what was deployed and pushed until then need not be done anew for each lab.
// It may be used by several goroutines at once.
type Stage struct {
	now     time.Time
	world   []byte
	blobs   blob.Store
	configs *configs
}

// Freeze makes a stage of the lab as it stands. The lab is not to be used any more, for the stage goes on using its
// images.
func (l *Lab) Freeze() (*Stage, error) {
	raw, err := l.Snapshot()
	return &Stage{now: l.now, world: raw, blobs: l.blobs, configs: l.configs}, err
}

// Lab makes a lab that goes on from the stage, by a seed of its own.
func (s *Stage) Lab(seed uint64, logger *slog.Logger) (*Lab, error) {
	lab := newLab(s.now, seed, logger, &layered{below: s.blobs}, s.configs)
	return lab, lab.Resume(s.world, seed)
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
