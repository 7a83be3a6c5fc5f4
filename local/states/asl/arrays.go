package asl

import (
	"errors"
	"fmt"
	"slices"
)

// maxRange is how many items States.ArrayRange makes at most.
const maxRange = 1000

func array(args []any, _ Scope) (any, error) { return args, nil }

func arrayContains(args []any, _ Scope) (any, error) {
	items, err := arrayArg(args[0])
	if err != nil {
		return nil, err
	}
	return slices.ContainsFunc(items, func(item any) bool { return equal(item, args[1]) }), nil
}

func arrayGetItem(args []any, _ Scope) (any, error) {
	items, err := arrayArg(args[0])
	if err != nil {
		return nil, err
	}
	i, err := integerArg(args[1])
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(items) {
		return nil, fmt.Errorf("there is no item %d in an array of %d", i, len(items))
	}
	return items[i], nil
}

func arrayLength(args []any, _ Scope) (any, error) {
	items, err := arrayArg(args[0])
	return number(len(items)), err
}

func arrayPartition(args []any, _ Scope) (any, error) {
	items, err := arrayArg(args[0])
	if err != nil {
		return nil, err
	}
	size, err := integerArg(args[1])
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, errors.New("the size of a part must be positive")
	}
	parts := []any{}
	for part := range slices.Chunk(items, size) {
		parts = append(parts, part)
	}
	return parts, nil
}

func arrayRange(args []any, _ Scope) (any, error) {
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = integerArg(args[i]); err != nil {
			return nil, err
		}
	}
	first, last, by := n[0], n[1], n[2]
	if by == 0 {
		return nil, errors.New("the step must not be 0")
	}
	items := []any{}
	for v := first; by > 0 && v <= last || by < 0 && v >= last; v += by {
		if len(items) == maxRange {
			return nil, fmt.Errorf("the range has more than %d items", maxRange)
		}
		items = append(items, number(v))
	}
	return items, nil
}

func arrayUnique(args []any, _ Scope) (any, error) {
	items, err := arrayArg(args[0])
	if err != nil {
		return nil, err
	}
	unique := []any{}
	for _, item := range items {
		if !slices.ContainsFunc(unique, func(seen any) bool { return equal(seen, item) }) {
			unique = append(unique, item)
		}
	}
	return unique, nil
}
