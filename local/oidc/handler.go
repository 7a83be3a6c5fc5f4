package oidc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"fairlead/local/world"
)

// Where the handler answers.
const (
	jobsPath   = "/_local/oidc/jobs"
	tokenPath  = "/_local/oidc/token" //nolint:gosec // a path, no credential
	keysPath   = "/_local/oidc/.well-known/jwks"
	configPath = "/_local/oidc/.well-known/openid-configuration"
)

// Handler is the issuer over HTTP:
//
//	POST /_local/oidc/jobs      a Job → what GitHub puts into the job's environment
//	GET  /_local/oidc/token     ?audience=, with the request token as bearer → {"value": "<ID token>"}
//	GET  /_local/oidc/.well-known/openid-configuration, …/jwks
//
// The first plays the beginning of a job and is no part of GitHub's; the second answers as ACTIONS_ID_TOKEN_REQUEST_URL.
type Handler struct {
	core   *world.Core
	issuer *Service
	mux    *http.ServeMux
}

// NewHandler makes the handler.
func NewHandler(core *world.Core, issuer *Service) *Handler {
	h := &Handler{core: core, issuer: issuer, mux: http.NewServeMux()}
	h.mux.HandleFunc("POST "+jobsPath, h.begin)
	h.mux.HandleFunc("GET "+tokenPath, h.token)
	h.mux.HandleFunc("GET "+keysPath, h.keys)
	h.mux.HandleFunc("GET "+configPath, h.config)
	return h
}

// ServeHTTP serves a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// begin answers with the variables of the job's environment: none without `id-token: write`.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) {
	var j Job
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	var token string
	var err error
	h.core.Do(func(*world.World) { token, err = h.issuer.Begin(j) })
	switch {
	case err == nil:
		reply(w, http.StatusCreated, map[string]string{
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN": token, // the toolkit appends &audience=, and so the URL has a query already
			"ACTIONS_ID_TOKEN_REQUEST_URL":   "http://" + r.Host + tokenPath + "?api-version=2.0"})
	case errors.Is(err, errPermission):
		reply(w, http.StatusCreated, map[string]string{})
	default:
		reply(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
	}
}

func (h *Handler) token(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var token string
	var ok bool
	h.core.Do(func(*world.World) { token, ok = h.issuer.Token(bearer, r.URL.Query().Get("audience")) })
	if !ok {
		reply(w, http.StatusUnauthorized, map[string]string{"message": "the request token is not that of a running job"})
		return
	}
	reply(w, http.StatusOK, map[string]string{"value": token})
}

func (h *Handler) keys(w http.ResponseWriter, _ *http.Request) {
	var keys any
	h.core.Do(func(*world.World) { keys, _ = h.issuer.Keys(Issuer) })
	reply(w, http.StatusOK, keys)
}

func (*Handler) config(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"issuer": Issuer, "jwks_uri": Issuer + "/.well-known/jwks",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"id_token"},
		"subject_types_supported": []string{"public", "pairwise"}, "scopes_supported": []string{"openid"}})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
