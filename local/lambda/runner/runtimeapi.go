package runner

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"fairlead/local/lambda"
	"fairlead/local/world"
)

// runtimeAPI is the Lambda Runtime API of one environment
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
type runtimeAPI struct {
	*http.ServeMux
	next chan offered
	mu   sync.Mutex
	id   string             // the invocation that runs
	done chan world.Invoked // where its answer goes
}

type offered struct {
	lambda.Job
	deadline time.Time
}

func newRuntimeAPI() *runtimeAPI {
	a := &runtimeAPI{ServeMux: http.NewServeMux(), next: make(chan offered, 1)}
	a.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.serveNext)
	a.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.serveResponse)
	a.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.serveError)
	a.HandleFunc("POST /2018-06-01/runtime/init/error", a.serveInitError)
	return a
}

// offer makes job the next invocation and returns where its answer will come.
func (a *runtimeAPI) offer(job lambda.Job, deadline time.Time) <-chan world.Invoked {
	done := make(chan world.Invoked, 1)
	a.mu.Lock()
	a.id, a.done = job.ID, done
	a.mu.Unlock()
	a.next <- offered{job, deadline}
	return done
}

func (a *runtimeAPI) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case job := <-a.next:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", job.ID)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(job.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", job.Definition.ARN)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
		h.Set("Content-Type", "application/json")
		_, _ = w.Write(job.Payload)
	}
}

func (a *runtimeAPI) serveResponse(w http.ResponseWriter, r *http.Request) {
	a.accept(w, r, r.PathValue("id"), func(body []byte) world.Invoked { return world.Invoked{Payload: body} })
}

func (a *runtimeAPI) serveError(w http.ResponseWriter, r *http.Request) {
	a.accept(w, r, r.PathValue("id"), failure)
}

func (a *runtimeAPI) serveInitError(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	id := a.id
	a.mu.Unlock()
	a.accept(w, r, id, failure)
}

// failure reads the error object that the runtime posts.
func failure(body []byte) world.Invoked {
	var object struct {
		ErrorType string `json:"errorType"`
	}
	_ = json.Unmarshal(body, &object) // an unreadable object has no type, and Lambda then says Unknown
	if object.ErrorType == "" {
		object.ErrorType = "Lambda.Unknown"
	}
	return world.Invoked{Payload: body, FunctionError: "Unhandled", ErrorType: object.ErrorType}
}

// maxPayload is the largest reply of a synchronous invocation, in bytes.
const maxPayload = 6 << 20

func (a *runtimeAPI) accept(w http.ResponseWriter, r *http.Request, id string, read func([]byte) world.Invoked) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if id != a.id || a.done == nil {
		answer(w, http.StatusBadRequest, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`)
		return
	}
	if len(body) > maxPayload {
		answer(w, http.StatusRequestEntityTooLarge, `{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}`)
		return
	}
	a.done <- read(body)
	a.done = nil
	answer(w, http.StatusAccepted, `{"status":"OK"}`)
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
