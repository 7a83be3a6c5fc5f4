package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// minRSA is the shortest RSA key that is trusted, in bits.
const minRSA = 2048

// Key is a public key that signatures are held against. The zero value verifies nothing.
type Key struct {
	public      crypto.PublicKey
	fingerprint string
}

// ParseKey reads the PEM of one public key, as `cosign generate-key-pair` writes it to cosign.pub: ECDSA on a curve of
// NIST, RSA of 2048 bits or more, or Ed25519.
func ParseKey(text string) (Key, error) {
	block, rest := pem.Decode([]byte(text))
	switch {
	case block == nil:
		return Key{}, errors.New("want the PEM of a public key: -----BEGIN PUBLIC KEY----- …")
	case strings.Contains(block.Type, "PRIVATE"):
		return Key{}, errors.New("this is a private key, which belongs to whoever signs, and into no configuration: want the public key")
	case block.Type != "PUBLIC KEY":
		return Key{}, fmt.Errorf("want the PEM of a public key, not of a %s", strings.ToLower(block.Type))
	case strings.TrimSpace(string(rest)) != "":
		return Key{}, errors.New("want one public key, and nothing behind it")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("the public key cannot be read: %w", err)
	}
	sum := sha256.Sum256(block.Bytes)
	key := Key{public, "SHA256:" + hex.EncodeToString(sum[:])}
	switch k := public.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return key, nil
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSA {
			return Key{}, fmt.Errorf("an RSA key has %d bits or more, this one %d", minRSA, k.N.BitLen())
		}
		return key, nil
	default:
		return Key{}, errors.New("want a key of ECDSA, RSA or Ed25519")
	}
}

// Fingerprint is the SHA-256 of the key's DER form, as `openssl pkey -pubin -outform der | sha256sum` computes it.
func (k Key) Fingerprint() string { return k.fingerprint }

// Verify says whether the key signed the message, nil if so. RSA is PKCS #1 v1.5, as cosign signs; the hash is SHA-256,
// which cosign uses for every key, or for ECDSA the one that goes with the curve.
func (k Key) Verify(message, sig []byte) error {
	sum256, sum384, sum512 := sha256.Sum256(message), sha512.Sum384(message), sha512.Sum512(message)
	signed := false
	switch public := k.public.(type) {
	case *ecdsa.PublicKey:
		signed = ecdsa.VerifyASN1(public, sum256[:], sig)
		switch public.Curve.Params().BitSize {
		case 384:
			signed = signed || ecdsa.VerifyASN1(public, sum384[:], sig)
		case 521:
			signed = signed || ecdsa.VerifyASN1(public, sum512[:], sig)
		}
	case *rsa.PublicKey:
		signed = rsa.VerifyPKCS1v15(public, crypto.SHA256, sum256[:], sig) == nil
	case ed25519.PublicKey:
		signed = ed25519.Verify(public, message, sig)
	}
	if !signed {
		return errors.New("it is not signed by the key " + k.fingerprint)
	}
	return nil
}

// ParseCertificates reads the PEM of certificates of authorities, one or more.
func ParseCertificates(text string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("want certificates alone, not a %s", strings.ToLower(block.Type))
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(all)+1, err)
		}
		all = append(all, certificate)
	}
	if len(all) == 0 || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("want the PEM of certificates: -----BEGIN CERTIFICATE----- …")
	}
	return all, nil
}
