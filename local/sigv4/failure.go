package sigv4

import (
	"net/http"

	"fairlead/local/world"
)

// words are the names of the errors: of the Query services, or of all others.
type words struct {
	query  bool
	status int
}

func vocabulary(query bool) words {
	if query {
		return words{query: true, status: http.StatusForbidden}
	}
	return words{status: http.StatusBadRequest}
}

func (w words) failure(other, query, message string) error {
	if w.query {
		other = query
	}
	return &world.Error{Code: other, Message: message, Status: w.status}
}

func (w words) missing() error {
	message := "Missing Authentication Token"
	if w.query {
		message = "Request is missing Authentication Token"
	}
	return w.failure("MissingAuthenticationTokenException", "MissingAuthenticationToken", message)
}

func (w words) incomplete(message string) error {
	w.status = http.StatusBadRequest
	return w.failure("IncompleteSignatureException", "IncompleteSignature", message)
}

func (w words) unknown() error {
	return w.failure("UnrecognizedClientException", "InvalidClientTokenId", "The security token included in the request is invalid.")
}

func (w words) mismatch(message string) error {
	return w.failure("InvalidSignatureException", "SignatureDoesNotMatch", message)
}

func (w words) expired() error {
	return w.failure("ExpiredTokenException", "ExpiredToken", "The security token included in the request is expired")
}
