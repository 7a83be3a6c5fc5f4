// Package ecstest is a small ECS for the tests of steps: one service of one family, behind the wire protocol, so that
// the real SDK client is under test too. It does what is called and rolls nothing out by itself.
package ecstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// The names of the one service.
const (
	Cluster = "prod"
	Service = "web"
	Family  = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web"
	place   = "arn:aws:ecs:eu-west-1:123456789012:"
)

// Object is a JSON object.
type Object = map[string]any

// Deployment is one deployment of the service.
type Deployment struct {
	Number         int // of ecs-svc/N and of the service revision
	TaskDefinition string
	CreatedAt      time.Time
	Status         string // of the service deployment; "" is IN_PROGRESS
	Digest         string // that its container web was resolved to; "" where ECS tells none
}

func (d Deployment) status() string {
	if d.Status == "" {
		return "IN_PROGRESS"
	}
	return d.Status
}

func (d Deployment) arn(kind string) string {
	return fmt.Sprintf("%s%s/prod/web/%d", place, kind, d.Number)
}

// ECS is the fake. Change its fields between calls only.
type ECS struct {
	mu sync.Mutex

	Status         string // of the service; "" for a service that does not exist
	TaskDefinition string // of the service
	Rollout        string // rolloutState of the PRIMARY deployment
	Primary        Deployment
	Deployments    []Deployment // oldest first
	Revisions      []Object     // the descriptions, revision 1 first
	Tags           []any        // of each revision, revision 1 first
	Now            time.Time    // a second passes with each call

	// Calls are the operations that were called, in order.
	Calls []string
	// Intercept, if set, stands around each call: it may call effect, and returns the answer.
	Intercept func(operation string, effect func() Answer) Answer
}

// Answer is what a call gets. Err is a connection that broke.
type Answer struct {
	Status int
	Body   any
	Err    error
}

// Fault is the answer of a call that AWS refuses.
func Fault(code, message string) Answer {
	return Answer{Status: http.StatusBadRequest, Body: Object{"__type": code, "message": message}}
}

// New returns an ECS whose service runs revision 1 of its family, with this description and these tags, and has done so
// for long.
func New(now time.Time, description Object, tags ...any) *ECS {
	f := &ECS{Status: "ACTIVE", Rollout: "COMPLETED", Now: now}
	f.Register(description, tags, now.Add(-24*time.Hour))
	f.point(Revision(1), now.Add(-24*time.Hour))
	return f
}

// Revision is the ARN of a revision of the family.
func Revision(number int) string { return fmt.Sprintf("%s:%d", Family, number) }

// Tag is a tag as it travels.
func Tag(key, value string) any { return Object{"key": key, "value": value} }

// Client is an SDK client of it that tries each call once.
func (f *ECS) Client() *ecs.Client {
	return ecs.New(ecs.Options{
		Region: "eu-west-1", HTTPClient: f, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, nil }),
	})
}

// Count says how often an operation was called.
func (f *ECS) Count(operation string) int {
	n := 0
	for _, call := range f.Calls {
		if call == operation {
			n++
		}
	}
	return n
}

// Do implements the SDK's HTTP client.
func (f *ECS) Do(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var in Object
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	f.Calls = append(f.Calls, operation)
	f.Now = f.Now.Add(time.Second)
	effect := func() Answer { return f.answer(operation, in) }
	answer := Answer{}
	if f.Intercept != nil {
		answer = f.Intercept(operation, effect)
	} else {
		answer = effect()
	}
	return answer.response(r)
}

func (a Answer) response(r *http.Request) (*http.Response, error) {
	if a.Err != nil {
		return nil, a.Err
	}
	body, err := json.Marshal(a.Body)
	if err != nil {
		return nil, err
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	return &http.Response{StatusCode: a.Status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// Check fails the test if the calls are not these.
func (f *ECS) Check(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(f.Calls, " "); got != strings.Join(want, " ") {
		t.Errorf("calls: %s\nwant:  %s", got, strings.Join(want, " "))
	}
}
