package sigv4

import "fairlead/local/world"

// Secret is what the signer and the verifier of a request share.
type Secret struct {
	Key       string // the secret access key
	Token     string // the session token; empty for a user's own key
	Principal world.Principal
	Expired   bool // the session's time is over
}

// Lookup finds the secret behind an access key.
type Lookup func(accessKeyID string) (Secret, bool)
