// Package ecrtest is an ECR with its registry, a bus that remembers and an authority that allows all but what it is told to
// deny: the world of ECR's tests.
package ecrtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fairlead/local/ecr"
	"fairlead/local/ecr/blob"
	"fairlead/local/ecr/registry"
	"fairlead/local/world"
)

// World is an ECR to test with.
type World struct {
	Core     *world.Core
	World    *world.World
	ECR      *ecr.Service
	Registry *registry.Registry
	Blobs    *blob.Memory
	Bus      *Bus
	Host     string // of the repositories' URIs

	denied authority
	mu     sync.Mutex
	now    time.Time
}

// New makes a world with an empty ECR.
func New(t testing.TB) *World {
	t.Helper()
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	place := world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
	w := &World{World: world.New(place, 1, start), Blobs: &blob.Memory{}, Bus: &Bus{}, denied: authority{}, now: start,
		Host: "127.0.0.1:4566"}
	w.World.SetAuthority(w.denied)
	w.ECR = ecr.New(w.World, w.Bus, w.Blobs, func() string { return w.Host })
	w.World.Add(w.ECR)
	w.Core = world.NewCore(w.World, w.time)
	w.Registry = registry.New(w.Core, w.ECR, w.Blobs)
	return w
}

func (w *World) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time pass.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.Core.Do(func(*world.World) {})
}

// Who returns the principal of that name.
func (w *World) Who(name string) world.Principal {
	return world.Principal{ARN: name, Account: w.World.Account}
}

// Deny denies the principal of that name the actions.
func (w *World) Deny(name string, actions ...string) {
	for _, action := range actions {
		w.denied[name+" "+action] = true
	}
}

// Call makes an API call as the principal of that name, and decodes the output into out unless that is nil.
func (w *World) Call(name, operation, input string, out any) error {
	var raw []byte
	var failed error
	request := world.Request{Service: "ecr", Operation: operation, Principal: w.Who(name), Body: []byte(input),
		Seal: func(out any) any { raw, failed = json.Marshal(out); return out }}
	if _, err := w.Core.Call(request); err != nil || out == nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return json.Unmarshal(raw, out)
}

// Must makes an API call that is to succeed.
func (w *World) Must(t testing.TB, operation, input string, out any) {
	t.Helper()
	if err := w.Call("admin", operation, input, out); err != nil {
		t.Fatalf("%s %s: %v", operation, input, err)
	}
}

// Create makes a repository.
func (w *World) Create(t testing.TB, name, mutability string) {
	t.Helper()
	w.Must(t, "CreateRepository", fmt.Sprintf(`{"repositoryName":%q,"imageTagMutability":%q}`, name, mutability), nil)
}

// Password is the registry's password of the principal of that name.
func (w *World) Password(name string) string {
	var out struct {
		Data []struct {
			Token string `json:"authorizationToken"`
		} `json:"authorizationData"`
	}
	if err := w.Call(name, "GetAuthorizationToken", "{}", &out); err != nil {
		panic(err)
	}
	raw, err := base64.StdEncoding.DecodeString(out.Data[0].Token)
	if err != nil {
		panic(err)
	}
	return strings.TrimPrefix(string(raw), "AWS:")
}

// Bus remembers events.
type Bus struct {
	mu     sync.Mutex
	events []world.Event
}

// Publish implements [world.Bus].
func (b *Bus) Publish(e world.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// Events are the events of that detail-type.
func (b *Bus) Events(detailType string) []world.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []world.Event
	for _, e := range b.events {
		if e.DetailType == detailType {
			list = append(list, e)
		}
	}
	return list
}

// Details are the details of the image actions, as JSON.
func (b *Bus) Details() []string {
	var details []string
	for _, e := range b.Events("ECR Image Action") {
		details = append(details, string(e.Detail))
	}
	return details
}

// authority denies the actions that it has, by "principal action".
type authority map[string]bool

// Authorize implements [world.Authority].
func (a authority) Authorize(who world.Principal, action, resource string, _ world.Keys) error {
	if a[who.ARN+" "+action] {
		return fmt.Errorf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
			who.ARN, action, resource, action)
	}
	return nil
}

// Get reads an address, without credentials.
func Get(t testing.TB, address string) ([]byte, int) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, response.StatusCode
}
