package ecr_test

import (
	"fmt"
	"strings"
	"testing"

	"fairlead/local/ecr/ecrtest"
)

// lifecycleInput is a call's input with a lifecycle policy.
func lifecycleInput(rules string) string {
	return fmt.Sprintf(`{%s,"lifecyclePolicyText":%q}`, repo, `{"rules":[`+rules+`]}`)
}

const (
	untagged = `{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}`
	prod     = `{"rulePriority":2,"selection":{"tagStatus":"tagged","tagPatternList":["prod*"],"countType":"imageCountMoreThan","countNumber":9},"action":{"type":"expire"}}`
	archived = `{"rulePriority":9,"selection":{"tagStatus":"any","storageClass":"standard","countType":"sinceImagePulled","countUnit":"days","countNumber":90},"action":{"type":"transition","targetStorageClass":"archive"}}`
)

func TestALifecyclePolicyIsKept(t *testing.T) {
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`}`, nil)
	const none = "LifecyclePolicyNotFoundException: Lifecycle policy does not exist for the repository with name 'shop/web' in the registry with id '123456789012'"
	absent := func(operation string) {
		t.Helper()
		if err := w.Call("admin", operation, `{`+repo+`}`, nil); err == nil || err.Error() != none {
			t.Errorf("%s: %v", operation, err)
		}
	}
	absent("GetLifecyclePolicy")
	w.Must(t, "PutLifecyclePolicy", lifecycleInput(untagged+","+prod+","+archived), nil)
	var got struct {
		Text string `json:"lifecyclePolicyText"`
	}
	w.Must(t, "GetLifecyclePolicy", `{`+repo+`}`, &got)
	if !strings.Contains(got.Text, "prod*") {
		t.Errorf("got %q", got.Text)
	}
	w.Must(t, "DeleteLifecyclePolicy", `{`+repo+`}`, nil)
	absent("GetLifecyclePolicy")
	absent("DeleteLifecyclePolicy")
}

func TestWhatIsNoLifecyclePolicyIsRefused(t *testing.T) {
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`}`, nil)
	changed := func(from, to string) string { return strings.Replace(prod, from, to, 1) }
	for name, rules := range map[string]string{
		"no rule":                       ``,
		"two rules of one priority":     prod + "," + prod,
		"a status that is none":         changed(`"tagged"`, `"signed"`),
		"tagged, and no tags":           changed(`"tagPatternList":["prod*"],`, ``),
		"untagged, and tags":            changed(`"tagged"`, `"untagged"`),
		"any before another":            strings.Replace(prod, `"tagged","tagPatternList":["prod*"]`, `"any"`, 1) + "," + strings.Replace(untagged, `:1,`, `:3,`, 1),
		"a count that is none":          changed(`imageCountMoreThan`, `imageSizeMoreThan`),
		"a number of days":              changed(`"countNumber"`, `"countUnit":"days","countNumber"`),
		"a time without its unit":       changed(`imageCountMoreThan`, `sinceImagePushed`),
		"a number that is not positive": changed(`:9}`, `:0}`),
		"an action that is none":        changed(`"expire"`, `"keep"`),
		"a transition to nowhere":       changed(`"expire"`, `"transition"`),
		"a property that is none":       changed(`"action"`, `"actions":{},"action"`),
	} {
		err := w.Call("admin", "PutLifecyclePolicy", lifecycleInput(rules), nil)
		if err == nil || !strings.HasPrefix(err.Error(), "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
