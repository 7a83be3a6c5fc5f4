package registerrevision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ecstest"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
)

// family is a service that runs revision 1, to whose family somebody has added revision 2, which CheckImage has found.
func family(t *testing.T, change func(ecstest.Object)) *ecstest.ECS {
	t.Helper()
	f := ecstest.New(start(), running(uri+":v1"))
	added := running(uri + ":placeholder")
	added["cpu"] = "1024"
	change(added)
	f.Register(added, []any{ecstest.Tag("stack", "shop")}, start())
	return f
}

func found(more string) string {
	return `,"image":{"repositoryUri":"` + uri + `","digest":"` + digest("b") + `","copies":"` + ecstest.Revision(2) + `","running":{"taskDefinition":"` + ecstest.Revision(1) + `"}}` + more
}

func TestWhatWasFoundIsCopied(t *testing.T) {
	aws := family(t, func(ecstest.Object) {})
	got, err := step(aws).Handle(t.Context(), request(found("")))
	if err != nil {
		t.Fatal(err)
	}
	if got.Base != ecstest.Revision(1) || got.Copied != ecstest.Revision(2) || got.TaskDefinition != ecstest.Revision(3) || !strings.Contains(got.Reason, "copied from "+ecstest.Revision(2)) {
		t.Errorf("%+v", got)
	}
	made, tags := aws.Revisions[2], aws.Tags[2]
	container := made["containerDefinitions"].([]any)[0].(ecstest.Object)
	if made["cpu"] != "1024" || container["image"] != uri+"@"+digest("b") {
		t.Errorf("made %v", made)
	}
	want := append([]any{ecstest.Tag("stack", "shop")}, append(marks(me, 5, 1), ecstest.Tag(revision.TagCopied, "2"))...)
	if diff := cmp.Diff(any(want), tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	again, err := step(aws).Handle(t.Context(), request(found("")))
	if err != nil || again != got || len(aws.Revisions) != 3 {
		t.Errorf("a second attempt: %+v, %v, %d revisions", again, err, len(aws.Revisions))
	}
}

func TestWhatWasFoundIsNotCopiedOnceItRuns(t *testing.T) {
	aws := family(t, func(ecstest.Object) {})
	aws.Point(ecstest.Revision(2))
	got, err := step(aws).Handle(t.Context(), request(found("")))
	if err != nil || got.Base != ecstest.Revision(2) || got.Copied != ecstest.Revision(2) {
		t.Errorf("%+v, %v", got, err)
	}
	want := append([]any{ecstest.Tag("stack", "shop")}, marks(me, 5, 2)...)
	if diff := cmp.Diff(any(want), aws.Tags[2]); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestWhatWasFoundPassesNoOtherRole(t *testing.T) {
	aws := family(t, func(d ecstest.Object) { d["taskRoleArn"] = otherRole })
	_, err := step(aws).Handle(t.Context(), request(found("")))
	if f := fault.From(err); f == nil || f.Code != fault.ServiceRole || aws.Count("RegisterTaskDefinition") != 0 {
		t.Errorf("got %v and %v", err, aws.Calls)
	}
}
