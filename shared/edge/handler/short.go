package handler

import (
	"crypto/sha256"
	"encoding/hex"
)

// Short returns the 16 hexadecimal digits that stand for an execution where its ARN is too long: in names of sessions and in
// the ledger's sort keys.
func Short(executionARN string) string {
	sum := sha256.Sum256([]byte(executionARN))
	return hex.EncodeToString(sum[:8])
}
