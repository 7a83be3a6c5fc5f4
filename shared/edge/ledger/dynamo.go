package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Getter reads an item.
type Getter interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Putter writes an item.
type Putter interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Deleter deletes an item.
type Deleter interface {
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Querier reads the items of one partition.
type Querier interface {
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// key is the primary key of every item.
type key struct {
	Item string `dynamodbav:"item"`
	ID   string `dynamodbav:"id"`
}

// condition is what must hold of an item for a write of it. The zero condition always holds.
type condition struct {
	expression string
	names      map[string]string // "#holder": "holder"; every name has one, for many words are reserved
	values     map[string]any    // ":holder": "arn:…"
}

// absent holds if there is no such item.
func absent() condition {
	return condition{expression: "attribute_not_exists(#id)", names: map[string]string{"#id": "id"}}
}

// put writes an item if the condition holds, and says whether it did.
func put(ctx context.Context, api Putter, table string, in any, when condition) (bool, error) {
	row, err := attributevalue.MarshalMap(in)
	if err != nil {
		return false, fmt.Errorf("encode an item of the ledger: %w", err)
	}
	input := &dynamodb.PutItemInput{TableName: aws.String(table), Item: row, ExpressionAttributeNames: when.names}
	if when.expression != "" {
		input.ConditionExpression = aws.String(when.expression)
	}
	if input.ExpressionAttributeValues, err = when.encoded(); err != nil {
		return false, err
	}
	_, err = api.PutItem(ctx, input)
	return held(err)
}

// encoded is the condition's values as DynamoDB has them.
func (c condition) encoded() (map[string]types.AttributeValue, error) {
	if len(c.values) == 0 {
		return nil, nil
	}
	out, err := attributevalue.MarshalMap(c.values)
	if err != nil {
		return nil, fmt.Errorf("encode a condition of the ledger: %w", err)
	}
	return out, nil
}

// held says, by the answer to a conditional write, whether the condition held.
func held(err error) (bool, error) {
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
		return false, nil
	}
	return err == nil, err
}

// get reads an item, consistently, into out, and says whether there is one.
func get(ctx context.Context, api Getter, table string, k key, out any) (bool, error) {
	at, err := attributevalue.MarshalMap(k)
	if err != nil {
		return false, fmt.Errorf("encode a key of the ledger: %w", err)
	}
	got, err := api.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: at, ConsistentRead: aws.Bool(true)})
	if err != nil || len(got.Item) == 0 {
		return false, err
	}
	if err := attributevalue.UnmarshalMap(got.Item, out); err != nil {
		return false, fmt.Errorf("decode item %s %s of the ledger: %w", k.Item, k.ID, err)
	}
	return true, nil
}

// query returns the items of a partition, all pages of them or the newest `limit` if it is not 0.
func query[Row any](ctx context.Context, api Querier, table, partition string, limit int) ([]Row, error) {
	input := &dynamodb.QueryInput{
		TableName:                 aws.String(table),
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String("#item = :item"),
		ExpressionAttributeNames:  map[string]string{"#item": "item"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":item": &types.AttributeValueMemberS{Value: partition}},
		ScanIndexForward:          aws.Bool(limit == 0),
	}
	if limit > 0 {
		input.Limit = aws.Int32(int32(min(limit, 1000)))
	}
	var rows []Row
	for {
		page, err := api.Query(ctx, input)
		if err != nil {
			return nil, err
		}
		var some []Row
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &some); err != nil {
			return nil, fmt.Errorf("decode the items %s of the ledger: %w", partition, err)
		}
		rows = append(rows, some...)
		if len(page.LastEvaluatedKey) == 0 || (limit > 0 && len(rows) >= limit) {
			return rows, nil
		}
		input.ExclusiveStartKey = page.LastEvaluatedKey
	}
}
