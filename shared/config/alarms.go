package config

import "regexp"

// Alarms says whom the alarms tell.
type Alarms struct {
	TopicARN string // of an SNS topic; "" for nobody
}

//nolint:gochecknoglobals // a pattern with its meaning; nothing writes to it
var topicForm = form{regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`),
	"the ARN of an SNS topic that is not FIFO: arn:aws:sns:eu-west-1:123456789012:oncall"}

// alarms reads whom the alarms tell.
func (r *reader) alarms(top object, config *Config) {
	if raw, ok := top.get("alarms"); ok {
		r.text(r.object(top.path+".alarms", raw, "topicArn"), "topicArn", topicForm, &config.Alarms.TopicARN)
	}
}
