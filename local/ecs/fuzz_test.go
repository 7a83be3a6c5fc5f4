package ecs

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"
)

// FuzzCalls holds that no input, to whatever operation, is answered with a failure of the embedded AWS itself, and that
// the world still goes on afterwards.
func FuzzCalls(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `{"cluster":"prod","service":"web","taskDefinition":"web","forceNewDeployment":true}`,
		`{"cluster":"prod","service":"web","deploymentConfiguration":{"maximumPercent":null,"deploymentCircuitBreaker":null,"alarms":[]}}`,
		`{"cluster":"prod","services":["web","arn:aws:ecs:eu-west-1:123456789012:service/web"],"tasks":["x"],"include":["TAGS"]}`,
		`{"serviceDeploymentArns":["arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/x"],"serviceRevisionArns":["arn:aws:ecs:::service-revision/a/b/c"]}`,
		`{"cluster":"prod","serviceName":"b","taskDefinition":"web:1","desiredCount":1,"launchType":"FARGATE","networkConfiguration":{"a":1},"loadBalancers":[{"targetGroupArn":1}]}`,
		`{"resourceArn":"arn:aws:ecs:eu-west-1:123456789012:task/prod/x","tags":[{"key":"a"}],"tagKeys":["a"],"taskDefinition":"web:01"}`,
	} {
		for operation := range 23 {
			f.Add(operation, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, operation int, body []byte) {
		l := newLand(t, 1)
		l.create(1, nil)
		l.pass(30 * time.Second)
		names := slices.Sorted(maps.Keys(l.ecs.Operations()))
		if operation < 0 || operation >= len(names) {
			return
		}
		if _, err := l.call(names[operation], json.RawMessage(body)); err != nil && err.Status != 400 && err.Code != "NotImplemented" {
			t.Fatalf("%s: %v", names[operation], err)
		}
		l.pass(10 * time.Minute)
	})
}
