package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Getter, Putter, Deleter and Querier are the DynamoDB calls that the ledger makes, with the SDK's signatures. A
// function's permissions are those of the type that it uses: [Claims], [Tokens], [History].
type (
	Getter interface {
		GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	}
	Putter interface {
		PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	}
	Deleter interface {
		DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	}
	Querier interface {
		Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	}
)

// key is the primary key of every item.
type key struct {
	Item string `dynamodbav:"item"`
	ID   string `dynamodbav:"id"`
}

// values are what a condition compares with.
type values map[string]any

// encode turns a struct or a map into an item. It cannot fail for the types of this package.
func encode(in any) (map[string]types.AttributeValue, error) {
	out, err := attributevalue.MarshalMap(in)
	if err != nil {
		return nil, fmt.Errorf("encode an item of the ledger: %w", err)
	}
	return out, nil
}

// put writes an item if the condition holds, and says whether it did. An empty condition always holds.
func put(ctx context.Context, api Putter, table string, in any, condition string, with values) (bool, error) {
	row, err := encode(in)
	if err != nil {
		return false, err
	}
	input := &dynamodb.PutItemInput{TableName: aws.String(table), Item: row}
	if condition != "" {
		input.ConditionExpression = aws.String(condition)
	}
	if len(with) > 0 {
		if input.ExpressionAttributeValues, err = encode(with); err != nil {
			return false, err
		}
	}
	_, err = api.PutItem(ctx, input)
	return held(err)
}

// held says whether the condition of a write held.
func held(err error) (bool, error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return false, nil
	}
	return err == nil, err
}

// get reads an item, consistently, into out, and says whether there is one.
func get(ctx context.Context, api Getter, table string, k key, out any) (bool, error) {
	at, err := encode(k)
	if err != nil {
		return false, err
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

// expiry is a time as the table's TTL attribute has it: seconds since 1970.
type expiry time.Time

// MarshalDynamoDBAttributeValue implements [attributevalue.Marshaler].
func (e expiry) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return attributevalue.UnixTime(e).MarshalDynamoDBAttributeValue()
}

// UnmarshalDynamoDBAttributeValue implements [attributevalue.Unmarshaler].
func (e *expiry) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	return (*attributevalue.UnixTime)(e).UnmarshalDynamoDBAttributeValue(value)
}
