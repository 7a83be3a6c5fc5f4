package world

import (
	"encoding/json"
	"fmt"
	"time"
)

// snapshot is a world written down.
type snapshot struct {
	Place    Place                      `json:"place"`
	Now      time.Time                  `json:"now"`
	Seed     uint64                     `json:"seed"`
	Drawn    uint64                     `json:"drawn"`
	Added    uint64                     `json:"added"`
	Agenda   laters                     `json:"agenda"`
	Services map[string]json.RawMessage `json:"services"`
}

// Snapshot writes the whole world down.
func (w *World) Snapshot() ([]byte, error) {
	s := snapshot{Place: w.Place, Now: w.now, Seed: w.seed, Drawn: w.drawn, Added: w.agenda.added,
		Agenda: w.agenda.items, Services: map[string]json.RawMessage{}}
	for name, service := range w.services {
		raw, err := json.Marshal(service.State())
		if err != nil {
			return nil, fmt.Errorf("write down %s: %w", name, err)
		}
		s.Services[name] = raw
	}
	return json.Marshal(s)
}

// Restore makes the world what Snapshot wrote down. Its services must have been added before, and be new.
func (w *World) Restore(raw []byte) error {
	var s snapshot
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("read the world: %w", err)
	}
	for name, state := range s.Services {
		service, ok := w.services[name]
		if !ok {
			return fmt.Errorf("read the world: it has a service %s that this version has not", name)
		}
		if err := json.Unmarshal(state, service.State()); err != nil {
			return fmt.Errorf("read the state of %s: %w", name, err)
		}
	}
	w.Place, w.now, w.seed, w.drawn = s.Place, s.Now, s.Seed, s.Drawn
	w.agenda = agenda{items: s.Agenda, added: s.Added}
	return nil
}

// Reseed lets the random choices follow another seed from now on: worlds that are restored from one snapshot go different
// ways.
func (w *World) Reseed(seed uint64) { w.seed = seed }
