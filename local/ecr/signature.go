package ecr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// tokenLife is how long an authorization token is valid. Source:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
const tokenLife = 12 * time.Hour

// Why a client of the registry is not let in. The second is told in ECR's own words.
var (
	ErrTokenInvalid = errors.New("the authorization token is none of this registry")
	ErrTokenExpired = errors.New("Your authorization token has expired. Reauthenticate and try again.")
)

// ticket is what an authorization token says, under the service's signature.
type ticket struct {
	Who     world.Principal `json:"who"`
	Expires time.Time       `json:"expires"`
}

type tokenInput struct {
	RegistryIDs []string `json:"registryIds"`
}

type tokenOutput struct {
	AuthorizationData []authorization `json:"authorizationData"`
}

type authorization struct {
	Token         string       `json:"authorizationToken"`
	ExpiresAt     *world.Epoch `json:"expiresAt"`
	ProxyEndpoint string       `json:"proxyEndpoint"`
}

func (s *Service) getAuthorizationToken(c *world.Call, in tokenInput) (tokenOutput, error) {
	if err := c.Authorize("ecr:GetAuthorizationToken", "*", nil); err != nil {
		return tokenOutput{}, err
	}
	for _, id := range in.RegistryIDs {
		if id != s.w.Account {
			return tokenOutput{}, s.notImplemented("the registry of another account: " + id)
		}
	}
	expires := s.w.Now().Add(tokenLife)
	said, err := json.Marshal(ticket{c.Principal, expires})
	if err != nil {
		return tokenOutput{}, err
	}
	password := encode(said) + "." + encode(s.sign(said))
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
	return tokenOutput{[]authorization{{token, world.EpochOf(expires), "http://" + s.host()}}}, nil
}

// Principal returns who a client of the registry is: the one to whom the token, the password of its login, was given.
// The error is ErrTokenInvalid or ErrTokenExpired.
func (s *Service) Principal(password string) (world.Principal, error) {
	head, tail, _ := strings.Cut(password, ".")
	said, err := base64.RawURLEncoding.DecodeString(head)
	signature, err2 := base64.RawURLEncoding.DecodeString(tail)
	if err != nil || err2 != nil || !hmac.Equal(signature, s.sign(said)) {
		return world.Principal{}, ErrTokenInvalid
	}
	var t ticket
	if err := json.Unmarshal(said, &t); err != nil {
		return world.Principal{}, ErrTokenInvalid
	}
	if !s.w.Now().Before(t.Expires) {
		return world.Principal{}, ErrTokenExpired
	}
	return t.Who, nil
}

func (s *Service) sign(what []byte) []byte {
	if s.state.Secret == "" {
		s.state.Secret = s.w.Hex(64)
	}
	mac := hmac.New(sha256.New, []byte(s.state.Secret))
	mac.Write(what)
	return mac.Sum(nil)
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// DownloadPath is where the layers' download URLs lead. On AWS it is a bucket of S3 that ECR signs URLs for.
const DownloadPath = "/ecr-layers/"

// downloadLife is how long a download URL is valid: ECR signs for an hour.
const downloadLife = time.Hour

// downloadURL returns an address from which anybody can read the layer for an hour.
func (s *Service) downloadURL(digest string) string {
	expires := strconv.FormatInt(s.w.Now().Add(downloadLife).Unix(), 10)
	query := url.Values{"X-Expires": {expires}, "X-Signature": {encode(s.sign(downloadClaim(digest, expires)))}}
	return "http://" + s.host() + DownloadPath + digest + "?" + query.Encode()
}

func downloadClaim(digest, expires string) []byte { return []byte("GET " + digest + " " + expires) }

// Download returns the digest of the layer that the download URL names. The error is a sentence of S3.
func (s *Service) Download(address *url.URL) (string, error) {
	digest := strings.TrimPrefix(address.Path, DownloadPath)
	expires := address.Query().Get("X-Expires")
	signature, err := base64.RawURLEncoding.DecodeString(address.Query().Get("X-Signature"))
	if err != nil || !hmac.Equal(signature, s.sign(downloadClaim(digest, expires))) {
		return "", errors.New("Access Denied")
	}
	until, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || s.w.Now().Unix() >= until {
		return "", errors.New("Request has expired")
	}
	return digest, nil
}
