package steps

import (
	"bytes"
	"io"
	"net/http"
)

// transport is an HTTP client that speaks to the lab's embedded AWS without a network.
type transport struct {
	lab *Lab
	of  *flight // the function that calls; nil for a person
}

// Do serves the request when it has arrived.
func (t transport) Do(r *http.Request) (*http.Response, error) {
	t.of.travel(r)
	reply := &recorder{header: http.Header{}, status: http.StatusOK}
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	served.RequestURI = r.URL.RequestURI()
	err := t.serve(reply, served)
	t.of.answered()
	if err != nil {
		return nil, err
	}
	return &http.Response{Status: http.StatusText(reply.status), StatusCode: reply.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: reply.header, Body: io.NopCloser(&reply.body), ContentLength: int64(reply.body.Len()), Request: r}, nil
}

// serve returns an error where the embedded AWS breaks the connection.
func (t transport) serve(w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			err = io.ErrUnexpectedEOF
		default:
			panic(cause)
		}
	}()
	t.lab.ServeHTTP(w, r)
	return nil
}

// RoundTrip lets a push to the lab's registry go the same way.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t.Do(r) }

// Transport returns an [http.RoundTripper] to the lab's embedded AWS.
func (l *Lab) Transport() http.RoundTripper { return transport{l, nil} }

type recorder struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
}

func (r *recorder) Write(chunk []byte) (int, error) {
	r.wrote = true
	return r.body.Write(chunk)
}
