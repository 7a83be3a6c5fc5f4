package iam

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// Quotas of IAM (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). Sizes are in characters
// that are not white space.
const (
	maxInlineOfRole  = 10240
	maxInlineOfUser  = 2048
	maxTrust         = 2048
	maxManaged       = 6144
	maxManagedOfRole = 10
	maxNameOfRole    = 64
	maxNameOfPolicy  = 128
)

// Role is an IAM role.
type Role struct {
	Name        string            `json:"name"`
	ID          string            `json:"id"` // AROA…
	ARN         string            `json:"arn"`
	Path        string            `json:"path"`
	Created     time.Time         `json:"created"`
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"maxSession"` // seconds
	Trust       string            `json:"trust"`      // the policy's text
	TrustIDs    map[string]string `json:"trustIds"`   // the unique ids behind the ARNs that the trust policy names, as of when it was saved
	Inline      map[string]Inline `json:"inline"`     // by the policy's name
	Managed     []string          `json:"managed"`    // ARNs
	Boundary    string            `json:"boundary"`   // ARN
	Tags        []Tag             `json:"tags"`
}

// Inline is an inline policy.
type Inline struct {
	Document string `json:"document"`
	Owner    string `json:"owner,omitempty"` // ownRole, an AWS::IAM::Policy's id, or empty: the API
}

// ownRole marks the inline policies that a template declares within the role.
const ownRole = "role"

// Tag is a tag of a role.
type Tag struct {
	Key   string `json:"Key" xml:"Key"`
	Value string `json:"Value" xml:"Value"`
}

// Role returns the role with this ARN.
func (s *Service) Role(arn string) (*Role, bool) {
	r, ok := s.state.Roles[arn[strings.LastIndex(arn, "/")+1:]]
	return r, ok && r.ARN == arn
}

// checkName checks the name of a role, user or policy.
func checkName(member, name string, longest int) error {
	if name == "" {
		return null(member)
	}
	if !regexp.MustCompile(`^[\w+=,.@-]+$`).MatchString(name) {
		return invalid(member, name, `Member must satisfy regular expression pattern: [\w+=,.@-]+`)
	}
	if len(name) > longest {
		return invalid(member, name, "Member must have length less than or equal to %d", longest)
	}
	return nil
}

func checkPath(path string) error {
	if !regexp.MustCompile(`^(/|/[!-~]+/)$`).MatchString(path) || len(path) > 512 {
		return world.Errorf("ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

// invalid is AWS's error about a member that does not meet its constraint.
func invalid(member, value, constraint string, args ...any) error {
	return world.Errorf("ValidationError", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+constraint,
		slices.Insert(args, 0, any(value), any(member))...)
}

// size counts the characters of policies as IAM's quotas do: without white space.
func size(texts ...string) int {
	n := 0
	for _, text := range texts {
		for _, r := range text {
			if !unicode.IsSpace(r) {
				n++
			}
		}
	}
	return n
}

// setTrust checks a trust policy and makes it the role's.
func (s *Service) setTrust(r *Role, text string) error {
	ids, err := s.checkTrust(text)
	if err != nil {
		return err
	}
	r.Trust, r.TrustIDs = text, ids
	return nil
}

// checkTrust checks a trust policy and returns the unique ids behind the ARNs that it names.
func (s *Service) checkTrust(text string) (map[string]string, error) {
	if size(text) > maxTrust {
		return nil, conflict("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	d, err := s.document(text, policy.Trust)
	if err != nil {
		return nil, err
	}
	if err := checkGitHub(d); err != nil {
		return nil, err
	}
	return s.uniqueIDs(d)
}

// uniqueIDs finds the roles and users of this account that a trust policy names: IAM refuses a principal that does not
// exist, and remembers the id behind the ARN, so that one made later under the same name is not trusted.
func (s *Service) uniqueIDs(d policy.Document) (map[string]string, error) {
	ids := map[string]string{}
	for _, statement := range d.Statements {
		for _, name := range statement.Principals.AWS {
			if !strings.HasPrefix(name, s.w.GlobalARN("iam", "")) {
				continue
			}
			id := s.uniqueID(name)
			if id == "" {
				return nil, world.Errorf("MalformedPolicyDocument", "Invalid principal in policy: %q:%q", "AWS", name)
			}
			ids[name] = id
		}
	}
	return ids, nil
}

func (s *Service) uniqueID(arn string) string {
	if r, ok := s.Role(arn); ok {
		return r.ID
	}
	if u, ok := s.state.Users[arn[strings.LastIndex(arn, "/")+1:]]; ok && u.ARN == arn {
		return u.ID
	}
	return ""
}

// conflict is an error reply with status 409.
func conflict(code, format string, args ...any) error {
	e := world.Errorf(code, format, args...)
	e.Status = 409
	return e
}

// notFound is IAM's NoSuchEntity.
func notFound(format string, args ...any) error {
	e := world.Errorf("NoSuchEntity", format, args...)
	e.Status = 404
	return e
}
