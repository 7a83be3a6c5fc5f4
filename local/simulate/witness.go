package simulate

import (
	"encoding/json"
	"strings"
	"time"

	"fairlead/local/world"
)

// stopped is a rollout that Fairlead has ended, as it was then.
type stopped struct {
	at, began time.Time
	session   string
	tasks     []witnessed // its own
}

// witnessed is a task as it was.
type witnessed struct {
	Service, Deployment string
	CreatedAt           time.Time
	StoppedAt           time.Time
	WasHealthy          bool
}

// witness takes down what a rollout has come to when Fairlead ends it: ECS forgets tasks.
func (p *player) witness(r world.Record) { //nolint:cyclop // it walks down the state of ECS, to the tasks of one rollout
	if !ours(r.Request) || r.Request.Operation != "StopServiceDeployment" || r.Code != "" {
		return
	}
	var seen struct {
		Tasks    map[string]witnessed
		Services map[string]struct {
			Rollouts []struct {
				ID, Target string
				CreatedAt  time.Time
			}
		}
	}
	raw, err := json.Marshal(p.ECS.State())
	if err != nil || json.Unmarshal(raw, &seen) != nil {
		return // it is what look reads too, which says what is wrong with it
	}
	arn := r.Request.Principal.ARN
	s := stopped{at: r.At, session: arn[strings.LastIndexByte(arn, '/')+1:]}
	aim := write{Body: r.Request.Body}.aim()
	for key, v := range seen.Services {
		for _, rollout := range v.Rollouts {
			if !strings.HasSuffix(aim.ServiceDeploymentArn, "/"+rollout.ID) {
				continue
			}
			s.began = rollout.CreatedAt
			for _, task := range seen.Tasks {
				if task.Service == key && task.Deployment == rollout.Target {
					s.tasks = append(s.tasks, task)
				}
			}
		}
	}
	p.trail.stops = append(p.trail.stops, s)
}
