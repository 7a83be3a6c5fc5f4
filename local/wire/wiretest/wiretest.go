// Package wiretest lets a test speak to a part of the embedded AWS with a real SDK client.
package wiretest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"fairlead/local/wire"
	"fairlead/local/world"
)

// Config is the configuration of an SDK client whose requests call serves. Signatures are not looked at, and the client does
// not try a second time.
func Config(t testing.TB, call func(world.Request) (any, error)) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := wire.ReadBody(r)
		if err != nil {
			t.Error(err)
		}
		in, err := wire.Parse(r, body)
		if err != nil {
			t.Error(err)
		}
		out, err := call(world.Request{Service: in.Service, Operation: in.Operation, Body: in.Input})
		if err != nil {
			e := world.AsError(err)
			in.Protocol.WriteError(rw, "1", wire.Failure{Code: e.Code, Message: e.Message, Status: e.Status})
			return
		}
		in.Protocol.WriteOutput(rw, in.Operation, "1", out)
	}))
	t.Cleanup(server.Close)
	return aws.Config{BaseEndpoint: &server.URL, Region: "eu-west-1", Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "y"}, nil
		})}
}
