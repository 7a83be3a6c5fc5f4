package gatetest

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

// List is the authority's list of revoked certificates, which holds until then.
func (c Certificate) List(t testing.TB, until time.Time, revoked ...Certificate) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: until}
	for _, r := range revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.certificate.SerialNumber, RevocationTime: time.Now().Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, c.certificate, c.private)
	check(t, err)
	return der
}

// Answer is what the authority's OCSP responder says of a certificate: ocsp.Good, ocsp.Revoked or ocsp.Unknown.
func (c Certificate) Answer(t testing.TB, of Certificate, status int) []byte {
	t.Helper()
	der, err := ocsp.CreateResponse(c.certificate, c.certificate, ocsp.Response{Status: status, SerialNumber: of.certificate.SerialNumber,
		ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour), RevokedAt: time.Now().Add(-time.Hour)}, c.private)
	check(t, err)
	return der
}
