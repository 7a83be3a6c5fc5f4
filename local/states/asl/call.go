package asl

import (
	"errors"
	"fmt"
)

// function is an intrinsic function.
type function struct {
	least, most int // how many arguments it takes; most is -1 for any number
	run         func(args []any, s Scope) (any, error)
}

// functions are the intrinsic functions, by their names without "States.".
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
func functions() map[string]function {
	return map[string]function{
		"Array":          {0, -1, array},
		"ArrayContains":  {2, 2, arrayContains},
		"ArrayGetItem":   {2, 2, arrayGetItem},
		"ArrayLength":    {1, 1, arrayLength},
		"ArrayPartition": {2, 2, arrayPartition},
		"ArrayRange":     {3, 3, arrayRange},
		"ArrayUnique":    {1, 1, arrayUnique},
		"Base64Decode":   {1, 1, base64Decode},
		"Base64Encode":   {1, 1, base64Encode},
		"Format":         {1, -1, format},
		"Hash":           {2, 2, hash},
		"JsonMerge":      {3, 3, jsonMerge},
		"JsonToString":   {1, 1, jsonToString},
		"MathAdd":        {2, 2, mathAdd},
		"MathRandom":     {2, 3, mathRandom},
		"StringSplit":    {2, 2, stringSplit},
		"StringToJson":   {1, 1, stringToJSON},
		"UUID":           {0, 0, uuid},
	}
}

func (c *call) eval(s Scope) (any, error) {
	args := make([]any, len(c.args))
	for i, a := range c.args {
		v, err := c.argument(a, i, s)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	v, err := functions()[c.name].run(args, s)
	if err != nil {
		return nil, &Fault{Name: ErrorIntrinsic, Cause: fmt.Sprintf("The function '%s' had the following error: %v", c.text, err)}
	}
	return v, nil
}

func (c *call) argument(a argument, i int, s Scope) (any, error) {
	switch {
	case a.call != nil:
		return a.call.eval(s)
	case a.path != nil:
		v, err := a.path.find(s)
		if _, ok := errors.AsType[*missing](err); ok {
			return nil, notFound(*a.path, s, c.text)
		}
		return v, err
	case c.name == "Format" && i == 0 && a.raw != "":
		return a.raw, nil
	default:
		return a.literal, nil
	}
}
