package sqs

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// Operations are the calls by which a queue is read and emptied.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"ListQueues":         world.Op(s.listQueues),
		"GetQueueUrl":        world.Op(s.getQueueURL),
		"GetQueueAttributes": world.Op(s.getQueueAttributes),
		"ReceiveMessage":     world.Op(s.receiveMessage),
		"DeleteMessage":      world.Op(s.deleteMessage),
	}
}

type listQueuesInput struct{ QueueNamePrefix string }

type queueURLs struct{ QueueUrls []string }

func (s *Service) listQueues(c *world.Call, in listQueuesInput) (queueURLs, error) {
	if err := c.Authorize("sqs:ListQueues", "*", nil); err != nil {
		return queueURLs{}, err
	}
	var out queueURLs
	for _, name := range slices.Sorted(maps.Keys(s.state.Queues)) {
		if strings.HasPrefix(name, in.QueueNamePrefix) {
			out.QueueUrls = append(out.QueueUrls, s.url(s.state.Queues[name]))
		}
	}
	return out, nil
}

type getQueueURLInput struct{ QueueName string }

type queueURL struct{ QueueUrl string }

func (s *Service) getQueueURL(c *world.Call, in getQueueURLInput) (queueURL, error) {
	q, err := s.queue(c, "sqs:GetQueueUrl", in.QueueName)
	if err != nil {
		return queueURL{}, err
	}
	return queueURL{QueueUrl: s.url(q)}, nil
}

type getQueueAttributesInput struct {
	QueueUrl       string
	AttributeNames []string
}

type queueAttributes struct{ Attributes map[string]string }

func (s *Service) getQueueAttributes(c *world.Call, in getQueueAttributesInput) (queueAttributes, error) {
	q, err := s.queue(c, "sqs:GetQueueAttributes", in.QueueUrl)
	if err != nil {
		return queueAttributes{}, err
	}
	all := s.attributes(q)
	out := queueAttributes{Attributes: map[string]string{}}
	for name, value := range all {
		if slices.Contains(in.AttributeNames, "All") || slices.Contains(in.AttributeNames, name) {
			out.Attributes[name] = value
		}
	}
	return out, nil
}

func (s *Service) attributes(q *queue) map[string]string {
	visible := 0
	for _, m := range q.Messages {
		if !m.VisibleAt.After(s.w.Now()) {
			visible++
		}
	}
	all := maps.Clone(q.Attributes)
	all["QueueArn"] = q.ARN
	all["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(len(q.Messages) - visible)
	all["VisibilityTimeout"] = strconv.Itoa(int(q.Visibility.Seconds()))
	all["MessageRetentionPeriod"] = strconv.Itoa(int(q.Retention.Seconds()))
	all["CreatedTimestamp"] = strconv.FormatInt(q.CreatedAt.Unix(), 10)
	if len(q.Policy) > 0 {
		all["Policy"] = string(q.Policy)
	}
	return all
}

type receiveMessageInput struct {
	QueueUrl            string
	MaxNumberOfMessages int
	VisibilityTimeout   *int
}

type attributeValue struct{ DataType, StringValue string }

type received struct {
	MessageId         string
	ReceiptHandle     string
	MD5OfBody         string
	Body              string
	Attributes        map[string]string
	MessageAttributes map[string]attributeValue
}

type receivedMessages struct {
	Messages []received `json:",omitempty"`
}

// receiveMessage answers at once: a wait (long polling) ends immediately, as it may on AWS when a queue is empty.
func (s *Service) receiveMessage(c *world.Call, in receiveMessageInput) (receivedMessages, error) {
	q, err := s.queue(c, "sqs:ReceiveMessage", in.QueueUrl)
	if err != nil {
		return receivedMessages{}, err
	}
	if in.MaxNumberOfMessages < 0 || in.MaxNumberOfMessages > 10 {
		return receivedMessages{}, world.Errorf("InvalidParameterValue", "Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", in.MaxNumberOfMessages)
	}
	hidden := q.Visibility
	if in.VisibilityTimeout != nil {
		hidden = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	var out receivedMessages
	for _, m := range q.Messages {
		if len(out.Messages) == max(in.MaxNumberOfMessages, 1) {
			break
		}
		if !m.VisibleAt.After(s.w.Now()) {
			out.Messages = append(out.Messages, s.receive(m, hidden))
		}
	}
	return out, nil
}

func (s *Service) receive(m *message, hidden time.Duration) received {
	m.Receipt, m.VisibleAt = s.w.Hex(64), s.w.Now().Add(hidden)
	m.Received++
	attributes := map[string]attributeValue{}
	for name, value := range m.Attributes {
		attributes[name] = attributeValue{DataType: "String", StringValue: value}
	}
	return received{MessageId: m.ID, ReceiptHandle: m.Receipt, MD5OfBody: checksum(m.Body), Body: m.Body, MessageAttributes: attributes,
		Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(m.SentAt.UnixMilli(), 10), "ApproximateReceiveCount": strconv.Itoa(m.Received)}}
}

type deleteMessageInput struct {
	QueueUrl      string
	ReceiptHandle string
}

func (s *Service) deleteMessage(c *world.Call, in deleteMessageInput) (struct{}, error) {
	q, err := s.queue(c, "sqs:DeleteMessage", in.QueueUrl)
	if err != nil {
		return struct{}{}, err
	}
	if in.ReceiptHandle == "" {
		return struct{}{}, world.Errorf("MissingParameter", "The request must contain the parameter ReceiptHandle.")
	}
	q.Messages = slices.DeleteFunc(q.Messages, func(m *message) bool { return m.Receipt == in.ReceiptHandle })
	return struct{}{}, nil
}

// queue finds a queue by URL or name, once the caller may.
func (s *Service) queue(c *world.Call, action, url string) (*queue, error) {
	name := url[strings.LastIndex(url, "/")+1:]
	if err := c.Authorize(action, s.w.ARN("sqs", name), nil); err != nil {
		return nil, err
	}
	q := s.state.Queues[name]
	if q == nil {
		return nil, world.Errorf("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	q.expire(s.w.Now())
	return q, nil
}
