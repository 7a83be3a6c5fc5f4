package stack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// resolver resolves the intrinsic functions of one template
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html). A function that it
// does not know is an error.
type resolver struct {
	place    world.Place
	template template
	placed   map[string]placed
	exports  map[string]string
}

// noValue is AWS::NoValue: the property that has it is left out.
type noValue struct{}

func (r *resolver) properties(value any) (json.RawMessage, error) {
	if value == nil {
		value = map[string]any{}
	}
	resolved, err := r.value(value)
	if err != nil {
		return nil, err
	}
	return json.Marshal(resolved)
}

func (r *resolver) text(value any) (string, error) {
	resolved, err := r.value(value)
	if err != nil {
		return "", err
	}
	switch v := resolved.(type) {
	case string:
		return v, nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	default:
		return "", fmt.Errorf("%v is no text", resolved)
	}
}

func (r *resolver) value(value any) (any, error) {
	switch value := value.(type) {
	case []any:
		return r.list(value)
	case map[string]any:
		if len(value) == 1 {
			for name, argument := range value {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return r.function(name, argument)
				}
			}
		}
		return r.object(value)
	case string:
		if strings.Contains(value, "{{resolve:") {
			return nil, fmt.Errorf("%s: dynamic references are not implemented by Fairlead's embedded AWS", value)
		}
		return value, nil
	default:
		return value, nil
	}
}

func (r *resolver) list(values []any) (any, error) {
	resolved := make([]any, 0, len(values))
	for i, v := range values {
		one, err := r.value(v)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		if _, none := one.(noValue); !none {
			resolved = append(resolved, one)
		}
	}
	return resolved, nil
}

func (r *resolver) object(members map[string]any) (any, error) {
	resolved := make(map[string]any, len(members))
	for name, v := range members {
		one, err := r.value(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, none := one.(noValue); !none {
			resolved[name] = one
		}
	}
	return resolved, nil
}

func (r *resolver) function(name string, argument any) (any, error) {
	functions := map[string]func(any) (any, error){
		"Ref": r.ref, "Fn::GetAtt": r.getAtt, "Fn::Sub": r.sub, "Fn::Join": r.join, "Fn::Select": r.choose, "Fn::Split": r.split,
		"Fn::If": r.ifElse, "Fn::Equals": r.equals, "Fn::Not": r.not, "Fn::And": r.and, "Fn::Or": r.or,
		"Fn::GetAZs": r.zones, "Fn::ImportValue": r.importValue, "Fn::FindInMap": r.findInMap,
	}
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("%s is not implemented by Fairlead's embedded AWS", name)
	}
	resolved, err := f(argument)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return resolved, nil
}
