package stack

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

func (r *resolver) ref(argument any) (any, error) {
	name, _ := argument.(string)
	if value, ok := r.pseudo(name); ok {
		return value, nil
	}
	if p, ok := r.placed[name]; ok {
		return p.ID, nil
	}
	if p, ok := r.template.Parameters[name]; ok {
		if strings.HasPrefix(p.Type, "AWS::SSM::Parameter::") {
			return nil, fmt.Errorf("parameter %s: the type %s is not implemented by Fairlead's embedded AWS", name, p.Type)
		}
		return p.Default, nil
	}
	return nil, fmt.Errorf("there is no resource and no parameter %q", name)
}

// pseudo gives the pseudo parameters.
func (r *resolver) pseudo(name string) (any, bool) {
	values := map[string]any{
		"AWS::AccountId": r.place.Account, "AWS::Region": r.place.Region, "AWS::Partition": r.place.Partition,
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": r.template.name, "AWS::NoValue": noValue{},
		"AWS::StackId": r.place.ARN("cloudformation", "stack/"+r.template.name+"/local"),
	}
	value, ok := values[name]
	return value, ok
}

func (r *resolver) getAtt(argument any) (any, error) {
	parts := listOf(argument)
	if len(parts) == 1 {
		parts = strings.SplitN(parts[0], ".", 2)
	}
	if len(parts) != 2 {
		return nil, fmt.Errorf("%v is no [resource, attribute]", argument)
	}
	p, ok := r.placed[parts[0]]
	if !ok {
		return nil, fmt.Errorf("there is no resource %q", parts[0])
	}
	value, ok := p.Attributes[parts[1]]
	if !ok {
		return nil, fmt.Errorf("%s (%s) has no attribute %q here", parts[0], p.Type, parts[1])
	}
	return value, nil
}

func subTemplate(argument any) string {
	if list, ok := argument.([]any); ok && len(list) > 0 {
		argument = list[0]
	}
	text, _ := argument.(string)
	return text
}

var placeholder = regexp.MustCompile(`\$\{[^!][^}]*\}`)

func substitutions(text string) []string {
	var names []string
	for _, found := range placeholder.FindAllString(text, -1) {
		names = append(names, found[2:len(found)-1])
	}
	return names
}

func (r *resolver) sub(argument any) (any, error) {
	own := map[string]any{}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		own, _ = list[1].(map[string]any)
	}
	var failed error
	text := placeholder.ReplaceAllStringFunc(subTemplate(argument), func(found string) string {
		value, err := r.named(found[2:len(found)-1], own)
		if err != nil {
			failed = err
		}
		return value
	})
	return strings.ReplaceAll(text, "${!", "${"), failed
}

func (r *resolver) named(name string, own map[string]any) (string, error) {
	if value, ok := own[name]; ok {
		return r.text(value)
	}
	if strings.Contains(name, ".") {
		return r.text(map[string]any{"Fn::GetAtt": name})
	}
	return r.text(map[string]any{"Ref": name})
}

// arguments resolves a list of exactly n arguments; n 0 is any number.
func (r *resolver) arguments(argument any, n int) ([]any, error) {
	resolved, err := r.value(argument)
	if err != nil {
		return nil, err
	}
	list, ok := resolved.([]any)
	if !ok || (n > 0 && len(list) != n) {
		return nil, fmt.Errorf("%v is no list of %d arguments", argument, n)
	}
	return list, nil
}

func (r *resolver) join(argument any) (any, error) {
	list, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	separator, _ := list[0].(string)
	parts, ok := list[1].([]any)
	if !ok {
		return nil, fmt.Errorf("%v is no list", list[1])
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		text, err := r.text(part)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, separator), nil
}

func (r *resolver) choose(argument any) (any, error) {
	list, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(fmt.Sprint(list[0]))
	values, ok := list[1].([]any)
	if err != nil || !ok || index < 0 || index >= len(values) {
		return nil, fmt.Errorf("there is no element %v of %v", list[0], list[1])
	}
	return values[index], nil
}

func (r *resolver) split(argument any) (any, error) {
	list, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	separator, ok1 := list[0].(string)
	text, ok2 := list[1].(string)
	if !ok1 || !ok2 || separator == "" {
		return nil, fmt.Errorf("%v is no [separator, text]", list)
	}
	var parts []any
	for part := range strings.SplitSeq(text, separator) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (r *resolver) zones(any) (any, error) {
	return []any{r.place.Region + "a", r.place.Region + "b", r.place.Region + "c"}, nil
}

func (r *resolver) importValue(argument any) (any, error) {
	name, err := r.text(argument)
	if err != nil {
		return nil, err
	}
	value, ok := r.exports[name]
	if !ok {
		return nil, fmt.Errorf("no stack exports %q", name)
	}
	return value, nil
}

func (r *resolver) findInMap(argument any) (any, error) {
	list, err := r.arguments(argument, 3)
	if err != nil {
		return nil, err
	}
	value, ok := r.template.Mappings[fmt.Sprint(list[0])][fmt.Sprint(list[1])][fmt.Sprint(list[2])]
	if !ok {
		return nil, fmt.Errorf("there is no %v in the template's mappings", list)
	}
	return value, nil
}

// included tells whether a condition, by name, holds; no name always does.
func (r *resolver) included(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	condition, ok := r.template.Conditions[name]
	if !ok {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return r.truth(condition)
}

func (r *resolver) truth(value any) (bool, error) {
	if m, ok := value.(map[string]any); ok && len(m) == 1 && m["Condition"] != nil {
		name, _ := m["Condition"].(string)
		return r.included(name)
	}
	resolved, err := r.value(value)
	truth, ok := resolved.(bool)
	if err == nil && !ok {
		err = fmt.Errorf("%v is no condition", value)
	}
	return truth, err
}

func (r *resolver) ifElse(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return nil, fmt.Errorf("%v is no [condition, then, else]", argument)
	}
	name, _ := list[0].(string)
	holds, err := r.included(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return r.value(list[1])
	}
	return r.value(list[2])
}

func (r *resolver) equals(argument any) (any, error) {
	list, err := r.arguments(argument, 2)
	if err != nil {
		return nil, err
	}
	return reflect.DeepEqual(list[0], list[1]), nil
}

func (r *resolver) not(argument any) (any, error) {
	truths, err := r.truths(argument)
	if err != nil {
		return nil, err
	}
	if len(truths) != 1 {
		return nil, fmt.Errorf("%v is no list of one condition", argument)
	}
	return !truths[0], nil
}

func (r *resolver) and(argument any) (any, error) {
	truths, err := r.truths(argument)
	all := true
	for _, truth := range truths {
		all = all && truth
	}
	return all, err
}

func (r *resolver) or(argument any) (any, error) {
	truths, err := r.truths(argument)
	some := false
	for _, truth := range truths {
		some = some || truth
	}
	return some, err
}

func (r *resolver) truths(argument any) ([]bool, error) {
	list, ok := argument.([]any)
	if !ok {
		return nil, fmt.Errorf("%v is no list of conditions", argument)
	}
	truths := make([]bool, 0, len(list))
	for _, one := range list {
		truth, err := r.truth(one)
		if err != nil {
			return nil, err
		}
		truths = append(truths, truth)
	}
	return truths, nil
}
