package ledger

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/shared/fault"
)

// ParkedTokens is the tokens in the table, for the function that parks them.
type ParkedTokens struct {
	api interface {
		Putter
		Deleter
	}
	table string
}

// NewParkedTokens returns the tokens in a table; a function that uses them needs [WaiterPermissions].
func NewParkedTokens(api interface {
	Putter
	Deleter
}, table string) *ParkedTokens {
	return &ParkedTokens{api: api, table: table}
}

// WaitingTokens is the tokens in the table, for the function that returns them.
type WaitingTokens struct {
	api interface {
		Querier
		Deleter
	}
	table string
}

// NewWaitingTokens returns the tokens in a table; a function that uses them needs [WakerPermissions].
func NewWaitingTokens(api interface {
	Querier
	Deleter
}, table string) *WaitingTokens {
	return &WaitingTokens{api: api, table: table}
}

// tokenRow is the item "token#<service>", "<16 hex of execution>#<state>".
type tokenRow struct {
	key
	Service        string    `dynamodbav:"service"`
	Execution      string    `dynamodbav:"execution"`
	State          string    `dynamodbav:"state"`
	Token          string    `dynamodbav:"token"`
	TaskDefinition string    `dynamodbav:"taskDefinition"`
	Since          time.Time `dynamodbav:"since"`
	Failed         string    `dynamodbav:"failed"`
	Image          string    `dynamodbav:"image"`
	Order          string    `dynamodbav:"order"` // the attempt, such that later ones sort after earlier ones
	Redrive        int       `dynamodbav:"redrive"`
	Entered        time.Time `dynamodbav:"entered"`
	Retry          int       `dynamodbav:"retry"`
	StoredAt       time.Time `dynamodbav:"storedAt"`
	Expires        time.Time `dynamodbav:"expires,unixtime"`
}

// StoreToken implements [TokenWriter].
func (t *ParkedTokens) StoreToken(ctx context.Context, token Token) (bool, error) {
	row := tokenRow{
		key: token.key(), Service: token.Service, Execution: token.Execution, State: token.State, Token: token.Token,
		TaskDefinition: token.TaskDefinition, Since: token.Since, Failed: token.Failed, Image: token.Image, Order: token.Attempt.String(),
		Redrive: token.Attempt.Redrive, Entered: token.Attempt.Entered, Retry: token.Attempt.Retry,
		StoredAt: token.StoredAt, Expires: token.Expires,
	}
	stored, err := put(ctx, t.api, t.table, row, condition{
		expression: "attribute_not_exists(#id) OR #order <= :order",
		names:      map[string]string{"#id": "id", "#order": "order"},
		values:     map[string]any{":order": row.Order},
	})
	return stored, fault.FromAWS("park the task token of service "+token.Service, err)
}

// DeleteToken implements [TokenWriter].
func (t *ParkedTokens) DeleteToken(ctx context.Context, token Token) error {
	return deleteToken(ctx, t.api, t.table, token)
}

// DeleteToken takes a token away, as [TokenWriter] promises.
func (t *WaitingTokens) DeleteToken(ctx context.Context, token Token) error {
	return deleteToken(ctx, t.api, t.table, token)
}

// Tokens implements [TokenReader].
func (t *WaitingTokens) Tokens(ctx context.Context, service string) ([]Token, error) {
	rows, err := query[tokenRow](ctx, t.api, t.table, item(kindToken, service), 0)
	if err != nil {
		return nil, fault.FromAWS("find the task tokens of service "+service, err)
	}
	tokens := make([]Token, 0, len(rows))
	for _, row := range rows {
		tokens = append(tokens, Token{
			Service: row.Service, Execution: row.Execution, State: row.State, Token: row.Token,
			TaskDefinition: row.TaskDefinition, Since: row.Since, Failed: row.Failed, Image: row.Image,
			Attempt:  Attempt{Redrive: row.Redrive, Entered: row.Entered, Retry: row.Retry},
			StoredAt: row.StoredAt, Expires: row.Expires,
		})
	}
	return tokens, nil
}

// deleteToken deletes the token's item if it still holds that very token.
func deleteToken(ctx context.Context, api Deleter, table string, token Token) error {
	doing := "take away the task token of service " + token.Service
	at, err := attributevalue.MarshalMap(token.key())
	if err != nil {
		return fault.FromAWS(doing, err)
	}
	same := condition{values: map[string]any{":token": token.Token}}
	values, err := same.encoded()
	if err != nil {
		return fault.FromAWS(doing, err)
	}
	_, err = api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(table), Key: at,
		ConditionExpression:       aws.String("#token = :token"),
		ExpressionAttributeNames:  map[string]string{"#token": "token"},
		ExpressionAttributeValues: values,
	})
	_, err = held(err)
	return fault.FromAWS(doing, err)
}

// key is the primary key of a token.
func (t Token) key() key { return key{Item: item(kindToken, t.Service), ID: t.id()} }
