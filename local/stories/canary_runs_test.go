package stories_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fairlead/local/world"
)

// steady is how long the service takes to run a revision.
const steady = 10 * time.Minute

// quoted is how many lines of a log are quoted.
const quoted = 9

// near is the word that stands in a line beside its secret.
func near(i int) string { return fmt.Sprintf("line-%02d-is-quoted", i) }

// live lets executions end in each way.
func (s *story) live() {
	s.Helper()
	s.lines(s.deeds(), "push fit note=canary28label\nsettle")
	crashes := 0
	for all := leaks(); len(all) > crashes*quoted; crashes++ {
		var lines []string
		for i, leak := range all[crashes*quoted : min(len(all), (crashes+1)*quoted)] {
			lines = append(lines, near(crashes*quoted+i)+" "+leak.name)
		}
		word := fmt.Sprintf("leak%d", crashes)
		s.digests[word] = push(s.TB, s.lab, word, tagOf(word), nil, "note=canary28label", "local.exit=1", "local.log="+strings.Join(lines, "\n"))
		s.lines(s.deeds(), "settle")
	}
	s.lines(s.deeds(), `push arm platforms=linux/arm64 note=canary28label
		settle
		deny fairlead-web-register ecs:RegisterTaskDefinition
		push denied note=canary28label
		settle
		again 3
		settle
		without Fairlead ExecutionEndedPermission
		start key {"service":"web","tag":"<tag:fit>","password":"canary31value"}
		start kind {"service":"web","tag":{"word":"canary32kind"}}
		start older {"service":"web","tag":"<tag:fit>","allowOlder":{"replaces":["canary33older"]}}
		start document {"service":"web","tag":"<tag:fit>","rollout":{"reason":"canary34document"}}
		start field {"service":"web","event":{"source":"aws.ecr","detail-type":"ECR Image Action","account":"123456789012","region":"eu-west-1","time":"2046-11-23T08:00:30Z","detail":{"result":"SUCCESS","action-type":"PUSH","repository-name":"shop/web","image-tag":"<tag:fit>","note":"canary30field"}}}
		settle
		hold`)
	s.lines(s.wants(), "execution 1 Deployed\nexecution 2 RolledBack\nexecution 3 RolledBack\nexecution 4 RolledBack\nexecution 5 Rejected\nexecution 6 Failed\nexecution 7 Skipped\nexecution 12 Superseded")
}

// issued are the keys of the sessions that Fairlead opens and the tokens of its tasks, as they are handed out: canaries that
// AWS itself plants. A token is parked in the ledger while its execution waits, and stands in AWS's own history.
func (s *story) issued() *[]canary {
	all := &[]canary{}
	s.lab.Core.Tamper(func(request world.Request, serve func() (any, error)) (any, error) {
		out, err := s.tamper(request, serve)
		if !ours(request) || err != nil {
			return out, err
		}
		var put struct {
			Item struct{ Token struct{ S string } }
		}
		var opened struct {
			Credentials struct{ SecretAccessKey, SessionToken string }
		}
		if raw, err := json.Marshal(out); err == nil && request.Operation == "AssumeRole" {
			s.decode(string(raw), &opened)
		} else if request.Operation == "PutItem" {
			s.decode(string(request.Body), &put)
		}
		for kind, secret := range map[string]string{"secret key": opened.Credentials.SecretAccessKey, "session token": opened.Credentials.SessionToken, "task token": put.Item.Token.S} {
			if secret == "" {
				continue
			}
			c := canary{name: fmt.Sprintf("%s %d", kind, len(*all)), secret: secret}
			if kind == "task token" {
				c.in = []string{"the calls", "the histories"}
			}
			*all = append(*all, c)
		}
		return out, err
	})
	return all
}

// around is a text around a word.
func around(text, word string) string {
	at := strings.Index(text, word)
	return text[max(0, at-150):min(len(text), at+len(word)+80)]
}
