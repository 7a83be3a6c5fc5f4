package signer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	core "github.com/notaryproject/notation-core-go/signature"
)

// authority is the chain below which the service signs, made when it is first needed. It does not come from the world's
// seed: nothing in the world is decided by it. The keys of those above the signing certificate are thrown away.
type authority struct {
	Chain [][]byte `json:"chain"` // DER: the signing certificate, the region's, the root
	Key   []byte   `json:"key"`   // the signing certificate's, PKCS #8
}

// Root is the PEM of the root certificate, as AWS publishes its own.
func (s *Service) Root() (string, error) {
	if err := s.state.Authority.make(s.w.Now(), s.w.Region); err != nil {
		return "", err
	}
	root := s.state.Authority.Chain[len(s.state.Authority.Chain)-1]
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})), nil
}

// signer signs with the authority's certificate.
func (a *authority) signer(now time.Time, region string) (core.Signer, error) {
	if err := a.make(now, region); err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for _, der := range a.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, certificate)
	}
	key, err := x509.ParsePKCS8PrivateKey(a.Key)
	if err != nil {
		return nil, err
	}
	return core.NewLocalSigner(chain, key)
}

// years is how long the certificates are valid.
const years = 100

// make makes the chain, if there is none yet. The names are like AWS's, and say whose they are.
func (a *authority) make(now time.Time, region string) error {
	if a.Chain != nil {
		return nil
	}
	ca := x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	leaf := x509.Certificate{BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}
	var above *x509.Certificate
	var aboveKey, key *ecdsa.PrivateKey
	var made authority
	for i, link := range []struct {
		of   x509.Certificate
		name string
	}{{ca, "AWS Signer Code Signing Root CA G1"}, {ca, "AWS Signer " + region + " Code Signing CA G1"}, {leaf, "AWS Signer"}} {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader); err != nil {
			return err
		}
		link.of.SerialNumber, link.of.NotBefore, link.of.NotAfter = big.NewInt(int64(i+1)), now.AddDate(0, 0, -1), now.AddDate(years, 0, 0)
		link.of.Subject = pkix.Name{Country: []string{"US"}, Province: []string{"WA"}, Locality: []string{"Seattle"},
			Organization: []string{"Fairlead's embedded AWS"}, CommonName: link.name}
		if above == nil {
			above, aboveKey = &link.of, key
		}
		der, err := x509.CreateCertificate(rand.Reader, &link.of, above, key.Public(), aboveKey)
		if err != nil {
			return err
		}
		made.Chain = append([][]byte{der}, made.Chain...)
		if above, err = x509.ParseCertificate(der); err != nil {
			return err
		}
		aboveKey = key
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("the signing key: %w", err)
	}
	made.Key = der
	*a = made
	return nil
}
