// Package sqs is the embedded SQS: the queues that templates declare, dead letters above all, and the calls by which
// they are read.
package sqs

import (
	"crypto/md5" //nolint:gosec // the protocol's own checksum
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fairlead/local/world"
)

// maxMessage is the largest message, in bytes:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html.
const maxMessage = 1 << 20

type queue struct {
	Name       string            `json:"name"`
	ARN        string            `json:"arn"`
	CreatedAt  time.Time         `json:"createdAt"`
	Visibility time.Duration     `json:"visibility"`
	Retention  time.Duration     `json:"retention"`
	Attributes map[string]string `json:"attributes"` // further ones, as GetQueueAttributes returns them
	Policy     json.RawMessage   `json:"policy,omitempty"`
	Messages   []*message        `json:"messages"`
}

type message struct {
	ID         string            `json:"id"`
	Body       string            `json:"body"`
	Attributes map[string]string `json:"attributes"`
	SentAt     time.Time         `json:"sentAt"`
	VisibleAt  time.Time         `json:"visibleAt"`
	Receipt    string            `json:"receipt"`
	Received   int               `json:"received"`
}

type state struct {
	Queues map[string]*queue `json:"queues"`
}

// Resources decides by identity and resource policy together; local/iam does.
type Resources interface {
	AuthorizeWithResource(who world.Principal, action, resource string, keys world.Keys, policy string) error
}

// Service is the embedded SQS.
type Service struct {
	w      *world.World
	policy Resources
	host   func() string
	state  state
}

// New makes an SQS without queues; host is what queue URLs name ("127.0.0.1:4566").
func New(w *world.World, policy Resources, host func() string) *Service {
	return &Service{w: w, policy: policy, host: host, state: state{Queues: map[string]*queue{}}}
}

// Name is "sqs".
func (s *Service) Name() string { return "sqs" }

// State is what SQS remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: messages expire when they are looked at.
func (s *Service) Due(json.RawMessage) {}

// Deliver sends a message for an AWS service, if the queue's policy lets it in.
func (s *Service) Deliver(who world.Principal, queueARN, body string, attributes map[string]string) error {
	q := s.byARN(queueARN)
	if q == nil {
		return world.Errorf("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	if err := s.policy.AuthorizeWithResource(who, "sqs:SendMessage", q.ARN, nil, string(q.Policy)); err != nil {
		return world.Errorf("AccessDenied", "%v", err)
	}
	if len(body) > maxMessage {
		return world.Errorf("InvalidMessageContents", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxMessage)
	}
	q.Messages = append(q.Messages, &message{ID: s.w.UUID(), Body: body, Attributes: attributes, SentAt: s.w.Now(), VisibleAt: s.w.Now()})
	return nil
}

// Policies are the queues' resource policies, by the ARN of the queue.
func (s *Service) Policies() map[string]string {
	policies := map[string]string{}
	for _, q := range s.state.Queues {
		policies[q.ARN] = string(q.Policy)
	}
	return policies
}

func (s *Service) byARN(arn string) *queue {
	name, ok := strings.CutPrefix(arn, s.w.ARN("sqs", ""))
	if !ok {
		return nil
	}
	return s.state.Queues[name]
}

func (s *Service) url(q *queue) string {
	return "http://" + s.host() + "/" + s.w.Account + "/" + q.Name
}

// expire drops what was kept for as long as the queue keeps messages.
func (q *queue) expire(now time.Time) {
	var kept []*message
	for _, m := range q.Messages {
		if now.Sub(m.SentAt) < q.Retention {
			kept = append(kept, m)
		}
	}
	q.Messages = kept
}

// ResourceTypes are queues and their policies.
func (s *Service) ResourceTypes() []string {
	return []string{"AWS::SQS::Queue", "AWS::SQS::QueuePolicy"}
}

// Declare makes or changes a queue, or sets a policy.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	if d.Type == "AWS::SQS::QueuePolicy" {
		return s.declarePolicy(d)
	}
	return s.declareQueue(d)
}

func (s *Service) declareQueue(d world.Declared) (world.Resource, error) {
	p := struct {
		QueueName              string
		FifoQueue              bool
		MessageRetentionPeriod int
		VisibilityTimeout      int
		SqsManagedSseEnabled   bool
	}{MessageRetentionPeriod: 345600, VisibilityTimeout: 30}
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	if p.FifoQueue {
		return world.Resource{}, fmt.Errorf("FifoQueue: only standard queues are served here")
	}
	if p.MessageRetentionPeriod < 60 || p.MessageRetentionPeriod > 1209600 {
		return world.Resource{}, fmt.Errorf("MessageRetentionPeriod %d is not between 60 and 1209600 seconds", p.MessageRetentionPeriod)
	}
	q := s.named(d, p.QueueName)
	q.Retention = time.Duration(p.MessageRetentionPeriod) * time.Second
	q.Visibility = time.Duration(p.VisibilityTimeout) * time.Second
	q.Attributes = map[string]string{"SqsManagedSseEnabled": fmt.Sprint(p.SqsManagedSseEnabled)}
	return world.Resource{ID: s.url(q), Attributes: map[string]any{"Arn": q.ARN, "QueueName": q.Name, "QueueUrl": s.url(q)}}, nil
}

// named finds the queue that was declared before, or makes one.
func (s *Service) named(d world.Declared, name string) *queue {
	if name == "" && d.ID != "" {
		name = d.ID[strings.LastIndex(d.ID, "/")+1:]
	}
	if name == "" {
		name = s.w.GeneratedName(d)
	}
	q := s.state.Queues[name]
	if q == nil {
		q = &queue{Name: name, ARN: s.w.ARN("sqs", name), CreatedAt: s.w.Now()}
		s.state.Queues[name] = q
	}
	return q
}

func (s *Service) declarePolicy(d world.Declared) (world.Resource, error) {
	var p struct {
		Queues         []string
		PolicyDocument json.RawMessage
	}
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	for _, url := range p.Queues {
		q := s.state.Queues[url[strings.LastIndex(url, "/")+1:]]
		if q == nil {
			return world.Resource{}, fmt.Errorf("Queues: %s does not exist", url)
		}
		q.Policy = p.PolicyDocument
	}
	return world.Resource{ID: s.w.NameFor(d, "")}, nil
}

// Withdraw removes a queue; a policy stays until the queue goes.
func (s *Service) Withdraw(resourceType, id string) error {
	if resourceType == "AWS::SQS::Queue" {
		delete(s.state.Queues, id[strings.LastIndex(id, "/")+1:])
	}
	return nil
}

func checksum(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // the protocol's own checksum
	return hex.EncodeToString(sum[:])
}
