package ledger

import (
	"context"
	"time"

	"fairlead/shared/fault"
)

// Deployed is what a service was deployed with by the newest execution that said so. It outlives a rollback of a later
// one: it is the last that is known to be good.
type Deployed struct {
	Service, Digest string
	// Tag is the tag under which the digest was deployed; empty where an operator named the digest.
	Tag string
	// TaskDefinition is the ARN of the revision, Execution that of the execution.
	TaskDefinition, Execution string
	// Sequence is that of the execution's claim: the higher is the newer.
	Sequence int64
	At       time.Time
}

// newer says whether d takes the place of another: a higher sequence does, and the same execution again.
func (d Deployed) newer(than Deployed) bool {
	return d.Sequence > than.Sequence || d.Sequence == than.Sequence && d.Execution == than.Execution
}

// DeployedKeeper keeps what each service was deployed with.
type DeployedKeeper interface {
	// SetDeployed keeps d, unless a newer execution has said what it deployed. Setting the same again changes nothing.
	SetDeployed(ctx context.Context, d Deployed) error
	DeployedReader
}

// DeployedReader reads what each service was deployed with.
type DeployedReader interface {
	// Deployed returns what is kept (a consistent read), and false for a service that was never deployed.
	Deployed(ctx context.Context, service string) (Deployed, bool, error)
}

// LastDeployed is [DeployedReader] in the table.
type LastDeployed struct {
	api   Getter
	table string
}

// NewLastDeployed returns what services were last deployed with, in a table; a function that uses it needs
// [DeployedReadPermissions].
func NewLastDeployed(api Getter, table string) *LastDeployed {
	return &LastDeployed{api: api, table: table}
}

// DeployedItems is [DeployedKeeper] in the table.
type DeployedItems struct {
	LastDeployed
	api Putter
}

// NewDeployedItems returns what services were deployed with, in a table; a function that uses it needs
// [DeployedPermissions].
func NewDeployedItems(api interface {
	Getter
	Putter
}, table string) *DeployedItems {
	return &DeployedItems{LastDeployed: LastDeployed{api: api, table: table}, api: api}
}

// deployedRow is the item "deployed#<service>", "deployed".
type deployedRow struct {
	key
	Service        string    `dynamodbav:"service"`
	Digest         string    `dynamodbav:"digest"`
	Tag            string    `dynamodbav:"tag"`
	TaskDefinition string    `dynamodbav:"taskDefinition"`
	Execution      string    `dynamodbav:"execution"`
	Sequence       int64     `dynamodbav:"sequence"`
	At             time.Time `dynamodbav:"at"`
}

// SetDeployed implements [DeployedKeeper].
func (i *DeployedItems) SetDeployed(ctx context.Context, d Deployed) error {
	row := deployedRow{key: deployedKey(d.Service), Service: d.Service, Digest: d.Digest, Tag: d.Tag, TaskDefinition: d.TaskDefinition,
		Execution: d.Execution, Sequence: d.Sequence, At: d.At}
	_, err := put(ctx, i.api, i.table, row, condition{
		expression: "attribute_not_exists(#id) OR #sequence < :sequence OR #sequence = :sequence AND #execution = :execution",
		names:      map[string]string{"#id": "id", "#sequence": "sequence", "#execution": "execution"},
		values:     map[string]any{":sequence": d.Sequence, ":execution": d.Execution},
	})
	return fault.FromAWS("write what service "+d.Service+" was deployed with", err)
}

// Deployed implements [DeployedReader].
func (i *LastDeployed) Deployed(ctx context.Context, service string) (Deployed, bool, error) {
	var row deployedRow
	found, err := get(ctx, i.api, i.table, deployedKey(service), &row)
	if err != nil || !found {
		return Deployed{}, false, fault.FromAWS("read what service "+service+" was deployed with", err)
	}
	return Deployed{Service: row.Service, Digest: row.Digest, Tag: row.Tag, TaskDefinition: row.TaskDefinition, Execution: row.Execution,
		Sequence: row.Sequence, At: row.At}, true, nil
}

// deployedKey is the key of what a service was deployed with.
func deployedKey(service string) key {
	return key{Item: item(kindDeployed, service), ID: kindDeployed}
}
