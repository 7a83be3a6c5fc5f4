package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// algorithm is the one that is served; SigV4A (ECDSA) is not.
const algorithm = "AWS4-HMAC-SHA256"

// stamp is the form of X-Amz-Date.
const stamp = "20060102T150405Z"

// signature is what a request says about its signature.
type signature struct {
	accessKey, date, region, service string // Credential, taken apart
	headers                          []string
	hex                              string
	signedAt                         time.Time
	token                            string
	presigned                        bool
	lives                            time.Duration // a presigned request's
}

// read takes the signature off a request. The error is a sentence for IncompleteSignature; none means that there is no
// signature if hex is empty.
func read(r *http.Request) (signature, string) {
	if h := r.Header.Get("Authorization"); h != "" {
		return fromHeader(r, h)
	}
	if q := r.URL.Query(); q.Has("X-Amz-Signature") || q.Has("X-Amz-Credential") {
		return fromQuery(q)
	}
	return signature{}, ""
}

func fromHeader(r *http.Request, h string) (signature, string) {
	rest, ok := strings.CutPrefix(h, algorithm+" ")
	if !ok {
		return signature{}, "Unsupported AWS 'algorithm': '" + strings.SplitN(h, " ", 2)[0] + "'."
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[name] == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if len(missing) > 0 {
		return signature{}, strings.Join(missing, " ") + " Authorization=" + h
	}
	s := signature{hex: fields["Signature"], headers: strings.Split(fields["SignedHeaders"], ";"), token: r.Header.Get("X-Amz-Security-Token")}
	return s.complete(fields["Credential"], r.Header.Get("X-Amz-Date"))
}

func fromQuery(q url.Values) (signature, string) {
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"} {
		if q.Get(name) == "" {
			return signature{}, "AWS query-string parameters must include '" + name + "'."
		}
	}
	if q.Get("X-Amz-Algorithm") != algorithm {
		return signature{}, "Unsupported AWS 'algorithm': '" + q.Get("X-Amz-Algorithm") + "'."
	}
	lives, err := time.ParseDuration(q.Get("X-Amz-Expires") + "s")
	if err != nil || lives < 0 || lives > 7*24*time.Hour {
		return signature{}, "X-Amz-Expires must be a number of seconds of at most a week."
	}
	s := signature{hex: q.Get("X-Amz-Signature"), headers: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"),
		token: q.Get("X-Amz-Security-Token"), presigned: true, lives: lives}
	return s.complete(q.Get("X-Amz-Credential"), q.Get("X-Amz-Date"))
}

// complete reads the credential's scope, key/date/region/service/aws4_request, and the time.
func (s signature) complete(credential, date string) (signature, string) {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return signature{}, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + credential + "'"
	}
	s.accessKey, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	at, err := time.Parse(stamp, date)
	if err != nil {
		return signature{}, "Date must be in ISO-8601 'basic format'. Got '" + date + "'. See http://en.wikipedia.org/wiki/ISO_8601"
	}
	if !strings.HasPrefix(date, s.date) {
		return signature{}, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + s.date + "' != '" + date[:8] + "'."
	}
	s.signedAt = at
	return s, ""
}
