package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"fairlead/local/world"
	"fairlead/shared/outcome"
)

// watch sees the calls that Fairlead makes: those under the roles of its own stack.
type watch struct {
	mu    sync.Mutex
	roles []string
	made  int
	told  []outcome.Event
}

func newWatch(i *instance) *watch {
	w := &watch{}
	i.Core.Quietly(func(*world.World) { w.roles = i.Stacks.IDs("Fairlead", "AWS::IAM::Role") })
	i.Core.Observe(w.see)
	return w
}

func (w *watch) see(r world.Record) {
	if !slices.Contains(w.roles, after(r.Request.Principal.RoleARN, "/")) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	var put struct{ Entries []struct{ Detail string } }
	if r.Request.Operation != "PutEvents" || r.Code != "" || json.Unmarshal(r.Request.Body, &put) != nil {
		return
	}
	for _, entry := range put.Entries {
		var event outcome.Event
		if json.Unmarshal([]byte(entry.Detail), &event) == nil {
			w.told = append(w.told, event)
		}
	}
}

func (w *watch) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made
}

// outcomes waits for the outcome events of so many ends of an execution.
func (w *watch) outcomes(ctx context.Context, execution string, ends int) ([]outcome.Event, error) {
	const within = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		told := w.toldOf(execution)
		if len(told) >= ends {
			return told, nil
		}
		if err := pause(ctx); err != nil {
			return nil, fmt.Errorf("of %s there are %d outcome events after %v, and it has ended %d times", execution, len(told), within, ends)
		}
	}
}

// toldOf are the outcome events of an execution, one for each ID: an event may be sent twice.
func (w *watch) toldOf(execution string) (told []outcome.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.told {
		if e.Execution.ARN == execution && !slices.ContainsFunc(told, func(other outcome.Event) bool { return other.ID == e.ID }) {
			told = append(told, e)
		}
	}
	return told
}
