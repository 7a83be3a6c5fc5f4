package policy

import "fmt"

// Malformed is why a document was refused: the message of IAM's MalformedPolicyDocument, in IAM's words where they are
// known.
type Malformed struct{ Reason string }

func (m *Malformed) Error() string { return m.Reason }

func malformed(format string, args ...any) error { return &Malformed{fmt.Sprintf(format, args...)} }

// syntax is an error in the document's form.
func syntax(format string, args ...any) error {
	return malformed("Syntax errors in policy. "+format, args...)
}
