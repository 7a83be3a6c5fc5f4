package dynamodb

import (
	"maps"
	"slices"

	"fairlead/local/dynamodb/expression"
	"fairlead/local/world"
)

type queryInput struct {
	conditional
	KeyConditionExpression string
	FilterExpression       string
	ScanIndexForward       *bool
	Limit                  int
	ExclusiveStartKey      expression.Item
	ProjectionExpression   string
	Select                 string
}

type queryOutput struct {
	Items            []expression.Item
	Count            int
	ScannedCount     int
	LastEvaluatedKey expression.Item `json:",omitempty"`
}

func (in queryInput) check() error {
	if in.ProjectionExpression != "" || in.Select != "" {
		return world.NotImplemented("Query with ProjectionExpression or Select")
	}
	return in.conditional.check()
}

func (s *Service) query(c *world.Call, in queryInput) (queryOutput, error) {
	t, err := s.table(c, "Query", in.TableName, s.queried(in)...)
	if err != nil {
		return queryOutput{}, err
	}
	if in.KeyConditionExpression == "" {
		return queryOutput{}, world.Errorf("ValidationException", "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return s.read(t, in)
}

// queried are the partitions that a query can read: those, among the values that it names, that the key condition holds for.
func (s *Service) queried(in queryInput) []string {
	var partitions []string
	for _, name := range slices.Sorted(maps.Keys(in.ExpressionAttributeValues)) {
		if text, ok := in.ExpressionAttributeValues[name]["S"].(string); ok && s.couldLead(in, text) {
			partitions = append(partitions, text)
		}
	}
	return partitions
}

// couldLead tells whether the key condition mentions text as the partition: it then holds of no item of another one.
func (s *Service) couldLead(in queryInput, text string) bool {
	t := s.state.Tables[in.TableName]
	condition, err := expression.Parse(in.KeyConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if t == nil || err != nil {
		return true
	}
	probe := expression.Item{t.Hash: {"S": text}}
	if t.Range == "" {
		return condition.Holds(probe)
	}
	for _, value := range in.ExpressionAttributeValues {
		probe[t.Range] = value
		if condition.Holds(probe) {
			return true
		}
	}
	return false
}

func (s *Service) scan(c *world.Call, in queryInput) (queryOutput, error) {
	t, err := s.table(c, "Scan", in.TableName)
	if err != nil {
		return queryOutput{}, err
	}
	in.KeyConditionExpression = ""
	return s.read(t, in)
}

// read returns the items for which key condition and filter hold, in the order of the keys.
func (s *Service) read(t *table, in queryInput) (queryOutput, error) {
	if err := in.check(); err != nil {
		return queryOutput{}, err
	}
	conditions, err := in.parse("KeyConditionExpression", in.KeyConditionExpression, in.FilterExpression)
	if err != nil {
		return queryOutput{}, err
	}
	keys, err := in.after(t)
	if err != nil {
		return queryOutput{}, err
	}
	out := queryOutput{Items: []expression.Item{}}
	for _, key := range keys {
		item := s.get(t, key)
		if item == nil || !conditions[0].Holds(item) {
			continue
		}
		out.ScannedCount++
		if conditions[1].Holds(item) {
			out.Items = append(out.Items, item)
		}
		if in.Limit > 0 && out.ScannedCount == in.Limit {
			out.LastEvaluatedKey = t.keyOf(item)
			break
		}
	}
	out.Count = len(out.Items)
	return out, nil
}

// after are the keys to read, in order, behind ExclusiveStartKey.
func (in queryInput) after(t *table) ([]string, error) {
	keys := t.sortedKeys()
	if in.ScanIndexForward != nil && !*in.ScanIndexForward {
		slices.Reverse(keys)
	}
	if len(in.ExclusiveStartKey) == 0 {
		return keys, nil
	}
	start, err := t.key(in.ExclusiveStartKey, true)
	if err != nil {
		return nil, err
	}
	backward := in.ScanIndexForward != nil && !*in.ScanIndexForward
	return slices.DeleteFunc(keys, func(key string) bool {
		if backward {
			return key >= start
		}
		return key <= start
	}), nil
}

func (t *table) keyOf(item expression.Item) expression.Item {
	key := expression.Item{}
	for _, name := range t.schema() {
		key[name] = item[name]
	}
	return key
}

type describeTableInput struct{ TableName string }

type keyElement struct{ AttributeName, KeyType string }

type attributeDefinition struct{ AttributeName, AttributeType string }

type tableView struct {
	TableName            string
	TableArn             string
	TableId              string
	TableStatus          string
	CreationDateTime     *world.Epoch
	ItemCount            int
	KeySchema            []keyElement
	AttributeDefinitions []attributeDefinition
}

type describeTableOutput struct{ Table tableView }

func (s *Service) describeTable(c *world.Call, in describeTableInput) (describeTableOutput, error) {
	t, err := s.table(c, "DescribeTable", in.TableName)
	if err != nil {
		return describeTableOutput{}, err
	}
	view := tableView{TableName: t.Name, TableArn: t.ARN, TableId: t.ID, TableStatus: "ACTIVE", CreationDateTime: world.EpochOf(t.CreatedAt), ItemCount: len(t.Items)}
	for i, name := range t.schema() {
		view.KeySchema = append(view.KeySchema, keyElement{name, []string{"HASH", "RANGE"}[i]})
		view.AttributeDefinitions = append(view.AttributeDefinitions, attributeDefinition{name, "S"})
	}
	return describeTableOutput{Table: view}, nil
}

type listTablesOutput struct{ TableNames []string }

func (s *Service) listTables(c *world.Call, _ struct{}) (listTablesOutput, error) {
	if err := c.Authorize("dynamodb:ListTables", "*", nil); err != nil {
		return listTablesOutput{}, err
	}
	return listTablesOutput{TableNames: slices.Sorted(maps.Keys(s.state.Tables))}, nil
}
