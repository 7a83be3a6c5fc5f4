package stories_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"fairlead/local/world"
)

// A path is a course of events of which a matrix is made: something is done to each call that Fairlead makes in it, one
// at a time, and it must end well nevertheless. It is written in the words of the stories.
type path struct {
	before string // what happens before the calls are counted
	deeds  string
	wants  string // how it must end, whatever is done to a call
}

// paths are the courses that a deployment can take.
func paths() map[string]path {
	return map[string]path{
		"Deployed": {deeds: "push first\nsettle",
			wants: "executions 1\nexecution 1 Deployed\nruns first\nrollouts 2\nrevisions first 1\nevents 1 1\nparameter first"},
		"RolledBack": {deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 2\nrevisions broken 1\nevents 1 1\nparameter none"},
		"PointedBack": {before: "breaker stop", deeds: "push broken local.unhealthy=true\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 3\nrevisions broken 1\nevents 1 1"},
		"Stopped": {before: "breaker off", deeds: "push broken local.exit=1\nsettle",
			wants: "executions 1\nexecution 1 RolledBack\nruns base\nrollouts 2\nrevisions broken 1\nevents 1 1"},
		"CopyPointedBack": {before: "breaker stop\npush first\nsettle", deeds: "push broken local.unhealthy=true\npass 30s\nderegister 2\nsettle",
			wants: "executions 2\nexecution 2 RolledBack\nruns first\nrollouts 4\nrevisions broken 1\nevents 2 1"},
		"Superseded": {deeds: "push first\npass 40s\npush second\nsettle",
			wants: "executions 2\nexecution 1 Superseded\nexecution 2 Deployed\nruns second\nrevisions first 0-1\nrevisions second 1\nevents 1 1\nevents 2 1\nparameter second"},
		"Racing": {deeds: "push first\npass 1s\npush second\nsettle",
			wants: "executions 2\nexecution 1 Superseded\nexecution 2 Deployed\nruns second\nrevisions first 0-1\nrevisions second 1\nevents 1 1\nevents 2 1\nparameter second"},
		"GoingBack": {before: "push first\nsettle\npush second\nsettle",
			deeds: "start back {\"service\":\"web\",\"tag\":\"<tag:first>\",\"allowOlder\":{\"replaces\":\"<digest:second>\"}}\nsettle\nagain 2\nsettle",
			wants: "executions 4\nexecution 3 Deployed\nexecution 4 Superseded\nruns first\nrollouts 4\nrevisions first 2\nevents 3 1\nevents 4 1\nparameter first"},
	}
}

// meddle does something to one call of Fairlead: with serve it has its effect.
type meddle func(s *story, request world.Request, serve func() (any, error)) (any, error)

// thorough makes the matrices meddle with every call; otherwise they take a sample.
var thorough = flag.Bool("thorough", false, "meddle with every call of every path")

// matrix meddles with the calls of a path, every one or every nth, and wants it to end as it should.
func matrix(t *testing.T, name string, every int, do meddle) {
	t.Helper()
	course(t, paths()[name], every, do)
}

// course meddles with the calls of a path that is not among the usual ones.
func course(t *testing.T, p path, every int, do meddle) {
	t.Helper()
	calls := countCalls(t, p)
	if calls < 20 {
		t.Fatalf("the path makes %d calls: they are not counted", calls)
	}
	if *thorough {
		every = 1
	}
	for n := calls % every; n < calls; n += every {
		t.Run(fmt.Sprintf("call %d", n+1), func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), p.before)
			met := s.meddleAt(n, do)
			s.lines(s.deeds(), p.deeds)
			if *met == "" {
				t.Fatal("the call was not made")
			}
			s.lines(s.wants(), p.wants)
			if t.Failed() {
				t.Log("met", *met)
				s.report()
			}
		})
	}
}

// countCalls is how many calls Fairlead makes on a path when nothing goes wrong.
func countCalls(t *testing.T, p path) int {
	t.Helper()
	s, calls := newStory(t), 0
	s.lines(s.deeds(), p.before)
	s.meddle = func(_ world.Request, serve func() (any, error)) (any, error) {
		calls++
		return serve()
	}
	s.lines(s.deeds(), p.deeds)
	s.lines(s.wants(), p.wants)
	return calls
}

// meddleAt meddles with call n from now on, counted from 0, and tells which call that was.
func (s *story) meddleAt(n int, do meddle) *string {
	met, made := new(string), 0
	s.meddle = func(request world.Request, serve func() (any, error)) (any, error) {
		if made++; made != n+1 {
			return serve()
		}
		*met = nameOf(request)
		return do(s, request, serve)
	}
	return met
}

// nameOf names a call and who makes it: ecs:UpdateService by fairlead-web-update.
func nameOf(r world.Request) string {
	return r.Service + ":" + r.Operation + " by " + r.Principal.RoleARN[strings.LastIndexByte(r.Principal.RoleARN, '/')+1:]
}

// lines plays some lines of a story.
func (s *story) lines(words map[string]func([]string) error, text string) {
	s.Helper()
	for line := range strings.Lines(text) {
		s.say(words, strings.TrimSpace(line))
	}
}

// aside lets something happen without being meddled with: by a person, while a function waits for an answer.
func (s *story) aside(happen func()) {
	meddled := s.meddle
	s.meddle = nil
	happen()
	s.meddle = meddled
}

// attempt does a deed that may be refused by now.
func (s *story) attempt(line string) {
	fields := strings.Fields(line)
	if err := s.deeds()[fields[0]](fields[1:]); err != nil {
		s.Logf("%s: %v", line, err)
	}
}
