// Package claimservice is the step ClaimService: it takes the service's claim in the ledger, and the newest push wins.
//
// It reads the claim, lets [claim.Decide] decide, and writes the claim if nobody has changed it meanwhile. A step that
// is run again, by a retry or a redrive, finds that its execution holds the claim already.
package claimservice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// Ledger is where the claims are.
type Ledger interface {
	ledger.ClaimReader
	ledger.ClaimWriter
}

// Step takes claims.
type Step struct {
	Config config.Config
	Claims Ledger
	Logger *slog.Logger
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	step := Step{
		Config: rt.Config,
		Claims: ledger.NewClaims(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
		Logger: rt.Logger,
	}
	return handler.Adapt(rt.Logger, step.Handle)
}

// contended is how often a claim is decided anew before the workflow is asked to try again: each round that is lost
// was won by another execution.
const contended = 5

// Handle takes the claim for the execution, or says who holds it.
func (s Step) Handle(ctx context.Context, request handler.Request) (claim.Result, error) {
	service, candidate, err := s.candidate(request)
	if err != nil {
		return claim.Result{}, err
	}
	for range contended {
		result, err := s.take(ctx, service, candidate, request)
		if errors.Is(err, ledger.ErrChanged) {
			continue
		}
		if err != nil {
			return claim.Result{}, err
		}
		s.Logger.InfoContext(ctx, "claim decided", "service", service, "granted", result.Granted, "reason", result.Reason,
			"sequence", result.Sequence, "holder", result.Holder)
		return result, nil
	}
	return claim.Result{}, fault.New(fault.LedgerContended, "redrive the execution",
		"take the claim of service %s: %d times another execution was faster", service, contended)
}

// take decides once, by the claim as it is now.
func (s Step) take(ctx context.Context, service string, candidate claim.Candidate, request handler.Request) (claim.Result, error) {
	held, err := s.Claims.Claim(ctx, service)
	if err != nil {
		return claim.Result{}, err
	}
	next, result := claim.Decide(held, candidate, request.State.EnteredTime)
	if !result.Granted || held.HeldBy(candidate.Execution) {
		return result, nil
	}
	if err := s.Claims.ReplaceClaim(ctx, service, held, next); err != nil {
		return claim.Result{}, err
	}
	return result, nil
}

// candidate reads from the document what the execution asks for.
func (s Step) candidate(request handler.Request) (service string, candidate claim.Candidate, err error) {
	var document struct {
		Service string        `json:"service"`
		Image   image.Checked `json:"image"`
	}
	if err := json.Unmarshal(request.Document, &document); err != nil {
		return "", claim.Candidate{}, fault.New(fault.InputInvalid, "start anew with an input as in events/", "read the document: %w", err)
	}
	if _, err := s.Config.Lookup(document.Service); err != nil {
		return "", claim.Candidate{}, err
	}
	return document.Service, claim.Candidate{
		Execution: request.Execution.ID,
		Order: claim.Order{
			Version: document.Image.Version, Time: document.Image.Time, Start: request.Execution.StartTime,
		},
		Digest:   string(document.Image.Digest),
		Tag:      document.Image.Tag,
		Replaces: string(document.Image.Replaces),
		Running:  document.Image.Running.Sequence,
	}, nil
}
