package ssm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/ssm"
	"fairlead/local/world"
)

// store is an embedded AWS that is reached as from outside.
type store struct {
	*awsssm.Client
	aws *local.AWS
	url string
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{aws: local.New(local.Options{Place: local.Place(), Seed: 1, Clock: time.Now, Host: func() string { return "127.0.0.1:4566" },
		Blobs: &blob.Memory{}, Pace: 1, Logger: slog.New(slog.DiscardHandler)})}
	server := httptest.NewServer(s.aws)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.Client = s.as(s.aws.Administrator())
	return s
}

func (s *store) as(keys world.Credentials) *awsssm.Client {
	return awsssm.NewFromConfig(aws.Config{Region: "eu-west-1", BaseEndpoint: &s.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)})
}

// put writes a String, and returns its version.
func (s *store) put(t *testing.T, name, value string) int64 {
	t.Helper()
	out, err := s.PutParameter(t.Context(), &awsssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	if out.Tier != types.ParameterTierStandard {
		t.Errorf("tier %s", out.Tier)
	}
	return out.Version
}

func (s *store) get(t *testing.T, name string) types.Parameter {
	t.Helper()
	out, err := s.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Parameter
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	failure, ok := errors.AsType[smithy.APIError](err)
	if !ok || failure.ErrorCode() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAParameterIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	before := time.Now().Add(-time.Second)
	if s.put(t, "/shop/web/digest", "one") != 1 || s.put(t, "/shop/web/digest", "two") != 2 {
		t.Error("versions are not counted from 1")
	}
	got := s.get(t, "/shop/web/digest")
	if got.LastModifiedDate == nil || got.LastModifiedDate.Before(before) || got.LastModifiedDate.After(time.Now().Add(time.Second)) {
		t.Errorf("modified at %v", got.LastModifiedDate)
	}
	const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/web/digest"
	if *got.Value != "two" || got.Version != 2 || *got.Name != "/shop/web/digest" || *got.ARN != arn || *got.DataType != "text" || got.Type != types.ParameterTypeString {
		t.Errorf("%+v", got)
	}
	for reference, value := range map[string]string{"/shop/web/digest:1": "one", arn: "two", arn + ":1": "one"} {
		if got := s.get(t, reference); *got.Value != value {
			t.Errorf("%s is %s, want %s", reference, *got.Value, value)
		}
	}
	s.put(t, "/alone", "x")
	if got := s.get(t, "alone"); *got.Name != "/alone" || *got.ARN != "arn:aws:ssm:eu-west-1:123456789012:parameter/alone" {
		t.Errorf("a name is the same with and without the slash: %s, %s", *got.Name, *got.ARN)
	}
}

func TestWhatAWSRefusesIsRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.put(t, "/there", "x")
	put := func(name, value string, change func(*awsssm.PutParameterInput)) error {
		in := &awsssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
		if change != nil {
			change(in)
		}
		_, err := s.PutParameter(t.Context(), in)
		return err
	}
	overwrite := func(in *awsssm.PutParameterInput) { in.Overwrite = aws.Bool(true) }
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"a parameter that is there":          {put("/there", "y", nil), "ParameterAlreadyExists"},
		"another type":                       {put("/there", "y", func(in *awsssm.PutParameterInput) { overwrite(in); in.Type = types.ParameterTypeStringList }), "HierarchyTypeMismatchException"},
		"a new one without a type":           {put("/new", "y", func(in *awsssm.PutParameterInput) { in.Type = "" }), "ValidationException"},
		"a type that there is not":           {put("/new", "y", func(in *awsssm.PutParameterInput) { in.Type = "Text" }), "ValidationException"},
		"no value":                           {put("/new", "", nil), "ValidationException"},
		"a value of more than 4 KB":          {put("/new", strings.Repeat("x", 4097), nil), "ValidationException"},
		"a value that names a parameter":     {put("/new", "{{ssm:x}}", nil), "ValidationException"},
		"no name":                            {put(" ", "y", nil), "ValidationException"},
		"a name with a blank":                {put("/new one", "y", nil), "ValidationException"},
		"a name with a colon":                {put("/new:1", "y", nil), "ValidationException"},
		"a name that ends in a slash":        {put("/new/", "y", nil), "ValidationException"},
		"a hierarchy that is not qualified":  {put("shop/web", "y", nil), "ValidationException"},
		"a name of AWS":                      {put("/aws/web", "y", nil), "AccessDeniedException"},
		"a name that begins as those of AWS": {put("awsome", "y", nil), "ValidationException"},
		"a name that begins as those of SSM": {put("/SSM-web/x", "y", nil), "ValidationException"},
		"sixteen levels":                     {put(strings.Repeat("/x", 16), "y", nil), "HierarchyLevelLimitExceededException"},
		"a name of more than 1011 with ARN":  {put("/"+strings.Repeat("x", 970), "y", nil), "ValidationException"},
		"tags on one that may be there": {put("/new", "y", func(in *awsssm.PutParameterInput) {
			overwrite(in)
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		}), "ValidationException"},
		"a secret, which is not served":        {put("/new", "y", func(in *awsssm.PutParameterInput) { in.Type = types.ParameterTypeSecureString }), "NotImplemented"},
		"an advanced one, which is not served": {put("/new", "y", func(in *awsssm.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }), "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, tt.err, tt.want) })
	}
	if got := s.get(t, "/there"); *got.Value != "x" || got.Version != 1 {
		t.Errorf("what was refused had an effect: %s, version %d", *got.Value, got.Version)
	}
	for name, want := range map[string]string{"/nowhere": "ParameterNotFound", "/there:7": "ParameterVersionNotFound", "/there:label": "NotImplemented"} {
		_, err := s.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: &name})
		wantCode(t, err, want)
	}
	var missing *types.ParameterNotFound
	if _, err := s.DeleteParameter(t.Context(), &awsssm.DeleteParameterInput{Name: aws.String("/nowhere")}); !errors.As(err, &missing) {
		t.Errorf("deleting what is not there: %v", err)
	}
}

func TestParametersAreListed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, name := range []string{"/shop/web/a", "/shop/web/b", "/shop/web/deep/c", "/shop/webber/d", "alone"} {
		s.put(t, name, "x")
	}
	byPath := func(path string, recursive bool) (names []string) {
		pages := awsssm.NewGetParametersByPathPaginator(s.Client, &awsssm.GetParametersByPathInput{Path: &path, Recursive: &recursive, MaxResults: aws.Int32(2)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Parameters {
				names = append(names, *p.Name)
			}
		}
		return names
	}
	for path, want := range map[string][2]string{"/shop/web": {"/shop/web/a /shop/web/b", "/shop/web/a /shop/web/b /shop/web/deep/c"}, "/shop/web/": {"/shop/web/a /shop/web/b", "/shop/web/a /shop/web/b /shop/web/deep/c"},
		"/": {"alone", "alone /shop/web/a /shop/web/b /shop/web/deep/c /shop/webber/d"}, "/none": {}} {
		if got := strings.Join(byPath(path, false), " "); got != want[0] {
			t.Errorf("below %s: %q, want %q", path, got, want[0])
		}
		if got := strings.Join(byPath(path, true), " "); got != want[1] {
			t.Errorf("at any depth below %s: %q, want %q", path, got, want[1])
		}
	}
	some, err := s.GetParameters(t.Context(), &awsssm.GetParametersInput{Names: []string{"/shop/web/a", "/none"}})
	if err != nil || len(some.Parameters) != 1 || len(some.InvalidParameters) != 1 {
		t.Errorf("%+v, %v", some, err)
	}
	described, err := s.DescribeParameters(t.Context(), &awsssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{
		{Key: aws.String("Name"), Option: aws.String("BeginsWith"), Values: []string{"/shop/web/"}}}})
	if err != nil || len(described.Parameters) != 3 || described.Parameters[0].Tier != types.ParameterTierStandard || described.Parameters[0].LastModifiedUser == nil {
		t.Errorf("%+v, %v", described, err)
	}
	gone, err := s.DeleteParameters(t.Context(), &awsssm.DeleteParametersInput{Names: []string{"/shop/web/a", "/none"}})
	if err != nil || len(gone.DeletedParameters) != 1 || len(gone.InvalidParameters) != 1 {
		t.Errorf("%+v, %v", gone, err)
	}
}

func TestAHundredVersionsAreKept(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for n := range 103 {
		s.put(t, "/x", fmt.Sprint(n))
	}
	var numbers []int64
	pages := awsssm.NewGetParameterHistoryPaginator(s.Client, &awsssm.GetParameterHistoryInput{Name: aws.String("/x")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Parameters {
			numbers = append(numbers, v.Version)
		}
	}
	if len(numbers) != 100 || numbers[0] != 4 || numbers[99] != 103 {
		t.Errorf("versions %v", numbers)
	}
}

func TestEachParameterIsAuthorised(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.put(t, "/shop/web/digest", "x")
	role := declareRole(t, s.aws, `{"Effect":"Allow","Action":["ssm:PutParameter","ssm:GetParameters"],"Resource":"arn:aws:ssm:eu-west-1:123456789012:parameter/shop/web/digest"}`)
	var keys world.Credentials
	s.aws.Core.Do(func(*world.World) {
		who, err := s.aws.IAM.ServiceSession(role, "lambda.amazonaws.com", "", "test")
		if err != nil {
			t.Fatal(err)
		}
		keys = s.aws.IAM.Issue(who, time.Hour)
	})
	own := &store{Client: s.as(keys), aws: s.aws}
	own.put(t, "/shop/web/digest", "y")
	_, err := own.PutParameter(t.Context(), &awsssm.PutParameterInput{Name: aws.String("/shop/api/digest"), Value: aws.String("y"), Type: types.ParameterTypeString})
	wantCode(t, err, "AccessDeniedException")
	if err == nil || !strings.Contains(err.Error(), "is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/api/digest") {
		t.Error(err)
	}
	_, err = own.GetParameters(t.Context(), &awsssm.GetParametersInput{Names: []string{"/shop/web/digest", "/shop/api/digest"}})
	wantCode(t, err, "AccessDeniedException")
	_, err = own.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: aws.String("/shop/web/digest")})
	wantCode(t, err, "AccessDeniedException")
}

func declareRole(t *testing.T, a *local.AWS, statement string) (arn string) {
	t.Helper()
	properties, err := json.Marshal(map[string]any{"RoleName": "writer",
		"AssumeRolePolicyDocument": json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
		"Policies":                 []any{map[string]any{"PolicyName": "own", "PolicyDocument": json.RawMessage(`{"Version":"2012-10-17","Statement":[` + statement + `]}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	a.Core.Do(func(*world.World) {
		role, err := a.IAM.Declare(world.Declared{Type: "AWS::IAM::Role", Stack: "shop", LogicalID: "Writer", Properties: properties})
		if err != nil {
			t.Fatal(err)
		}
		arn, _ = role.Attributes["Arn"].(string)
	})
	return arn
}

// bus keeps the events.
type bus struct{ sent []world.Event }

func (b *bus) Publish(e world.Event) { b.sent = append(b.sent, e) }

type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }

func TestChangesAreToldToTheBus(t *testing.T) {
	t.Parallel()
	w, events := world.New(local.Place(), 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)), &bus{}
	w.SetAuthority(anyone{})
	w.Add(ssm.New(w, events))
	for _, call := range []string{`PutParameter {"Name":"/x","Type":"String","Value":"1","Description":"d"}`, `PutParameter {"Name":"/x","Value":"2","Overwrite":true}`, `DeleteParameter {"Name":"x"}`} {
		operation, body, _ := strings.Cut(call, " ")
		if _, err := w.Call(world.Request{Service: "ssm", Operation: operation, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, e := range events.sent {
		got = append(got, e.Source+" "+e.DetailType+" "+e.Resources[0]+" "+string(e.Detail))
	}
	const begin = `aws.ssm Parameter Store Change arn:aws:ssm:eu-west-1:123456789012:parameter/x {"description":"d","name":"/x","operation":`
	if diff := cmp.Diff([]string{begin + `"Create","type":"String"}`, begin + `"Update","type":"String"}`, begin + `"Delete","type":"String"}`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParametersSurviveARestart(t *testing.T) {
	t.Parallel()
	s, file := newStore(t), t.TempDir()+"/state"
	s.put(t, "/x", "one")
	if err := s.aws.Save(file); err != nil {
		t.Fatal(err)
	}
	again := newStore(t)
	if found, err := again.aws.Restore(file); err != nil || !found {
		t.Fatal(found, err)
	}
	if got := again.get(t, "/x"); *got.Value != "one" || again.put(t, "/x", "two") != 2 {
		t.Errorf("%+v", got)
	}
}
