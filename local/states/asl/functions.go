package asl

import (
	"crypto/md5"  //nolint:gosec // States.Hash offers it
	"crypto/sha1" //nolint:gosec // States.Hash offers it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// maxText is the longest text that States.Hash and the Base64 functions take.
const maxText = 10000

func entries(object map[string]any) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list = append(list, name+"="+display(object[name]))
	}
	return list
}

// format is States.Format: each {} of the template is the next argument; a \ makes the next character stand for itself.
func format(args []any, _ Scope) (any, error) {
	template, err := stringArg(args[0])
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	next := 1
	for i := 0; i < len(template); i++ {
		switch {
		case template[i] == '\\' && i+1 < len(template):
			i++
			out.WriteByte(template[i])
		case strings.HasPrefix(template[i:], "{}"):
			if next == len(args) {
				return nil, errors.New("there are more {} than arguments")
			}
			out.WriteString(display(args[next]))
			next, i = next+1, i+1
		case template[i] == '{', template[i] == '}':
			return nil, errors.New(`a { or } that is not {} must be written \{ or \}`)
		default:
			out.WriteByte(template[i])
		}
	}
	if next < len(args) {
		return nil, errors.New("there are fewer {} than arguments")
	}
	return out.String(), nil
}

func stringToJSON(args []any, _ Scope) (any, error) {
	text, err := stringArg(args[0])
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil //nolint:nilnil // as Step Functions has it: an empty string is null
	}
	return Decode([]byte(text))
}

func jsonToString(args []any, _ Scope) (any, error) { return string(Encode(args[0])), nil }

// stringSplit splits at any of the splitter's characters and drops empty parts.
func stringSplit(args []any, _ Scope) (any, error) {
	text, err := stringArg(args[0])
	if err != nil {
		return nil, err
	}
	splitter, err := stringArg(args[1])
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(splitter, r) }) {
		parts = append(parts, part)
	}
	return parts, nil
}

func textArg(v any) (string, error) {
	text, err := stringArg(v)
	if err == nil && len(text) > maxText {
		err = fmt.Errorf("the string is longer than %d characters", maxText)
	}
	return text, err
}

func base64Encode(args []any, _ Scope) (any, error) {
	text, err := textArg(args[0])
	return base64.StdEncoding.EncodeToString([]byte(text)), err
}

func base64Decode(args []any, _ Scope) (any, error) {
	text, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err
}

func hash(args []any, _ Scope) (any, error) {
	text, err := hashed(args[0])
	if err != nil {
		return nil, err
	}
	algorithm, err := stringArg(args[1])
	if err != nil {
		return nil, err
	}
	sum, err := sumOf(algorithm, []byte(text))
	return hex.EncodeToString(sum), err
}

// hashed is the text that States.Hash hashes: a string as it is, anything else as JSON.
func hashed(v any) (string, error) {
	if text, ok := v.(string); ok {
		return textArg(text)
	}
	return textArg(string(Encode(v)))
}

func sumOf(algorithm string, text []byte) ([]byte, error) {
	switch algorithm {
	case "MD5":
		sum := md5.Sum(text) //nolint:gosec // States.Hash offers it
		return sum[:], nil
	case "SHA-1":
		sum := sha1.Sum(text) //nolint:gosec // States.Hash offers it
		return sum[:], nil
	case "SHA-256":
		sum := sha256.Sum256(text)
		return sum[:], nil
	case "SHA-384":
		sum := sha512.Sum384(text)
		return sum[:], nil
	case "SHA-512":
		sum := sha512.Sum512(text)
		return sum[:], nil
	}
	return nil, fmt.Errorf("%q is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512", algorithm)
}

// jsonMerge merges the members of two objects, those of the second first; the third argument (deep) must be false.
func jsonMerge(args []any, _ Scope) (any, error) {
	first, ok1 := args[0].(map[string]any)
	second, ok2 := args[1].(map[string]any)
	if !ok1 || !ok2 {
		return nil, errors.New("the first two arguments must be objects")
	}
	if args[2] != false {
		return nil, errors.New("the third argument must be false: Step Functions merges only the first level")
	}
	merged := maps.Clone(first)
	maps.Copy(merged, second)
	return merged, nil
}

func mathAdd(args []any, _ Scope) (any, error) {
	a, err := integerArg(args[0])
	if err != nil {
		return nil, err
	}
	b, err := integerArg(args[1])
	return number(a + b), err
}

// mathRandom returns a whole number from the first argument to the second, the same one for the same seed.
func mathRandom(args []any, s Scope) (any, error) {
	start, err := integerArg(args[0])
	if err != nil {
		return nil, err
	}
	end, err := integerArg(args[1])
	if err != nil {
		return nil, err
	}
	if end <= start {
		return nil, errors.New("the end must be greater than the start")
	}
	if len(args) == 2 {
		return number(start + s.Random().IntN(end-start+1)), nil
	}
	seed, err := integerArg(args[2])
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	return number(start + r.IntN(end-start+1)), nil
}

func uuid(_ []any, s Scope) (any, error) { return s.UUID(), nil }
