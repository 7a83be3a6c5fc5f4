package registry

import (
	"errors"
	"net/http"

	"fairlead/local/ecr"
	"fairlead/local/world"
)

// logIn returns who makes the request. If that is nobody, it has answered already.
func (g *Registry) logIn(w http.ResponseWriter, r *http.Request) (world.Principal, bool) {
	user, password, ok := r.BasicAuth()
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="http://`+r.Host+`/",service="ecr.amazonaws.com"`)
		http.Error(w, "Not Authorized", http.StatusUnauthorized)
		return world.Principal{}, false
	}
	var who world.Principal
	var err error
	g.core.Do(func(*world.World) { who, err = g.ecr.Principal(password) })
	switch {
	case err == nil && user == "AWS":
		return who, true
	case errors.Is(err, ecr.ErrTokenExpired):
		(&problem{http.StatusForbidden, "DENIED", err.Error()}).write(w)
	default:
		http.Error(w, "Invalid authorization token: log in as AWS with the password of ecr get-login-password", http.StatusBadRequest)
	}
	return world.Principal{}, false
}
