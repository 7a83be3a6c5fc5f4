package dynamodb

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"fairlead/local/dynamodb/expression"
	"fairlead/local/world"
)

// Operations are those on single items, Query and Scan.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"GetItem":       world.Op(s.getItem),
		"PutItem":       world.Op(s.putItem),
		"DeleteItem":    world.Op(s.deleteItem),
		"Query":         world.Op(s.query),
		"Scan":          world.Op(s.scan),
		"DescribeTable": world.Op(s.describeTable),
		"ListTables":    world.Op(s.listTables),
	}
}

// conditional are the members that every request with an expression has.
type conditional struct {
	TableName                           string
	ConditionExpression                 string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           map[string]expression.Value
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	UpdateExpression                    string
	Expected                            map[string]any
	IndexName                           string
}

// check refuses what is not served, so that nothing is ignored.
func (in conditional) check() error {
	if in.Expected != nil || in.IndexName != "" || in.UpdateExpression != "" {
		return world.NotImplemented("Expected, UpdateExpression or IndexName")
	}
	return nil
}

// parse reads one expression of the request; every placeholder must be used by it or by the others.
func (in conditional) parse(kind string, texts ...string) ([]expression.Condition, error) {
	defined := slices.Concat(slices.Sorted(maps.Keys(in.ExpressionAttributeNames)), slices.Sorted(maps.Keys(in.ExpressionAttributeValues)))
	var conditions []expression.Condition
	for _, text := range texts {
		if text == "" {
			text = "attribute_not_exists(none_such) OR attribute_exists(none_such)"
		}
		condition, err := expression.Parse(text, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, world.Errorf("ValidationException", "Invalid %s: %v", kind, err)
		}
		defined = condition.Unused(defined)
		conditions = append(conditions, condition)
	}
	if len(defined) > 0 {
		return nil, world.Errorf("ValidationException", "Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(defined, ", "))
	}
	return conditions, nil
}

// table finds the table of a call by name or ARN, once the caller may act on these partitions of it.
func (s *Service) table(c *world.Call, operation, name string, partitions ...string) (*table, error) {
	name = strings.TrimPrefix(name, s.w.ARN("dynamodb", "table/"))
	keys := world.Keys{}
	if len(partitions) > 0 {
		keys["dynamodb:LeadingKeys"] = partitions
	}
	if err := c.Authorize("dynamodb:"+operation, s.w.ARN("dynamodb", "table/"+name), keys); err != nil {
		return nil, err
	}
	t := s.state.Tables[name]
	if t == nil {
		return nil, world.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	return t, nil
}

// leading is the partition key's value of an item or key, as the condition key dynamodb:LeadingKeys has it.
func (s *Service) leading(tableName string, item expression.Item) string {
	t := s.state.Tables[strings.TrimPrefix(tableName, s.w.ARN("dynamodb", "table/"))]
	if t == nil {
		return ""
	}
	text, _ := item[t.Hash]["S"].(string)
	return text
}

type getItemInput struct {
	conditional
	Key                  expression.Item
	ProjectionExpression string
}

type itemOutput struct {
	Item       expression.Item `json:",omitempty"`
	Attributes expression.Item `json:",omitempty"`
}

func (s *Service) getItem(c *world.Call, in getItemInput) (itemOutput, error) {
	t, err := s.table(c, "GetItem", in.TableName, s.leading(in.TableName, in.Key))
	if err != nil {
		return itemOutput{}, err
	}
	if in.ProjectionExpression != "" {
		return itemOutput{}, world.NotImplemented("ProjectionExpression")
	}
	key, err := t.key(in.Key, true)
	if err != nil {
		return itemOutput{}, err
	}
	return itemOutput{Item: s.get(t, key)}, nil
}

type putItemInput struct {
	conditional
	Item expression.Item
}

func (s *Service) putItem(c *world.Call, in putItemInput) (itemOutput, error) {
	t, err := s.table(c, "PutItem", in.TableName, s.leading(in.TableName, in.Item))
	if err != nil {
		return itemOutput{}, err
	}
	key, err := t.key(in.Item, false)
	if err != nil {
		return itemOutput{}, err
	}
	if raw, _ := json.Marshal(in.Item); len(raw) > maxItem { //nolint:errchkjson // it came from JSON
		return itemOutput{}, world.Errorf("ValidationException", "Item size has exceeded the maximum allowed size")
	}
	old, err := s.admit(t, key, in.conditional)
	if err != nil {
		return itemOutput{}, err
	}
	t.Items[key] = in.Item
	return in.returned(old), nil
}

type deleteItemInput struct {
	conditional
	Key expression.Item
}

func (s *Service) deleteItem(c *world.Call, in deleteItemInput) (itemOutput, error) {
	t, err := s.table(c, "DeleteItem", in.TableName, s.leading(in.TableName, in.Key))
	if err != nil {
		return itemOutput{}, err
	}
	key, err := t.key(in.Key, true)
	if err != nil {
		return itemOutput{}, err
	}
	old, err := s.admit(t, key, in.conditional)
	if err != nil {
		return itemOutput{}, err
	}
	delete(t.Items, key)
	return in.returned(old), nil
}

// admit returns the item that stands at key if the write's condition holds of it.
func (s *Service) admit(t *table, key string, in conditional) (expression.Item, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	conditions, err := in.parse("ConditionExpression", in.ConditionExpression)
	if err != nil {
		return nil, err
	}
	old := s.get(t, key)
	if conditions[0].Holds(old) {
		return old, nil
	}
	failure := world.Errorf("ConditionalCheckFailedException", "The conditional request failed")
	if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && old != nil {
		failure.Fields = map[string]any{"Item": old}
	}
	return nil, failure
}

func (in conditional) returned(old expression.Item) itemOutput {
	if in.ReturnValues == "ALL_OLD" {
		return itemOutput{Attributes: old}
	}
	return itemOutput{}
}
