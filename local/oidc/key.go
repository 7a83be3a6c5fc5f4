package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// bits is the size of the key.
const bits = 2048

// key returns the issuer's one key. It does not come from the world's seed: nothing in the world is decided by it.
func (s *Service) key() jose.JSONWebKey {
	private, err := x509.ParsePKCS1PrivateKey(s.state.Key)
	if err != nil {
		if private, err = rsa.GenerateKey(rand.Reader, bits); err != nil {
			panic(fmt.Sprintf("oidc: the system gives no random numbers: %v", err))
		}
		s.state.Key = x509.MarshalPKCS1PrivateKey(private)
	}
	id := sha256.Sum256(private.N.Bytes())
	return jose.JSONWebKey{Key: private, KeyID: hex.EncodeToString(id[:8]), Algorithm: string(jose.RS256), Use: "sig"}
}
