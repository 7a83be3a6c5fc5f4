package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// form is what a text field has to look like.
type form struct {
	*regexp.Regexp
	meaning string
}

var (
	accountForm     = regexp.MustCompile(`^[0-9]{12}$`)
	serviceNameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,44}$`)
)

//nolint:gochecknoglobals // patterns with their meaning; nothing writes to them
var (
	prefixForm = form{regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,19}$`),
		"a letter and then letters, digits and '-', 20 characters at most"}
	ecsNameForm = form{regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`),
		"the plain name (letters, digits, '_' and '-'), not an ARN"}
	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
	repositoryForm = form{regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`),
		"the name of an ECR repository, without its registry: shop/web"}
	// IAM takes any sign in a path; but *, ? and ${…} in the resource of a policy would stand for other roles too.
	roleForm = form{regexp.MustCompile(`^([\w+=,.@-]{1,64}|arn:aws[a-z-]*:iam::[0-9]{12}:role/([!-#%-)+->@-~]{1,510}/)?[\w+=,.@-]{1,64})$`),
		"a role's name, or its ARN if it has a path, without *, ? and $: arn:aws:iam::123456789012:role/shop/web-task"}
	githubRepositoryForm = form{regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$`), "owner/name, without wildcards"}
	branchForm           = form{regexp.MustCompile(`^[^\s*?:~^\\\[\x00-\x1f\x7f]{1,255}$`), "the name of one branch, without refs/heads/ and wildcards: main"}
	environmentForm      = form{regexp.MustCompile(`^[^\s*?\x00-\x1f\x7f]([^*?\x00-\x1f\x7f]{0,253}[^\s*?\x00-\x1f\x7f])?$`), "the name of one environment, without wildcards: production"}
	numberForm           = form{regexp.MustCompile(`^[1-9][0-9]{0,19}$`), "GitHub's number, as a string: gh api repos/OWNER/NAME --jq '.owner.id, .id'"}
	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
	mutableTagForm = form{regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`), "a wildcard over tags with letters, digits, '.', '_', '-' and at most two '*'"}
	providerForm   = form{regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$`),
		"the ARN of the account's OIDC provider for token.actions.githubusercontent.com"}
)

// reader reads fields and collects what is wrong with them.
type reader struct {
	files    fs.FS // what stands beside the configuration; nil for nothing
	problems []error
	paths    []string // the paths of the problems
}

func (r *reader) problem(path, text string) {
	r.problems = append(r.problems, fmt.Errorf("%s: %s", path, text))
	r.paths = append(r.paths, path)
}

// note records an error, if there is one.
func (r *reader) note(path string, err error) {
	if err != nil {
		r.problem(path, err.Error())
	}
}

// mentioned reports whether there is a problem with the field already.
func (r *reader) mentioned(path string) bool { return slices.Contains(r.paths, path) }

// object is a JSON object at a path.
type object struct {
	path   string
	fields map[string]json.RawMessage
}

// get returns the value of a key, unless it is absent or null.
func (o object) get(key string) (json.RawMessage, bool) {
	raw, ok := o.fields[key]
	return raw, ok && string(raw) != "null"
}

// object reads an object with these keys; with none given, any key is taken.
func (r *reader) object(path string, raw json.RawMessage, keys ...string) object {
	o := object{path: path}
	if err := json.Unmarshal(raw, &o.fields); err != nil || o.fields == nil {
		r.problem(path, "want a JSON object")
		return o
	}
	for _, key := range o.names() {
		if len(keys) > 0 && !slices.Contains(keys, key) {
			r.problem(path+"."+key, "unknown field; the fields are "+strings.Join(keys, ", "))
		}
	}
	return o
}

// text reads a string of a form, if the key is there.
func (r *reader) text(o object, key string, want form, into *string) {
	raw, ok := o.get(key)
	if !ok {
		return
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil || !want.MatchString(text) {
		r.problem(o.path+"."+key, "want "+want.meaning)
		return
	}
	*into = text
}

// flag reads true or false, if the key is there.
func (r *reader) flag(o object, key string, into *bool) {
	if raw, ok := o.get(key); ok {
		if err := json.Unmarshal(raw, into); err != nil {
			r.problem(o.path+"."+key, "want true or false")
		}
	}
}

// globs reads a list of shell patterns.
func (r *reader) globs(at string, raw json.RawMessage) []string {
	var globs []string
	if err := json.Unmarshal(raw, &globs); err != nil {
		r.problem(at, "want a list of patterns over whole tags")
	}
	if len(globs) == 0 {
		return nil
	}
	for i, glob := range globs {
		if _, err := path.Match(glob, ""); err != nil || glob == "" {
			r.note(fmt.Sprintf("%s[%d]", at, i), errors.New("want a pattern over whole tags, with *, ? and [a-z]"))
		}
	}
	return globs
}
