package logs_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/local/wire/wiretest"
	"fairlead/local/world"
)

// serve answers the SDK out of the world.
func serve(t *testing.T, w *world.World) *sdk.Client {
	t.Helper()
	return sdk.NewFromConfig(wiretest.Config(t, w.Call))
}

// TestTheSDKReadsAStream reads a stream that got a line each second: 0 to 9.
func TestTheSDKReadsAStream(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	began := w.Now()
	for n := range 10 {
		w.Advance(began.Add(time.Duration(n) * time.Second))
		if err := s.Write("g", "web/web/1", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
	}
	second := func(n int) *int64 { return aws.Int64(began.Add(time.Duration(n) * time.Second).UnixMilli()) }
	client := serve(t, w)
	for name, test := range map[string]struct {
		in   sdk.GetLogEventsInput
		want []string
	}{
		"all":                               {sdk.GetLogEventsInput{}, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
		"the last, oldest first":            {sdk.GetLogEventsInput{Limit: aws.Int32(3)}, []string{"7", "8", "9"}},
		"the first":                         {sdk.GetLogEventsInput{Limit: aws.Int32(3), StartFromHead: aws.Bool(true)}, []string{"0", "1", "2"}},
		"from a time on, with it":           {sdk.GetLogEventsInput{StartTime: second(8)}, []string{"8", "9"}},
		"before a time, without it":         {sdk.GetLogEventsInput{EndTime: second(2)}, []string{"0", "1"}},
		"the last of a time":                {sdk.GetLogEventsInput{EndTime: second(5), Limit: aws.Int32(2)}, []string{"3", "4"}},
		"the first of a time":               {sdk.GetLogEventsInput{StartTime: second(5), Limit: aws.Int32(2), StartFromHead: aws.Bool(true)}, []string{"5", "6"}},
		"a time in which nothing came":      {sdk.GetLogEventsInput{StartTime: second(50)}, nil},
		"a time that ends before it starts": {sdk.GetLogEventsInput{StartTime: second(5), EndTime: second(2)}, nil},
	} {
		in := test.in
		in.LogGroupName, in.LogStreamName = aws.String("g"), aws.String("web/web/1")
		got, err := client.GetLogEvents(t.Context(), &in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, messages(got.Events)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got.NextForwardToken == nil || got.NextBackwardToken == nil {
			t.Errorf("%s: a token is missing", name)
		}
	}
}

func messages(events []types.OutputLogEvent) (all []string) {
	for _, e := range events {
		all = append(all, *e.Message)
	}
	return all
}

func TestTheSDKPagesThroughAStreamInBothDirections(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	want := []string{}
	for n := range 10 {
		want = append(want, fmt.Sprint(n))
	}
	if err := s.Write("g", "s", want...); err != nil {
		t.Fatal(err)
	}
	client := serve(t, w)
	pages := sdk.NewGetLogEventsPaginator(client, &sdk.GetLogEventsInput{LogGroupIdentifier: aws.String("arn:aws:logs:eu-west-1:123456789012:log-group:g:*"),
		LogStreamName: aws.String("s"), Limit: aws.Int32(3), StartFromHead: aws.Bool(true)},
		func(o *sdk.GetLogEventsPaginatorOptions) { o.StopOnDuplicateToken = true })
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, messages(page.Events)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	in := &sdk.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), Limit: aws.Int32(4)}
	for range 4 {
		page, err := client.GetLogEvents(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		got, in.NextToken = slices.Concat(messages(page.Events), got), page.NextBackwardToken
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheSDKIsRefusedWhatIsNoStream(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	if err := s.Write("g", "s", "x"); err != nil {
		t.Fatal(err)
	}
	client := serve(t, w)
	for name, in := range map[string]sdk.GetLogEventsInput{
		"a name and an ARN": {LogGroupName: aws.String("g"), LogGroupIdentifier: aws.String("g"), LogStreamName: aws.String("s")},
		"no group":          {LogStreamName: aws.String("s")},
		"too many lines":    {LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), Limit: aws.Int32(10_001)},
		"no line":           {LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), Limit: aws.Int32(0)},
	} {
		_, err := client.GetLogEvents(t.Context(), &in)
		if wrong := (*types.InvalidParameterException)(nil); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := client.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("none")})
	if none := (*types.ResourceNotFoundException)(nil); !errors.As(err, &none) {
		t.Errorf("a stream that there is not: %v", err)
	}
}

// onlyStreams allows what is on a stream whose name begins with "web/".
type onlyStreams struct{}

func (onlyStreams) Authorize(_ world.Principal, _, resource string, _ world.Keys) error {
	if resource == "arn:aws:logs:eu-west-1:123456789012:log-group:g:log-stream:web/1" {
		return nil
	}
	return errors.New("not authorized")
}

func TestReadingIsAllowedStreamByStream(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	w.SetAuthority(onlyStreams{})
	for _, stream := range []string{"web/1", "db/1"} {
		if err := s.Write("g", stream, "x"); err != nil {
			t.Fatal(err)
		}
	}
	client := serve(t, w)
	for stream, allowed := range map[string]bool{"web/1": true, "db/1": false} {
		_, err := client.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: &stream})
		if (err == nil) != allowed {
			t.Errorf("%s: %v", stream, err)
		}
	}
}
