package lossless

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"fairlead/shared/revision"
)

// keepRaw keeps the body of the answer as it travelled, before the SDK takes from it what it knows.
func keepRaw(into *[]byte) func(*ecs.Options) {
	keep := middleware.DeserializeMiddlewareFunc("KeepRawAnswer", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !ok {
			return out, metadata, err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return out, metadata, fmt.Errorf("read the answer: %w", err)
		}
		*into, response.Body = body, rest{bytes.NewReader(body), response.Body}
		return out, metadata, nil
	})
	return option(func(stack *middleware.Stack) error { return stack.Deserialize.Add(keep, middleware.After) })
}

// rest is a body that was read and can be read again; closing it closes the connection's.
type rest struct {
	io.Reader
	io.Closer
}

// prove holds the request, as it will travel, against the description that it was copied from, and stops it if anything
// differs but the change. The SDK's own check of required fields is left out: what ECS itself described, ECS judges.
func prove(rawDescription []byte, change revision.Change) func(*ecs.Options) {
	compare := middleware.BuildMiddlewareFunc("ProveCopy", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
		if err := compareBody(in.Request, rawDescription, change); err != nil {
			return middleware.BuildOutput{}, middleware.Metadata{}, err
		}
		return next.HandleBuild(ctx, in)
	})
	return option(func(stack *middleware.Stack) error {
		if _, err := stack.Initialize.Remove("OperationInputValidation"); err != nil {
			return err
		}
		return stack.Build.Add(compare, middleware.Before)
	})
}

// compareBody reads the body of a request that was serialised, compares it, and rewinds it.
func compareBody(request any, rawDescription []byte, change revision.Change) error {
	r, ok := request.(*smithyhttp.Request)
	if !ok || r.GetStream() == nil || !r.IsStreamSeekable() {
		return errors.New("compare the next revision with its base: the request has no body that can be read twice")
	}
	body, err := io.ReadAll(r.GetStream())
	if err != nil {
		return fmt.Errorf("compare the next revision with its base: %w", err)
	}
	if err := r.RewindStream(); err != nil {
		return fmt.Errorf("compare the next revision with its base: %w", err)
	}
	return revision.Compare(rawDescription, body, change)
}

// option adds to what the SDK does for one call.
func option(add func(*middleware.Stack) error) func(*ecs.Options) {
	return func(o *ecs.Options) { o.APIOptions = append(o.APIOptions, add) }
}
