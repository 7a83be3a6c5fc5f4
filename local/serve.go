package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fairlead/local/lambda/runner"
	"fairlead/local/world"
)

// Restore makes the world what Save wrote to the file; false means that there is none.
func (a *AWS) Restore(file string) (bool, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a.Core.Quietly(func(w *world.World) { err = w.Restore(raw) })
	if err != nil {
		return false, fmt.Errorf("%s (remove it to begin anew): %w", file, err)
	}
	a.Core.Do(func(*world.World) { a.Lambda.Abandon() })
	return true, nil
}

// Save writes the world to the file, whole or not at all.
func (a *AWS) Save(file string) error {
	a.saving.Lock()
	defer a.saving.Unlock()
	raw, err := a.Snapshot()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Snapshot writes the world down.
func (a *AWS) Snapshot() (raw []byte, err error) {
	a.Core.Quietly(func(w *world.World) { raw, err = w.Snapshot() })
	return raw, err
}

// Resume makes the world what Snapshot wrote down, and lets its random choices follow the seed from there.
func (a *AWS) Resume(raw []byte, seed uint64) (err error) {
	a.Core.Quietly(func(w *world.World) {
		if err = w.Restore(raw); err == nil {
			w.Reseed(seed)
		}
	})
	return err
}

// Become makes the world a copy of another one's, which is only read, and lets its random choices follow the seed from there.
func (a *AWS) Become(other *AWS, seed uint64) (err error) {
	a.Core.Quietly(func(w *world.World) {
		if err = w.Become(other.world); err == nil {
			w.Reseed(seed)
		}
	})
	return err
}

// Serve answers on the listener, lets time pass and runs functions, until ctx ends.
func (a *AWS) Serve(ctx context.Context, listener net.Listener, functions *runner.Runner) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running := make(chan struct{})
	go func() { defer close(running); functions.Run(ctx) }()
	go a.keepTime(ctx)
	s := &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = s.Close()
	}()
	err := s.Serve(listener)
	cancel()
	<-running
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// keepTime wakes the world whenever something is due.
func (a *AWS) keepTime(ctx context.Context) {
	for {
		at, some, changed := a.Core.Next()
		wait := time.Hour
		if some {
			wait = time.Until(at)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-changed:
			timer.Stop()
		case <-timer.C:
			a.Core.Do(func(*world.World) {})
		}
	}
}
