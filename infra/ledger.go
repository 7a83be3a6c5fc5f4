package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// ledgerID is the logical id of the ledger.
const ledgerID = "Ledger"

// newLedger adds the table: one item per claim, token, quarantine, hold and history entry. It outlives its stack, and has no name of its
// own, so that a stack which is made anew beside an old table does not fail on it.
func newLedger(stack awscdk.Stack) {
	key := func(name, kind string) any {
		return &awsdynamodb.CfnTable_KeySchemaProperty{AttributeName: jsii.String(name), KeyType: jsii.String(kind)}
	}
	attribute := func(name string) any {
		return &awsdynamodb.CfnTable_AttributeDefinitionProperty{AttributeName: jsii.String(name), AttributeType: jsii.String("S")}
	}
	table := awsdynamodb.NewCfnTable(stack, jsii.String(ledgerID), &awsdynamodb.CfnTableProps{
		KeySchema:            []any{key("item", "HASH"), key("id", "RANGE")},
		AttributeDefinitions: []any{attribute("item"), attribute("id")},
		BillingMode:          jsii.String("PAY_PER_REQUEST"),
		PointInTimeRecoverySpecification: &awsdynamodb.CfnTable_PointInTimeRecoverySpecificationProperty{
			PointInTimeRecoveryEnabled: true,
		},
		TimeToLiveSpecification: &awsdynamodb.CfnTable_TimeToLiveSpecificationProperty{
			AttributeName: jsii.String("expires"), Enabled: true,
		},
		DeletionProtectionEnabled: true,
	})
	table.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
}
