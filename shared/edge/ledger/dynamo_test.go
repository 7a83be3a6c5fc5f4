package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/ledger/ledgertest"
)

func TestDynamoDB(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledgertest.Ledger {
		api := &table{items: map[string]row{}}
		const name = "fairlead-ledger"
		return ledgertest.Ledger{
			Claims: ledger.NewClaims(api, name), Parked: ledger.NewParkedTokens(api, name),
			Waiting: ledger.NewWaitingTokens(api, name), History: ledger.NewHistory(api, name), Past: ledger.NewPastHistory(api, name),
			Asked: ledger.NewQuarantined(api, name), Setter: ledger.NewQuarantineSetter(api, name), Keeper: ledger.NewQuarantines(api, name),
			Deployed: ledger.NewDeployedItems(api, name), Sweeps: ledger.NewSweeps(api, name),
			Held: ledger.NewHeld(api, name), Holds: ledger.NewHolds(api, name),
		}
	})
}

type row = map[string]types.AttributeValue

// table is as much of DynamoDB as the ledger uses. It serves pages of one item, so that paging is tested too.
type table struct{ items map[string]row }

func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	default:
		panic(fmt.Sprintf("the ledger compares %T", v))
	}
}

func keyOf(r row) string { return text(r["item"]) + "\x00" + text(r["id"]) }

func (d *table) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if in.ConsistentRead == nil || !*in.ConsistentRead {
		return nil, fmt.Errorf("the read is not consistent")
	}
	return &dynamodb.GetItemOutput{Item: d.items[keyOf(in.Key)]}, nil
}

func (d *table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	there, found := d.items[keyOf(in.Item)]
	if in.ConditionExpression != nil && !holds(*in.ConditionExpression, there, found, in.ExpressionAttributeNames, in.ExpressionAttributeValues) {
		return nil, &types.ConditionalCheckFailedException{}
	}
	d.items[keyOf(in.Item)] = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func (d *table) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	there, found := d.items[keyOf(in.Key)]
	if !holds(*in.ConditionExpression, there, found, in.ExpressionAttributeNames, in.ExpressionAttributeValues) {
		return nil, &types.ConditionalCheckFailedException{}
	}
	delete(d.items, keyOf(in.Key))
	return &dynamodb.DeleteItemOutput{}, nil
}

func (d *table) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	var keys []string
	prefix := text(in.ExpressionAttributeValues[":item"]) + "\x00"
	for key := range d.items {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if !*in.ScanIndexForward {
		slices.Reverse(keys)
	}
	if in.ExclusiveStartKey != nil {
		keys = keys[slices.Index(keys, keyOf(in.ExclusiveStartKey))+1:]
	}
	if len(keys) == 0 {
		return &dynamodb.QueryOutput{}, nil
	}
	item := d.items[keys[0]]
	return &dynamodb.QueryOutput{Items: []row{item}, LastEvaluatedKey: row{"item": item["item"], "id": item["id"]}}, nil
}

// holds evaluates the conditions that the ledger writes: comparisons joined by AND or by OR.
func holds(expression string, there row, found bool, names map[string]string, values row) bool {
	if either := strings.Split(expression, " OR "); len(either) > 1 {
		return slices.ContainsFunc(either, func(e string) bool { return holds(e, there, found, names, values) })
	}
	for part := range strings.SplitSeq(expression, " AND ") {
		if !compares(part, there, found, names, values) {
			return false
		}
	}
	return true
}

func compares(part string, there row, found bool, names map[string]string, values row) bool {
	var name, operator, value string
	if part == "attribute_not_exists(#id)" {
		return !found
	}
	if n, err := fmt.Sscan(part, &name, &operator, &value); n != 3 || err != nil || names[name] == "" || values[value] == nil {
		panic("the ledger writes the condition " + part)
	}
	if !found {
		return false
	}
	have, want := text(there[names[name]]), text(values[value])
	switch operator {
	case "=":
		return have == want
	case "<": // of numbers
		return number(have) < number(want)
	case "<=":
		return have <= want
	default:
		panic("the ledger writes the operator " + operator)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic("the ledger compares as a number " + text)
	}
	return n
}
