package stories_test

import (
	"flag"
	"strings"
	"testing"

	"fairlead/local/world"
)

// meddle does something to one call of Fairlead: with serve it has its effect.
type meddle func(s *story, request world.Request, serve func() (any, error)) (any, error)

// thorough makes the matrices meddle with every call; otherwise they take a sample.
var thorough = flag.Bool("thorough", false, "meddle with every call of every path")

// call is a call that Fairlead makes on a path.
type call struct {
	name  string // and by which function
	apart bool   // it is the first of its name, or the last
}

// callsOn are the calls that Fairlead makes on a path when nothing goes wrong.
func callsOn(t *testing.T, p path) (calls []call) {
	t.Helper()
	s, last := newStory(t), map[string]int{}
	s.lines(s.deeds(), p.before)
	s.meddle = func(r world.Request, serve func() (any, error)) (any, error) {
		name := nameOf(r) + " in " + s.lab.Calling()
		_, known := last[name]
		last[name] = len(calls)
		calls = append(calls, call{name, !known})
		return serve()
	}
	s.lines(s.deeds(), p.deeds)
	s.lines(s.wants(), p.wants)
	if t.Failed() {
		s.report()
		t.Fatal("the path does not end as it should even if nothing goes wrong")
	}
	for _, n := range last {
		calls[n].apart = true
	}
	return calls
}

// meet meddles with call n of a path and wants it to end as it should.
func meet(t *testing.T, p path, n int, name string, do meddle) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
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
			s.report()
		}
	})
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
