package revision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fairlead/shared/fault"
	"fairlead/shared/image"
)

const (
	uri       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
	family    = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web"
	execution = "arn:aws:states:eu-west-1:123456789012:execution:deploy:me"
	another   = "arn:aws:states:eu-west-1:123456789012:execution:deploy:another"
)

var (
	newest = image.Digest("sha256:" + strings.Repeat("b", 64))
	before = image.Digest("sha256:" + strings.Repeat("a", 64))
)

func parsed(t *testing.T, arn string) Name {
	t.Helper()
	name, err := ParseName(arn)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestChoose(t *testing.T) {
	want := Want{Execution: execution, Sequence: 5, Image: image.Pin(uri, newest)}
	back := want
	back.Replaces = before
	older := Seen{Images: []string{uri + "@" + string(before)}, Digest: before, Rollout: "COMPLETED"}
	same := Seen{Images: []string{uri + "@" + string(newest)}, Digest: newest, Rollout: "COMPLETED"}
	with := func(s Seen, mark Mark, rollout string) Seen { s.Mark, s.Rollout = mark, rollout; return s }
	mine, theirs := Mark{Execution: execution, Sequence: 5, Base: 3}, Mark{Execution: another, Sequence: 4, Base: 3}
	newer := Mark{Execution: another, Sequence: 6, Base: 3}
	anyImage := Seen{Images: []string{uri + ":latest"}, Rollout: "COMPLETED"}
	half := Seen{Images: []string{uri + "@" + string(newest), uri + "@" + string(before)}, Rollout: "COMPLETED"}

	following := want
	following.Follows = parsed(t, family+":7")
	elsewhere := want
	elsewhere.Follows = parsed(t, family+":6")
	tests := map[string]struct {
		seen     Seen
		want     Want
		decision Decision
		base     int
		says     string
	}{
		"another image is registered":                                            {older, want, New, 7, "copied from"},
		"an image by tag is not yet the image by digest":                         {anyImage, want, New, 7, ""},
		"all containers that are deployed to must run it":                        {half, want, New, 7, ""},
		"the same image in service is unchanged":                                 {same, want, Unchanged, 7, "already"},
		"the same image by tag and digest is unchanged":                          {Seen{Images: []string{uri + ":v1@" + string(newest)}, Rollout: "COMPLETED"}, want, Unchanged, 7, ""},
		"the same digest of another repository is registered":                    {Seen{Images: []string{"x" + uri + "@" + string(newest)}, Rollout: "COMPLETED"}, want, New, 7, ""},
		"the same image whose deployment failed is registered again":             {with(same, theirs, "FAILED"), want, New, 7, ""},
		"the same image whose rollout is not told is registered again":           {with(same, theirs, ""), want, New, 7, ""},
		"the same image that another execution rolls out is adopted":             {with(same, theirs, "IN_PROGRESS"), want, Adopted, 3, another},
		"the same image that a person rolls out is registered again":             {with(same, Mark{}, "IN_PROGRESS"), want, New, 7, ""},
		"the revision of this very execution is adopted, rolling out":            {with(same, mine, "IN_PROGRESS"), want, Adopted, 3, "this execution"},
		"the revision of this very execution is adopted, done":                   {with(same, mine, "COMPLETED"), want, Adopted, 3, "this execution"},
		"what is followed is adopted while it is rolled out":                     {with(same, theirs, "IN_PROGRESS"), following, Adopted, 3, another},
		"what is followed is adopted when it has failed":                         {with(same, theirs, "FAILED"), following, Adopted, 3, "followed to its end"},
		"what is followed is adopted when it has come into service meanwhile":    {with(same, theirs, "COMPLETED"), following, Adopted, 3, ""},
		"a service that was pointed elsewhere is not followed":                   {with(same, theirs, "IN_PROGRESS"), elsewhere, Superseded, 3, "meanwhile"},
		"a newer execution's revision is not followed":                           {with(same, newer, "IN_PROGRESS"), following, Superseded, 3, another},
		"a newer execution's revision supersedes":                                {with(older, newer, "IN_PROGRESS"), want, Superseded, 3, another},
		"a newer execution's revision with the same image supersedes":            {with(same, newer, "COMPLETED"), want, Superseded, 3, another},
		"an older execution's revision does not":                                 {with(older, theirs, "IN_PROGRESS"), want, New, 7, ""},
		"going back replaces the digest that runs":                               {older, back, New, 7, ""},
		"going back from a digest that does not run changes nothing":             {anyImage, back, Unchanged, 7, "not pinned"},
		"going back to what runs already changes nothing":                        {same, back, Unchanged, 7, "already"},
		"a replay of going back, when it has failed":                             {with(same, theirs, "FAILED"), back, Unchanged, 3, "runs sha256:b"},
		"a replay of going back, when it was done and something newer came":      {with(Seen{Images: []string{uri + "@x"}, Digest: "sha256:c"}, theirs, "COMPLETED"), back, Unchanged, 3, "runs sha256:c"},
		"a service whose containers have no image of ours is registered for now": {Seen{Images: []string{"not an image"}}, want, New, 7, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.seen.TaskDefinition = parsed(t, family+":7")
			got := Choose(test.seen, test.want)
			if got.Decision != test.decision || !strings.Contains(got.Reason, test.says) || got.Reason == "" {
				t.Errorf("got %s because %q, want %s because …%s…", got.Decision, got.Reason, test.decision, test.says)
			}
			if want := fmt.Sprintf("%s:%d", family, test.base); got.Base != want {
				t.Errorf("base %s, want %s", got.Base, want)
			}
			if none := got.TaskDefinition == ""; none != (test.decision == New) {
				t.Errorf("decision %s with the task definition %q", got.Decision, got.TaskDefinition)
			}
		})
	}
}

func tags(pairs ...string) []types.Tag {
	var list []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return list
}

func TestNext(t *testing.T) {
	base := &types.TaskDefinition{
		Family: aws.String("web"),
		ContainerDefinitions: []types.ContainerDefinition{
			{Name: aws.String("web"), Image: aws.String("old"), Command: []string{"run"}},
			{Name: aws.String("envoy"), Image: aws.String("envoy")},
		},
	}
	change := Change{Images: map[string]string{"web": "new"}, Mark: Mark{Execution: execution, Sequence: 5, Base: 7}}
	got, err := Next(base, tags("team", "shop", TagExecution, another, TagBase, "3", TagSequence, "4", "aws:x", "1", "AWS:y", "2", "fairlead:other", "kept"), change)
	if err != nil {
		t.Fatal(err)
	}
	wantContainers := []types.ContainerDefinition{
		{Name: aws.String("web"), Image: aws.String("new"), Command: []string{"run"}},
		{Name: aws.String("envoy"), Image: aws.String("envoy")},
	}
	ignore := cmpopts.IgnoreUnexported(types.ContainerDefinition{}, types.Tag{})
	if diff := cmp.Diff(wantContainers, got.ContainerDefinitions, ignore); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	wantTags := tags("team", "shop", "fairlead:other", "kept", TagExecution, execution, TagSequence, "5", TagBase, "7")
	if diff := cmp.Diff(wantTags, got.Tags, ignore); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if image := *base.ContainerDefinitions[0].Image; image != "old" {
		t.Errorf("the base was altered: image %s", image)
	}
	if mark := MarkOf(got.Tags); mark != change.Mark {
		t.Errorf("mark %+v, want %+v", mark, change.Mark)
	}
}

func TestNextRefuses(t *testing.T) {
	base := &types.TaskDefinition{TaskDefinitionArn: aws.String(family + ":7")}
	var many []string
	for i := range 48 {
		many = append(many, fmt.Sprint("tag", i), "")
	}
	if _, err := Next(base, tags(many[2:]...), Change{}); err != nil {
		t.Errorf("47 tags and ours: %v", err)
	}
	_, err := Next(base, tags(many...), Change{})
	if got := fault.From(err); got == nil || got.Code != fault.RevisionTags || !strings.Contains(got.Message, "51 tags") {
		t.Errorf("48 tags and ours: got %v, want %s", err, fault.RevisionTags)
	}
	if _, err := Next(base, nil, Change{Images: map[string]string{"web": "new"}}); err == nil {
		t.Error("a container that is not there was accepted")
	}
}

func TestMarkOf(t *testing.T) {
	for name, of := range map[string][]types.Tag{
		"no tags":               nil,
		"no execution":          tags(TagSequence, "5", TagBase, "7"),
		"a sequence in letters": tags(TagExecution, "x", TagSequence, "five", TagBase, "7"),
		"no base":               tags(TagExecution, "x", TagSequence, "5"),
	} {
		if got := MarkOf(of); got != (Mark{}) || got.Ours() || got.MadeBy("") {
			t.Errorf("%s: got %+v, want none", name, got)
		}
	}
	got := MarkOf(tags(TagExecution, "x", TagSequence, "5", TagBase, "7"))
	if got != (Mark{Execution: "x", Sequence: 5, Base: 7}) || !got.MadeBy("x") || got.MadeBy("y") {
		t.Errorf("got %+v", got)
	}
}

func TestExecutionTag(t *testing.T) {
	if got := ExecutionTag(execution); got != execution {
		t.Errorf("got %s, want the ARN", got)
	}
	for name, arn := range map[string]string{
		"with a bracket": execution + "(1)", "too long": execution + strings.Repeat("x", 200), "not UTF-8": "a\xff",
	} {
		got := ExecutionTag(arn)
		if !strings.HasPrefix(got, "sha256:") || len(got) != 23 || got == ExecutionTag(arn+"x") {
			t.Errorf("%s: got %s, want a short digest of its own", name, got)
		}
	}
}

func TestParseName(t *testing.T) {
	name := parsed(t, family+":7")
	if name.Family != "web" || name.Revision != 7 || name.String() != family+":7" || name.Sibling(12).String() != family+":12" {
		t.Errorf("got %+v", name)
	}
	for _, wrong := range []string{"", "web:7", family, family + ":0", family + ":07", family + ":x", family + ":-1", "arn:aws:ecs:eu-west-1:123456789012:task-definition/:7", "arn:aws:ecs:eu-west-1:123456789012:service/web:7"} {
		if got, err := ParseName(wrong); err == nil {
			t.Errorf("%q was parsed as %+v", wrong, got)
		}
	}
}

// FuzzParseName wants that what is accepted is written as it was read.
func FuzzParseName(f *testing.F) {
	f.Add(family + ":7")
	f.Add("arn:aws-cn:ecs:cn-north-1:123456789012:task-definition/web:1:2")
	f.Fuzz(func(t *testing.T, arn string) {
		if name, err := ParseName(arn); err == nil && name.String() != arn {
			t.Errorf("%q became %q", arn, name)
		}
	})
}

func TestCompareNamesWhatDiffers(t *testing.T) {
	const described = `{"taskDefinition":{"taskDefinitionArn":"web:7","family":"web","status":"ACTIVE","memory":"512",
		"containerDefinitions":[{"name":"web","image":"old","cpu":0,"environment":[{"name":"KEY","value":"hunter2"}],"new":{"a":1}},{"name":"envoy","image":"e","portMappings":[]}]},
		"tags":[{"key":"team","value":"shop"}]}`
	change := Change{Images: map[string]string{"web": "new"}, Mark: Mark{Execution: "x", Sequence: 1, Base: 7}}
	const ours = `{"key":"fairlead:execution","value":"x"},{"key":"fairlead:sequence","value":"1"},{"key":"fairlead:base","value":"7"}`
	tests := map[string]struct{ request, lost string }{
		"nothing": {`{"family":"web","memory":"512","containerDefinitions":[{"name":"web","image":"new","environment":[{"name":"KEY","value":"hunter2"}],"new":{"a":1}},
			{"name":"envoy","image":"e"}],"tags":[` + ours + `,{"key":"team","value":"shop"}]}`, ""},
		"everything": {`{}`, "containerDefinitions, family, memory, tags"},
		"fields deep down, a tag, and another container's image": {`{"family":"web","memory":"1024","ipcMode":"host","containerDefinitions":[
			{"name":"web","image":"new","environment":[{"name":"KEY","value":"hunter3"}]},{"name":"envoy","image":"new"}],"tags":[` + ours + `,{"key":"team","value":"x"}]}`,
			"containerDefinitions[0].environment[0].value, containerDefinitions[0].new.a, containerDefinitions[1].image, ipcMode, memory, tags[3].value"},
		"the new image": {`{"family":"web","memory":"512","containerDefinitions":[{"name":"web","image":"old","environment":[{"name":"KEY","value":"hunter2"}],"new":{"a":1}},
			{"name":"envoy","image":"e"}],"tags":[` + ours + `,{"key":"team","value":"shop"}]}`, "containerDefinitions[0].image"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := Compare([]byte(described), []byte(test.request), change)
			if test.lost == "" && err != nil || test.lost != "" && !strings.Contains(fmt.Sprint(err), "as its base has them: "+test.lost+". Fix") {
				t.Errorf("got %v, want %s", err, test.lost)
			}
			if err != nil && (fault.From(err).Code != fault.RevisionFieldLost || strings.Contains(err.Error(), "hunter")) {
				t.Errorf("got %v: want the fault %s, without a value", err, fault.RevisionFieldLost)
			}
		})
	}
}
