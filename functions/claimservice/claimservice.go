// Package claimservice is the step ClaimService: it takes the service's claim in the ledger, and the newest push wins.
//
// It reads the claim, lets [claim.Decide] decide, and writes the claim if nobody has changed it meanwhile. A step that
// is run again, by a retry or a redrive, finds that its execution holds the claim already.
//
// An image that was put into quarantine since CheckImage looked takes no claim: an execution that was redriven a day
// later, or that an older one of the same image overlaps, would deploy again what was rolled back. The step asks before
// it writes the claim, so that whoever rolls back does not lose it to an execution that deploys nothing; RegisterRevision
// asks once more, for an execution that waits after its claim. A service that an operator has begun to hold since gives no claim
// either; there UpdateService asks once more.
package claimservice

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/push"
)

// Ledger is where the claims are.
type Ledger interface {
	ledger.ClaimReader
	ledger.ClaimWriter
}

// Step takes claims.
type Step struct {
	Config     config.Config
	Claims     Ledger
	Quarantine ledger.QuarantineReader
	Holds      ledger.HoldReader
	Now        func() time.Time // by which a hold has passed
	Logger     *slog.Logger
}

// New makes the function.
func New(rt session.Runtime) handler.Func { return With(rt, time.Now) }

// With makes the function with another clock than the wall's.
func With(rt session.Runtime, now func() time.Time) handler.Func {
	table := dynamodb.NewFromConfig(rt.AWS)
	step := Step{
		Config:     rt.Config,
		Claims:     ledger.NewClaims(table, rt.Env.Ledger),
		Quarantine: ledger.NewQuarantined(table, rt.Env.Ledger),
		Holds:      ledger.NewHeld(table, rt.Env.Ledger),
		Now:        now,
		Logger:     rt.Logger,
	}
	return handler.Adapt(rt.Logger, step.Handle)
}

// contended is how often a claim is decided anew before the workflow is asked to try again: each round that is lost
// was won by another execution.
const contended = 5

// Handle takes the claim for the execution, or says who holds it.
func (s Step) Handle(ctx context.Context, request handler.Request) (claim.Result, error) {
	service, checked, err := s.document(request)
	if err != nil {
		return claim.Result{}, err
	}
	for range contended {
		result, err := s.take(ctx, service, checked, request)
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
func (s Step) take(ctx context.Context, service string, checked image.Checked, request handler.Request) (claim.Result, error) {
	held, err := s.Claims.Claim(ctx, service)
	if err != nil {
		return claim.Result{}, err
	}
	next, result := claim.Decide(held, candidate(checked, request.Execution), request.State.EnteredTime)
	if !result.Granted || held.HeldBy(request.Execution.ID) {
		return result, nil
	}
	if checked.Sweep != push.SweptRollout { // what is followed is not deployed
		refused, err := s.refuse(ctx, service, checked)
		if err != nil {
			return claim.Result{}, err
		}
		if refused.Quarantined || refused.Held {
			refused.Sequence, refused.Holder = held.Sequence, held.Holder
			return refused, nil
		}
	}
	if err := s.Claims.ReplaceClaim(ctx, service, held, next); err != nil {
		return claim.Result{}, err
	}
	return result, nil
}

// refuse says that the image came into quarantine since CheckImage looked, or that the service was held. Who goes back is not
// held: see CheckImage.
func (s Step) refuse(ctx context.Context, service string, checked image.Checked) (claim.Result, error) {
	q, quarantined, err := s.Quarantine.Quarantined(ctx, service, string(checked.Digest))
	if err != nil {
		return claim.Result{}, err
	}
	if quarantined {
		return claim.Result{Quarantined: true, Reason: q.Refusal(checked.Named())}, nil
	}
	hold, err := s.Holds.Hold(ctx, service)
	if err == nil && hold.InForce(s.Now()) && checked.Replaces == "" {
		return claim.Result{Held: true, Reason: hold.Refusal(checked.Named())}, nil
	}
	return claim.Result{}, err
}

// document reads what the execution is to deploy, and where.
func (s Step) document(request handler.Request) (service string, checked image.Checked, err error) {
	var document struct {
		Service string        `json:"service"`
		Image   image.Checked `json:"image"`
	}
	if err := json.Unmarshal(request.Document, &document); err != nil {
		return "", image.Checked{}, fault.New(fault.InputInvalid, "start anew with an input as in events/", "read the document: %w", err)
	}
	if _, err := s.Config.Lookup(document.Service); err != nil {
		return "", image.Checked{}, err
	}
	return document.Service, document.Image, nil
}

// candidate is what the execution asks for.
func candidate(checked image.Checked, execution handler.Execution) claim.Candidate {
	order := claim.Order{Version: checked.Version, Time: checked.Time, Start: execution.StartTime}
	if checked.Sweep == push.SweptPush {
		order.Start = checked.Time // an execution that an event of that very second has started is the newer
	}
	inService := ""
	if checked.Running.Digest == checked.Digest {
		inService = checked.Running.TaskDefinition
	}
	return claim.Candidate{
		Execution: execution.ID,
		InService: inService,
		Order:     order,
		Follows:   checked.Sweep == push.SweptRollout,
		Digest:    string(checked.Digest),
		Tag:       checked.Tag,
		Replaces:  string(checked.Replaces),
		Running:   checked.Running.Sequence,
	}
}
