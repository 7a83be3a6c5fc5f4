// Package server is the embedded AWS over HTTP: API calls of every service on one address, the image registry under /v2/,
// and under /_local/ what belongs to the embedded AWS itself.
package server

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"

	"fairlead/local/wire"
	"fairlead/local/world"
)

// Verifier checks a request's signature and tells who signed it.
type Verifier interface {
	Verify(r *http.Request, body []byte) (world.Principal, error)
}

// API serves the calls of all services.
type API struct {
	core   *world.Core
	verify Verifier
	logger *slog.Logger
}

// NewAPI makes the handler of API calls.
func NewAPI(core *world.Core, verify Verifier, logger *slog.Logger) *API {
	return &API{core: core, verify: verify, logger: logger}
}

// ServeHTTP takes the request apart, checks its signature, calls the core and writes the reply.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := wire.ReadBody(r)
	if err != nil {
		wire.JSON{Version: "1.1"}.WriteError(w, "", wire.Failure{Code: "RequestEntityTooLarge", Message: err.Error(), Status: http.StatusRequestEntityTooLarge})
		return
	}
	in, err := wire.Parse(r, body)
	if err != nil {
		in.Protocol.WriteError(w, "", wire.Failure{Code: "NotImplemented", Message: err.Error(), Status: http.StatusNotImplemented})
		return
	}
	who, err := a.who(r, body, in)
	if err != nil {
		a.fail(w, r, in, err)
		return
	}
	a.serve(w, r, in, who)
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, in wire.Incoming, who world.Principal) {
	reply := &sealed{header: w.Header(), status: http.StatusOK}
	_, err := a.core.Call(world.Request{Service: in.Service, Operation: in.Operation, Principal: who, Body: in.Input,
		Seal: func(out any) any { in.Protocol.WriteOutput(reply, in.Operation, requestID(), out); return out }})
	if err != nil {
		a.fail(w, r, in, err)
		return
	}
	w.WriteHeader(reply.status)
	_, _ = w.Write(reply.body.Bytes())
}

// sealed is a reply that was encoded while the world stood still, and is sent after.
type sealed struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sealed) Header() http.Header             { return s.header }
func (s *sealed) WriteHeader(status int)          { s.status = status }
func (s *sealed) Write(chunk []byte) (int, error) { return s.body.Write(chunk) }

// who is the caller. Exchanging a web identity is the one call that AWS takes unsigned.
func (a *API) who(r *http.Request, body []byte, in wire.Incoming) (world.Principal, error) {
	if in.Service == "sts" && in.Operation == "AssumeRoleWithWebIdentity" {
		return world.Principal{ARN: "anonymous"}, nil
	}
	return a.verify.Verify(r, body)
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, in wire.Incoming, err error) {
	if errors.Is(err, world.ErrAnswerLost) {
		panic(http.ErrAbortHandler)
	}
	e := world.AsError(err)
	if e.Status >= http.StatusInternalServerError {
		a.logger.WarnContext(r.Context(), "call failed", "service", in.Service, "operation", in.Operation, "error", err)
	}
	in.Protocol.WriteError(w, requestID(), wire.Failure{Code: e.Code, Message: e.Message, Status: e.Status, Fields: e.Fields})
}

// requestID is for the reader of a log; nothing depends on it, so that it need not come from the world's seed.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return world.FormatUUID(hex.EncodeToString(b[:]))
}
