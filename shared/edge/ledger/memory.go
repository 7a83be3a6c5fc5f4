package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/sweep"
)

// Memory is a ledger in memory, for tests. It never forgets what has expired, as the table need not either.
type Memory struct {
	mu          sync.Mutex
	claims      map[string]claim.Claim
	tokens      map[string]map[string]Token
	history     map[string]map[string]Entry
	announced   map[string]bool
	quarantines map[string]map[string]Quarantine
	deployed    map[string]Deployed
	sweeps      map[string]sweep.Record
	holds       map[string]Hold
}

// NewMemory returns an empty ledger.
func NewMemory() *Memory {
	return &Memory{
		claims:      map[string]claim.Claim{},
		tokens:      map[string]map[string]Token{},
		history:     map[string]map[string]Entry{},
		announced:   map[string]bool{},
		quarantines: map[string]map[string]Quarantine{},
		deployed:    map[string]Deployed{},
		sweeps:      map[string]sweep.Record{},
		holds:       map[string]Hold{},
	}
}

// Claim implements [ClaimReader].
func (m *Memory) Claim(_ context.Context, service string) (claim.Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.claims[service], nil
}

// ReplaceClaim implements [ClaimWriter].
func (m *Memory) ReplaceClaim(_ context.Context, service string, held, next claim.Claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.claims[service]
	if now.Sequence != held.Sequence || now.Holder != held.Holder {
		return fmt.Errorf("replace the claim of service %s: %w", service, ErrChanged)
	}
	m.claims[service] = next
	return nil
}

// StoreToken implements [TokenWriter].
func (m *Memory) StoreToken(_ context.Context, token Token) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.tokens[token.Service]
	if of == nil {
		of = map[string]Token{}
		m.tokens[token.Service] = of
	}
	if there, ok := of[token.id()]; ok && there.Attempt.String() > token.Attempt.String() {
		return false, nil
	}
	of[token.id()] = token
	return true, nil
}

// DeleteToken implements [TokenWriter].
func (m *Memory) DeleteToken(_ context.Context, token Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens[token.Service][token.id()].Token == token.Token {
		delete(m.tokens[token.Service], token.id())
	}
	return nil
}

// Tokens implements [TokenReader].
func (m *Memory) Tokens(_ context.Context, service string) ([]Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.tokens[service])), nil
}

// Append implements [Historian].
func (m *Memory) Append(_ context.Context, entry Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.history[entry.Service]
	if of == nil {
		of = map[string]Entry{}
		m.history[entry.Service] = of
	}
	of[entry.id()] = entry
	return nil
}

// Announced implements [Historian].
func (m *Memory) Announced(_ context.Context, service, outcomeID string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.announced[item(kindOutcome, service)+"/"+outcomeID], nil
}

// MarkAnnounced implements [Historian].
func (m *Memory) MarkAnnounced(_ context.Context, service, outcomeID string, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := item(kindOutcome, service) + "/" + outcomeID
	first := !m.announced[key]
	m.announced[key] = true
	return first, nil
}

// History implements [HistoryReader].
func (m *Memory) History(_ context.Context, service string, limit int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entries := slices.SortedFunc(maps.Values(m.history[service]), func(a, b Entry) int {
		return strings.Compare(b.id(), a.id())
	})
	return entries[:min(limit, len(entries))], nil
}

// Quarantined implements [QuarantineReader].
func (m *Memory) Quarantined(_ context.Context, service, digest string) (Quarantine, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there := m.quarantines[service][digest]
	return there, there.InForce(), nil
}

// SetQuarantine implements [QuarantineWriter].
func (m *Memory) SetQuarantine(_ context.Context, q Quarantine) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.quarantines[q.Service]
	if of == nil {
		of = map[string]Quarantine{}
		m.quarantines[q.Service] = of
	}
	of[q.Digest], _ = of[q.Digest].set(q)
	return nil
}

// Quarantines implements [QuarantineKeeper].
func (m *Memory) Quarantines(_ context.Context, service string) ([]Quarantine, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return latestFirst(slices.Collect(maps.Values(m.quarantines[service]))), nil
}

// Release implements [QuarantineKeeper].
func (m *Memory) Release(_ context.Context, service, digest, by, reason string, at time.Time) (Quarantine, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there, ok := m.quarantines[service][digest]
	if !ok {
		return Quarantine{}, notQuarantined(service, digest)
	}
	there, _ = there.release(by, reason, at)
	m.quarantines[service][digest] = there
	return there, nil
}

// SetDeployed implements [DeployedKeeper].
func (m *Memory) SetDeployed(_ context.Context, d Deployed) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, found := m.deployed[d.Service]; !found || d.newer(there) {
		m.deployed[d.Service] = d
	}
	return nil
}

// Deployed implements [DeployedKeeper].
func (m *Memory) Deployed(_ context.Context, service string) (Deployed, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, found := m.deployed[service]
	return d, found, nil
}

// Sweep implements [Sweeper].
func (m *Memory) Sweep(_ context.Context, service string) (sweep.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	record := m.sweeps[service]
	record.Waiting = maps.Clone(record.Waiting)
	return record, nil
}

// RecordSweep implements [Sweeper].
func (m *Memory) RecordSweep(_ context.Context, service string, before, now sweep.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.sweeps[service].At.Equal(before.At) {
		return fmt.Errorf("record the sweep of service %s: %w", service, ErrSwept)
	}
	now.Waiting = maps.Clone(now.Waiting)
	m.sweeps[service] = now
	return nil
}

// Hold implements [HoldReader].
func (m *Memory) Hold(_ context.Context, service string) (Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.holds[service], nil
}

// SetHold implements [HoldKeeper].
func (m *Memory) SetHold(_ context.Context, h Hold) (Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.holds[h.Service]
	m.holds[h.Service] = h
	return before, nil
}

// LiftHold implements [HoldKeeper].
func (m *Memory) LiftHold(_ context.Context, service, by, reason string, at time.Time) (Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	there, ok := m.holds[service]
	if !ok {
		return Hold{}, notHeld(service)
	}
	there, _ = there.lift(by, reason, at)
	m.holds[service] = there
	return there, nil
}
