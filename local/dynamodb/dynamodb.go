// Package dynamodb is the embedded DynamoDB: tables that templates declare, and reading and writing single items under
// conditions, which is what the ledger needs.
package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead/local/dynamodb/expression"
	"fairlead/local/world"
)

// maxItem is the largest item, in bytes.
const maxItem = 400 << 10

type table struct {
	Name      string                     `json:"name"`
	ARN       string                     `json:"arn"`
	ID        string                     `json:"id"`
	CreatedAt time.Time                  `json:"createdAt"`
	Hash      string                     `json:"hash"`  // the partition key's name
	Range     string                     `json:"range"` // the sort key's name; empty if there is none
	TTL       string                     `json:"ttl"`   // the attribute by which items expire
	Items     map[string]expression.Item `json:"items"` // by hash + "\x00" + range
}

type state struct {
	Tables map[string]*table `json:"tables"`
}

// Service is the embedded DynamoDB.
type Service struct {
	w     *world.World
	state state
}

// New makes a DynamoDB without tables.
func New(w *world.World) *Service { return &Service{w: w, state: state{Tables: map[string]*table{}}} }

// Name is "dynamodb".
func (s *Service) Name() string { return "dynamodb" }

// State is what DynamoDB remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: items expire when they are looked at.
func (s *Service) Due(json.RawMessage) {}

// ResourceTypes are tables, by both of their types.
func (s *Service) ResourceTypes() []string {
	return []string{"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"}
}

type tableProperties struct {
	TableName               string
	KeySchema               []struct{ AttributeName, KeyType string }
	AttributeDefinitions    []struct{ AttributeName, AttributeType string }
	TimeToLiveSpecification struct {
		AttributeName string
		Enabled       bool
	}
	GlobalSecondaryIndexes []any
	LocalSecondaryIndexes  []any
}

// Declare makes a table, or changes by which attribute its items expire.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	var p tableProperties
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	hash, sort, err := p.keys()
	if err != nil {
		return world.Resource{}, err
	}
	name := s.w.NameFor(d, p.TableName)
	t := s.state.Tables[name]
	if t == nil {
		t = &table{Name: name, ARN: s.w.ARN("dynamodb", "table/"+name), ID: s.w.UUID(), CreatedAt: s.w.Now(),
			Hash: hash, Range: sort, Items: map[string]expression.Item{}}
		s.state.Tables[name] = t
	}
	if t.Hash != hash || t.Range != sort {
		return world.Resource{}, fmt.Errorf("KeySchema: the keys of table %s cannot be changed", name)
	}
	t.TTL = ""
	if p.TimeToLiveSpecification.Enabled {
		t.TTL = p.TimeToLiveSpecification.AttributeName
	}
	return world.Resource{ID: name, Attributes: map[string]any{"Arn": t.ARN, "TableId": t.ID}}, nil
}

func (p tableProperties) keys() (hash, sort string, err error) {
	if len(p.GlobalSecondaryIndexes)+len(p.LocalSecondaryIndexes) > 0 {
		return "", "", errors.New("indexes are not implemented by Fairlead's embedded AWS")
	}
	for _, key := range p.KeySchema {
		if !slices.ContainsFunc(p.AttributeDefinitions, func(a struct{ AttributeName, AttributeType string }) bool {
			return a.AttributeName == key.AttributeName && a.AttributeType == "S"
		}) {
			return "", "", fmt.Errorf("KeySchema: %s is not defined as a string; other keys are not served here", key.AttributeName)
		}
		if key.KeyType == "HASH" {
			hash = key.AttributeName
		} else {
			sort = key.AttributeName
		}
	}
	if hash == "" {
		return "", "", errors.New("KeySchema has no HASH key")
	}
	return hash, sort, nil
}

// Withdraw removes a table.
func (s *Service) Withdraw(_, id string) error {
	delete(s.state.Tables, id)
	return nil
}

// key is where an item stands; the error is DynamoDB's, about the item or key that was sent.
func (t *table) key(item expression.Item, exact bool) (string, error) {
	var key strings.Builder
	for _, name := range []string{t.Hash, t.Range} {
		if name == "" {
			continue
		}
		text, ok := item[name]["S"].(string)
		switch {
		case item[name] == nil && exact:
			return "", world.Errorf("ValidationException", "The provided key element does not match the schema")
		case item[name] == nil:
			return "", world.Errorf("ValidationException", "One or more parameter values were invalid: Missing the key %s in the item", name)
		case !ok:
			return "", world.Errorf("ValidationException", "One or more parameter values were invalid: Type mismatch for key %s expected: S", name)
		case text == "":
			return "", world.Errorf("ValidationException", "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", name)
		}
		key.WriteString(text + "\x00")
	}
	if exact && len(item) != len(t.schema()) {
		return "", world.Errorf("ValidationException", "The provided key element does not match the schema")
	}
	return key.String(), nil
}

func (t *table) schema() []string {
	if t.Range == "" {
		return []string{t.Hash}
	}
	return []string{t.Hash, t.Range}
}

// get returns the item; an item whose time has passed stays for a while on AWS (up to days) and is gone at once here only
// when it is 48 hours late, so that nobody relies on a prompt expiry.
func (s *Service) get(t *table, key string) expression.Item {
	item := t.Items[key]
	var expires int64
	if text, ok := item[t.TTL]["N"].(string); ok && t.TTL != "" {
		_, _ = fmt.Sscan(text, &expires)
	}
	if expires > 0 && s.w.Now().Sub(time.Unix(expires, 0)) > 48*time.Hour {
		delete(t.Items, key)
		return nil
	}
	return item
}

func (t *table) sortedKeys() []string { return slices.Sorted(maps.Keys(t.Items)) }
