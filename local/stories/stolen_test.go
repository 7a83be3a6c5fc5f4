package stories_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"fairlead/local/steps"
	"fairlead/local/world"
)

// TestAStolenSessionDoesNothingButItsWork tries every misdeed with a session of every role of the stacks. IAM itself must
// refuse each, but for those whose work it is: and these it must not refuse, or the list is not true.
func TestAStolenSessionDoesNothingButItsWork(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.Core.Do(func(*world.World) { lab.IAM.Observe(nil) }) // a thief needs no grant
	tried := 0
	for _, m := range misdeeds() {
		t.Run(m.name, func(t *testing.T) {
			may := map[string]bool{}
			for name, cfg := range sessions(t, lab) {
				tried++
				lab.Pass(2 * time.Second) // so that ECS, which throttles, refuses nothing for that
				if !deniedByIAM(m.try(t.Context(), cfg, lab)) {
					may[name] = true
				}
			}
			want := map[string]bool{}
			for _, name := range m.by {
				want[name] = true
			}
			if !maps.Equal(may, want) {
				t.Errorf("IAM lets %v; it is the work of %v", slices.Sorted(maps.Keys(may)), slices.Sorted(maps.Keys(want)))
			}
		})
	}
	if tried < 60 {
		t.Errorf("only %d were tried", tried)
	}
}

// sessions are sessions of all roles, by the role's name, as if somebody had stolen their keys.
func sessions(t *testing.T, lab *steps.Lab) map[string]aws.Config {
	t.Helper()
	list, err := iam.NewFromConfig(lab.Client(lab.Administrator())).ListRoles(t.Context(), &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
	if err != nil {
		t.Fatal(err)
	}
	stolen := map[string]aws.Config{}
	lab.Core.Do(func(*world.World) {
		for _, r := range list.Roles {
			role, ok := lab.IAM.Role(aws.ToString(r.Arn))
			if !ok {
				t.Fatalf("there is no role %s", aws.ToString(r.Arn))
			}
			stolen[role.Name] = lab.Client(lab.IAM.Issue(lab.IAM.Session(role, "stolen"), time.Hour))
		}
	})
	return stolen
}

// deniedByIAM says whether IAM refused a call, in the words that AWS has for it.
func deniedByIAM(err error) bool {
	said, ok := errors.AsType[smithy.APIError](err)
	text := ""
	if ok {
		text = said.ErrorMessage()
	} else if err != nil {
		text = err.Error()
	}
	return strings.Contains(text, "is not authorized to perform: ")
}
