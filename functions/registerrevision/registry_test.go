package registerrevision_test

import (
	"fmt"
	"strings"
	"testing"

	"fairlead/shared/edge/ecstest"
	"fairlead/shared/revision"
)

// TestTheHostOfTheRegistryIsKept: a task under FIPS, or with IPv6 alone, cannot pull from the host that ECR reports. A second
// attempt finds the copy of the first, and a service that runs the image by such a host is left as it is.
func TestTheHostOfTheRegistryIsKept(t *testing.T) {
	const reported = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
	for _, now := range []string{"123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/shop/web", "123456789012.dkr-ecr.eu-west-1.on.aws/shop/web"} {
		aws := ecstest.New(start(), running(now+":v1"))
		again := request("")
		again.Document = []byte(strings.ReplaceAll(string(again.Document), uri, reported))
		for range 2 {
			if got, err := step(aws).Handle(t.Context(), again); err != nil || got.TaskDefinition != ecstest.Revision(2) {
				t.Fatalf("%s: got %+v, %v", now, got, err)
			}
		}
		container := aws.Revisions[1]["containerDefinitions"].([]any)[0].(ecstest.Object)
		if want := now + "@" + digest("b"); container["image"] != want || len(aws.Revisions) != 2 {
			t.Errorf("%d revisions, the last with %v, want %s", len(aws.Revisions), container["image"], want)
		}
		got, err := step(ecstest.New(start(), running(fmt.Sprint(now, "@", digest("b"))))).Handle(t.Context(), again)
		if err != nil || got.Decision != revision.Unchanged {
			t.Errorf("%s: got %+v, %v; want unchanged", now, got, err)
		}
	}
}
