package elb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/elb"
	"fairlead/local/world"
)

type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }

func newWorld(t *testing.T, pace float64) (*world.World, *elb.Service) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	w.SetAuthority(anyone{})
	s := elb.New(w, pace)
	w.Add(s)
	return w, s
}

func declare(t *testing.T, s *elb.Service, kind, properties string) string {
	t.Helper()
	r, err := s.Declare(world.Declared{Type: "AWS::ElasticLoadBalancingV2::" + kind, Stack: "shop", LogicalID: kind, Properties: []byte(properties)})
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// used makes a target group that a load balancer forwards to.
func used(t *testing.T, s *elb.Service, settings string) string {
	t.Helper()
	group := declare(t, s, "TargetGroup", `{"Port":80,"TargetType":"ip"`+settings+`}`)
	listener := declare(t, s, "Listener", fmt.Sprintf(`{"LoadBalancerArn":%q,"DefaultActions":[]}`, declare(t, s, "LoadBalancer", `{}`)))
	declare(t, s, "ListenerRule", fmt.Sprintf(`{"ListenerArn":%q,"Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":%q}]}}]}`, listener, group))
	return group
}

var target = elb.Target{Address: "10.0.0.4", Port: 80, Zone: "eu-west-1a"}

func TestTheHealthOfATargetFollowsItsAnswers(t *testing.T) {
	t.Parallel()
	const (
		s             = time.Second
		registering   = "5s Elb.InitialHealthChecking"
		healthy       = " healthy"
		failed        = " Target.FailedHealthChecks"
		timedOut      = " Target.Timeout"
		mismatch      = " Target.ResponseCodeMismatch"
		every10       = `,"HealthCheckIntervalSeconds":10`
		thirdIsEnough = every10 + `,"UnhealthyThresholdCount":"3","HealthyThresholdCount":2`
	)
	for name, test := range map[string]struct {
		settings string
		answers  elb.Answers
		want     []string
	}{
		"well":                               {"", elb.Answers{}, []string{registering, "30s" + healthy}},
		"well, checked more often":           {every10, elb.Answers{}, []string{registering, "10s" + healthy}},
		"in time for the second check":       {every10, elb.Answers{From: 20 * s}, []string{registering, "20s" + healthy}},
		"too late, and then five times well": {every10, elb.Answers{From: 21 * s}, []string{registering, "20s" + failed, "1m10s" + healthy}},
		"with thresholds of its own":         {thirdIsEnough, elb.Answers{From: 31 * s}, []string{registering, "30s" + failed, "50s" + healthy}},
		"never, with a status":               {every10, elb.Answers{Always: true, Badly: "503"}, []string{registering, "20s" + mismatch}},
		"never, in time":                     {every10, elb.Answers{Always: true, Badly: elb.Timeout}, []string{registering, "20s" + timedOut}},
		"no longer":                          {every10, elb.Answers{Until: 60 * s}, []string{registering, "10s" + healthy, "1m10s" + failed}},
		"once is not enough to be ill":       {every10, elb.Answers{From: 15 * s, Until: 60 * s, Badly: "500"}, []string{registering, "20s" + healthy, "1m10s" + mismatch}},
		"ill before it was well":             {every10, elb.Answers{From: 50 * s, Until: 20 * s}, []string{registering, "20s" + failed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, service := newWorld(t, 1)
			group, began := used(t, service, test.settings), w.Now()
			var got []string
			for _, at := range service.Register(group, target, test.answers) {
				w.Advance(at.Add(-time.Millisecond))
				before := service.Health(group, target)
				w.Advance(at)
				h := service.Health(group, target)
				if h == before {
					t.Errorf("at %v nothing changed", at.Sub(began))
				}
				what := h.Reason
				if h.State == elb.Healthy {
					what = "healthy"
				}
				got = append(got, fmt.Sprint(at.Sub(began))+" "+what)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPaceShortensTheChecks(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 10)
	changes := s.Register(used(t, s, ""), target, elb.Answers{})
	if got := changes[1].Sub(w.Now()); got != 3*time.Second {
		t.Errorf("healthy after %v", got)
	}
}

func TestATargetDrainsIfItWasHealthy(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 1)
	group := used(t, s, `,"TargetGroupAttributes":[{"Key":"deregistration_delay.timeout_seconds","Value":"40"}]`)
	s.Register(group, target, elb.Answers{})
	if delay := s.Deregister(group, target); delay != 0 || s.Health(group, target).State != elb.Unused {
		t.Errorf("a target that never was healthy drains for %v", delay)
	}
	s.Register(group, target, elb.Answers{})
	w.Advance(w.Now().Add(time.Minute))
	if delay := s.Deregister(group, target); delay != 40*time.Second || s.Health(group, target).State != elb.Draining {
		t.Errorf("it drains for %v and is %+v", delay, s.Health(group, target))
	}
	w.Advance(w.Now().Add(40 * time.Second))
	if h := s.Health(group, target); h.Reason != "Target.NotRegistered" {
		t.Errorf("after that it is %+v", h)
	}
	if delay := s.Deregister(used(t, s, ""), target); delay != 0 {
		t.Error("a target left that was not registered")
	}
}

func TestATargetGroupWithoutAListenerIsUnused(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 1)
	group := declare(t, s, "TargetGroup", `{"Port":80,"TargetType":"ip"}`)
	s.Register(group, target, elb.Answers{})
	w.Advance(w.Now().Add(time.Minute))
	if h := s.Health(group, target); h.State != elb.Unused || h.Reason != "Target.NotInUse" {
		t.Errorf("it is %+v", h)
	}
}

func TestATargetGroupThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for name, properties := range map[string]string{
		"no port":             `{}`,
		"a long name":         `{"Port":80,"Name":"a-name-that-is-longer-than-32-chars"}`,
		"another protocol":    `{"Port":80,"Protocol":"TCP"}`,
		"an interval too big": `{"Port":80,"HealthCheckIntervalSeconds":301}`,
		"a slow check":        `{"Port":80,"HealthCheckIntervalSeconds":5,"HealthCheckTimeoutSeconds":5}`,
		"a threshold of one":  `{"Port":80,"UnhealthyThresholdCount":1}`,
		"a delay of a day":    `{"Port":80,"TargetGroupAttributes":[{"Key":"deregistration_delay.timeout_seconds","Value":"86400"}]}`,
	} {
		_, s := newWorld(t, 1)
		if _, err := s.Declare(world.Declared{Type: "AWS::ElasticLoadBalancingV2::TargetGroup", LogicalID: "G", Properties: []byte(properties)}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, way := range []string{"", "200", "99", "600", "slow"} {
		if elb.CheckBadly(way) == nil {
			t.Errorf("a target was to answer badly with %q", way)
		}
	}
}

func TestADeclaredTargetGroupKeepsItsARN(t *testing.T) {
	t.Parallel()
	_, s := newWorld(t, 1)
	first, err := s.Declare(world.Declared{Type: "AWS::ElasticLoadBalancingV2::TargetGroup", Stack: "shop", LogicalID: "Group", Properties: []byte(`{"Port":80}`)})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Declare(world.Declared{Type: "AWS::ElasticLoadBalancingV2::TargetGroup", Stack: "shop", LogicalID: "Group", ID: first.ID, Properties: []byte(`{"Port":81}`)})
	if err != nil || again.ID != first.ID {
		t.Errorf("%v %v, before %v", again.ID, err, first.ID)
	}
}

func TestTargetGroupsSurviveBeingWrittenDown(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 1)
	group := used(t, s, `,"HealthCheckIntervalSeconds":10`)
	s.Register(group, target, elb.Answers{Always: true, Badly: "503"})
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again, restored := newWorld(t, 1)
	if err := again.Restore(raw); err != nil {
		t.Fatal(err)
	}
	again.Advance(again.Now().Add(20 * time.Second))
	if h := restored.Health(group, target); h.Reason != "Target.ResponseCodeMismatch" {
		t.Errorf("after that it is %+v", h)
	}
}

func TestTheDelayOfATargetGroupIsSetLater(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 1)
	group := used(t, s, "")
	modify := func(arn, key, value string) string {
		_, err := w.Call(world.Request{Service: s.Name(), Operation: "ModifyTargetGroupAttributes",
			Body: fmt.Appendf(nil, `{"TargetGroupArn":%q,"Attributes":[{"Key":%q,"Value":%q}]}`, arn, key, value)})
		if err != nil {
			return world.AsError(err).Code
		}
		return ""
	}
	for _, tt := range []struct{ arn, key, value, code string }{
		{group, "deregistration_delay.timeout_seconds", "40", ""},
		{group, "deregistration_delay.timeout_seconds", "3601", "ValidationError"},
		{group, "stickiness.enabled", "true", "NotImplemented"},
		{group + "0", "deregistration_delay.timeout_seconds", "40", "TargetGroupNotFound"},
	} {
		if got := modify(tt.arn, tt.key, tt.value); got != tt.code {
			t.Errorf("%s=%s of %s: %q", tt.key, tt.value, tt.arn, got)
		}
	}
	s.Register(group, target, elb.Answers{})
	w.Advance(w.Now().Add(time.Minute))
	if delay := s.Deregister(group, target); delay != 40*time.Second {
		t.Errorf("a target drains for %v", delay)
	}
}
