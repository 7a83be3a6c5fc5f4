package states

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"fairlead/local/world"
)

// maxName is how many characters the name of a state machine or an execution has at most.
const maxName = 80

// checkName refuses what StartExecution and CreateStateMachine refuse as a name.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func checkName(name string) error {
	switch {
	case name == "":
		return tooShort("name")
	case utf8.RuneCountInString(name) > maxName:
		return tooLong(name, "name", maxName)
	case strings.ContainsFunc(name, forbiddenInName):
		return world.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	return nil
}

func forbiddenInName(r rune) bool {
	return strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || r >= 0xFFFE && r <= 0xFFFF
}

// checkARN refuses what is no ARN of a state machine or an execution (kind).
func checkARN(arn, kind string) error {
	const maxARN = 256
	parts := strings.SplitN(arn, ":", 7)
	switch {
	case arn == "":
		return tooShort("arn")
	case utf8.RuneCountInString(arn) > maxARN:
		return tooLong(arn, "arn", maxARN)
	case parts[0] != "arn":
		return world.Errorf("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
	case len(parts) < 7 || parts[2] != serviceName:
		return world.Errorf("InvalidArn", "Invalid Arn: '%s'", arn)
	case parts[5] != kind:
		return world.Errorf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", parts[5])
	}
	return nil
}

func executionARN(machineARN, name string) string {
	return strings.Replace(machineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

func validation(format string, args ...any) error {
	return world.Errorf("ValidationException", "1 validation error detected: "+format, args...)
}

func tooShort(field string) error {
	return validation("Value at '%s' failed to satisfy constraint: Member must have length greater than or equal to 1", field)
}

func tooLong(value, field string, limit int) error {
	return validation("Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", value, field, limit)
}

// tooLongSecret is tooLong for a value that AWS does not repeat.
func tooLongSecret(field string, limit int) error {
	return validation("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", field, limit)
}

func notImplemented(format string, args ...any) error {
	return world.NotImplemented(fmt.Sprintf(format, args...))
}
