package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	embedded "fairlead/local/dynamodb"
	"fairlead/local/iam/policy"
	"fairlead/local/wire"
	"fairlead/local/world"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/ledger/ledgertest"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
)

const tableName = "fairlead-ledger"

// TestWire runs the suite through the real SDK against the embedded DynamoDB, each part of the ledger under no more
// than the permissions that its functions have.
func TestWire(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Ledger {
		db := newDatabase(t)
		return ledgertest.Ledger{
			Claims:   ledger.NewClaims(db.as("claims"), tableName),
			Parked:   ledger.NewParkedTokens(db.as("waiter"), tableName),
			Waiting:  ledger.NewWaitingTokens(db.as("waker"), tableName),
			History:  ledger.NewHistory(db.as("history"), tableName),
			Past:     ledger.NewPastHistory(db.as("reader"), tableName),
			Asked:    ledger.NewQuarantined(db.as("asker"), tableName),
			Setter:   ledger.NewQuarantineSetter(db.as("setter"), tableName),
			Keeper:   ledger.NewQuarantines(db.as("keeper"), tableName),
			Deployed: ledger.NewDeployedItems(db.as("deployer"), tableName),
			Sweeps:   ledger.NewSweeps(db.as("sweeper"), tableName),
			Held:     ledger.NewHeld(db.as("held"), tableName),
			Holds:    ledger.NewHolds(db.as("holder"), tableName),
		}
	})
}

func TestNoFunctionReachesTheItemsOfAnotherKind(t *testing.T) {
	db := newDatabase(t)
	_, claims := ledger.NewHistory(db.as("claims"), tableName).Announced(t.Context(), "web", "a")
	_, history := ledger.NewClaims(db.as("history"), tableName).Claim(t.Context(), "web")
	_, waiter := ledger.NewWaitingTokens(db.as("waiter"), tableName).Tokens(t.Context(), "web")
	_, keeper := ledger.NewClaims(db.as("keeper"), tableName).Claim(t.Context(), "web")
	_, _, claimer := ledger.NewQuarantined(db.as("claims"), tableName).Quarantined(t.Context(), "web", "sha256:a")
	asker := ledger.NewQuarantineSetter(db.as("asker"), tableName).SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: "sha256:a"})
	_, setter := ledger.NewQuarantines(db.as("setter"), tableName).Quarantines(t.Context(), "web")
	_, deployer := ledger.NewClaims(db.as("deployer"), tableName).Claim(t.Context(), "web")
	_, holder := ledger.NewClaims(db.as("holder"), tableName).Claim(t.Context(), "web")
	_, held := ledger.NewHolds(db.as("held"), tableName).SetHold(t.Context(), ledger.Hold{Service: "web"})
	for name, err := range map[string]error{"holder": holder, "held": held, "claims": claims, "deployer": deployer, "history": history, "waiter": waiter,
		"keeper": keeper, "claims of quarantines": claimer, "asker": asker, "setter": setter} {
		if f := fault.From(err); f == nil || f.Code != fault.PermissionDenied {
			t.Errorf("role %s: got %v, want %s", name, err, fault.PermissionDenied)
		}
	}
}

// TestTheTableForgetsWhatHasExpired wants the attribute that the table expires items by in the form that it takes:
// seconds, as a number.
func TestTheTableForgetsWhatHasExpired(t *testing.T) {
	db := newDatabase(t)
	gone := db.world.Now().Add(-49 * time.Hour) // DynamoDB takes up to two days
	if _, err := ledger.NewParkedTokens(db.as("waiter"), tableName).StoreToken(t.Context(), ledger.Token{Service: "web", Token: "x", Expires: gone}); err != nil {
		t.Fatal(err)
	}
	history := ledger.NewHistory(db.as("history"), tableName)
	if err := history.Append(t.Context(), ledger.Entry{Service: "web", ID: "a", Expires: gone}); err != nil {
		t.Fatal(err)
	}
	if _, err := history.MarkAnnounced(t.Context(), "web", "a", gone); err != nil {
		t.Fatal(err)
	}
	tokens, err := ledger.NewWaitingTokens(db.as("waker"), tableName).Tokens(t.Context(), "web")
	if err != nil || len(tokens) != 0 {
		t.Errorf("got tokens %+v, %v; want none", tokens, err)
	}
	entries, err := ledger.NewPastHistory(db.as("reader"), tableName).History(t.Context(), "web", 9)
	if err != nil || len(entries) != 0 {
		t.Errorf("got history %+v, %v; want none", entries, err)
	}
	if announced, err := history.Announced(t.Context(), "web", "a"); err != nil || announced {
		t.Errorf("got announced %v, %v; want that it is forgotten", announced, err)
	}
}

// database is an embedded AWS with the ledger's table, and with roles named by what they are for.
type database struct {
	t     *testing.T
	world *world.World
	roles map[string][]policy.Document
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	db := &database{t: t, world: w, roles: map[string][]policy.Document{}}
	tables := embedded.New(w)
	w.Add(tables)
	w.SetAuthority(db)
	made, err := tables.Declare(world.Declared{Type: "AWS::DynamoDB::Table", Properties: json.RawMessage(`{"TableName":"` + tableName + `",
		"KeySchema":[{"AttributeName":"item","KeyType":"HASH"},{"AttributeName":"id","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"item","AttributeType":"S"},{"AttributeName":"id","AttributeType":"S"}],
		"TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}}`)})
	if err != nil {
		t.Fatal(err)
	}
	arn, _ := made.Attributes["Arn"].(string)
	place := permission.Place{TableARN: arn}
	db.allow("claims", ledger.ClaimPermissions(place))
	db.allow("waiter", ledger.WaiterPermissions(place))
	db.allow("waker", ledger.WakerPermissions(place))
	db.allow("history", ledger.HistoryPermissions(place))
	db.allow("asker", ledger.QuarantineReadPermissions(place))
	db.allow("setter", ledger.QuarantineWritePermissions(place))
	db.allow("deployer", ledger.DeployedPermissions(place))
	db.allow("keeper", ledger.QuarantineKeeperPermissions(place))
	db.allow("held", ledger.HoldReadPermissions(place))
	db.allow("holder", ledger.HoldKeeperPermissions(place))
	db.allow("sweeper", ledger.SweepPermissions(place))
	db.allow("reader", []permission.Statement{{Actions: []string{"dynamodb:Query"}, Resources: []string{arn}}})
	return db
}

// allow gives a role its policy, as infra/ writes it.
func (db *database) allow(role string, statements []permission.Statement) {
	db.t.Helper()
	var list []map[string]any
	for _, s := range statements {
		statement := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": s.Resources}
		if len(s.Conditions) > 0 {
			statement["Condition"] = s.Conditions
		}
		list = append(list, statement)
	}
	raw, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": list})
	if err != nil {
		db.t.Fatal(err)
	}
	document, err := policy.Parse(raw, policy.Identity)
	if err != nil {
		db.t.Fatal(err)
	}
	db.roles[role] = []policy.Document{document}
}

// Authorize implements [world.Authority].
func (db *database) Authorize(who world.Principal, action, resource string, keys world.Keys) error {
	request := policy.Request{Action: action, Resource: resource, Keys: policy.NewKeys(keys), Caller: policy.Caller{ARN: who.ARN, Account: who.Account}}
	if !policy.Decide(request, policy.Policies{Identity: db.roles[who.ARN]}).Allowed {
		return errors.New("User: " + who.ARN + " is not authorized to perform: " + action + " on resource: " + resource)
	}
	return nil
}

// as is an SDK client under a role.
func (db *database) as(role string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", Retryer: aws.NopRetryer{}, HTTPClient: caller{db, role},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "x"}, nil
		}),
	})
}

// caller is an HTTP client whose other end is the embedded AWS.
type caller struct {
	db   *database
	role string
}

func (c caller) Do(r *http.Request) (*http.Response, error) {
	body, err := wire.ReadBody(r)
	if err != nil {
		return nil, err
	}
	in, err := wire.Parse(r, body)
	if err != nil {
		return nil, err
	}
	reply := httptest.NewRecorder()
	out, err := c.db.world.Call(world.Request{Service: in.Service, Operation: in.Operation, Body: in.Input,
		Principal: world.Principal{ARN: c.role, Account: "123456789012"}})
	if err != nil {
		e := world.AsError(err)
		in.Protocol.WriteError(reply, "request", wire.Failure{Code: e.Code, Message: e.Message, Status: e.Status, Fields: e.Fields})
	} else {
		in.Protocol.WriteOutput(reply, in.Operation, "request", out)
	}
	return reply.Result(), nil
}
