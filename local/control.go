package local

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"fairlead/local/ecs"
	"fairlead/local/events"
	"fairlead/local/trouble"
	"fairlead/local/world"
)

// control is what belongs to the embedded AWS itself, under /_local/.
type control struct {
	*http.ServeMux
	aws   *AWS
	ready atomic.Bool
}

func newControl(a *AWS) *control {
	c := &control{ServeMux: http.NewServeMux(), aws: a}
	troubles := &trouble.Maker{}
	a.Core.Tamper(troubles.Tamper)
	c.HandleFunc("GET /_local/ready", c.serveReady)
	c.HandleFunc("GET /_local/outputs", c.serveOutputs)
	c.HandleFunc("GET /_local/signer/root.pem", c.serveRoot)
	c.HandleFunc("POST /_local/disturb", c.serveDisturb)
	c.Handle("POST /_local/trouble", troubles)
	c.HandleFunc("POST /_local/outage", c.serveOutage)
	c.HandleFunc("POST /_local/alarm", c.serveAlarm)
	c.HandleFunc("POST /_local/lag", c.serveLag)
	return c
}

// Ready makes /_local/ready answer 200 from now on.
func (a *AWS) Ready() { a.control.ready.Store(true) }

func (c *control) serveReady(w http.ResponseWriter, _ *http.Request) {
	if !c.ready.Load() {
		http.Error(w, "the stacks are being loaded", http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, map[string]bool{"ready": true})
}

// serveRoot answers with the root certificate of the embedded AWS Signer, as AWS publishes its own.
func (c *control) serveRoot(w http.ResponseWriter, _ *http.Request) {
	root, err := c.aws.SignerRoot()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = io.WriteString(w, root)
}

// SignerRoot returns the PEM of the root certificate of the embedded AWS Signer.
func (a *AWS) SignerRoot() (root string, err error) {
	a.Core.Do(func(*world.World) { root, err = a.Signer.Root() })
	return root, err
}

// serveOutputs answers with the outputs of all stacks.
func (c *control) serveOutputs(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, c.aws.Outputs())
}

// Outputs returns the outputs of all stacks: stack → output → value.
func (a *AWS) Outputs() (outputs map[string]map[string]string) {
	outputs = map[string]map[string]string{}
	a.Core.Quietly(func(*world.World) {
		maps.Copy(outputs, a.Stacks.Outputs())
	})
	return outputs
}

// serveDisturb takes an [events.Disturbance]: events that are lost, doubled or late.
func (c *control) serveDisturb(w http.ResponseWriter, r *http.Request) {
	var d events.Disturbance
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if d.Source == "" || d.Events < 1 || d.Times < 0 || d.Times > 10 || d.Delay < 0 {
		http.Error(w, `say source ("aws.ecr"), events (how many of the next, 1 or more), times (0 to 10: how often each is delivered) and, if they are to be late, delay (nanoseconds)`, http.StatusBadRequest)
		return
	}
	c.aws.Core.Do(func(*world.World) { c.aws.Events.Disturb(d) })
	w.WriteHeader(http.StatusNoContent)
}

// serveOutage takes what goes wrong around the next tasks, as [ecs.Service.Strike] does.
func (c *control) serveOutage(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Outage ecs.Outage `json:"outage"`
		Tasks  int        `json:"tasks"`
	}
	c.serve(w, r, &in, func() error { return c.aws.ECS.Strike(in.Outage, in.Tasks) })
}

// serveAlarm takes the name of an alarm that goes into ALARM, as [ecs.Service.Sound] does.
func (c *control) serveAlarm(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Alarm string `json:"alarm"`
	}
	c.serve(w, r, &in, func() error { return c.aws.ECS.Sound(in.Alarm) })
}

// serveLag takes how long a change of a role takes, as [iam.Service.Lag] does.
func (c *control) serveLag(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Delay time.Duration `json:"delay"`
	}
	c.serve(w, r, &in, func() error { return c.aws.IAM.Lag(in.Delay) })
}

// serve reads what is asked for into in, and lets it happen.
func (c *control) serve(w http.ResponseWriter, r *http.Request, in any, happen func() error) {
	err := json.NewDecoder(r.Body).Decode(in)
	if err == nil {
		c.aws.Core.Do(func(*world.World) { err = happen() })
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
