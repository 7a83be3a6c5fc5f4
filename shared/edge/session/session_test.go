package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
)

const execution = "arn:aws:states:eu-west-1:123456789012:execution:deploy:13cde686-328b-6117-af20-0e5566167482_0b1c2d3e-328b-6117-af20-0e5566167482"

// issuer is an STS that answers every AssumeRole and notes what was asked, and who signed each request.
type issuer struct {
	assumed []url.Values
	signers []string
}

func (i *issuer) Do(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, err
	}
	i.signers = append(i.signers, regexp.MustCompile(`Credential=([^/]*)/`).FindStringSubmatch(r.Header.Get("Authorization"))[1])
	body := `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	if form.Get("Action") == "AssumeRole" {
		i.assumed = append(i.assumed, form)
		body = fmt.Sprintf(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>SESSION%d</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>2126-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, len(i.assumed))
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func runtime(i *issuer, log io.Writer) session.Runtime {
	return session.Runtime{
		AWS:    aws.Config{Region: "eu-west-1", HTTPClient: i, Credentials: credentials.NewStaticCredentialsProvider("OWN", "secret", "")},
		Config: config.Config{Prefix: "fairlead"},
		Logger: slog.New(slog.NewJSONHandler(log, nil)),
	}
}

// invoked is the context of an invocation by Lambda.
func invoked(arn string) context.Context {
	return lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{InvokedFunctionArn: arn})
}

const function = "arn:aws:lambda:eu-west-1:123456789012:function:fairlead-check-image"

func whoAmI(ctx context.Context, cfg aws.Config) error {
	_, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	return err
}

func TestAsAssumesTheServicesRole(t *testing.T) {
	var i issuer
	var log strings.Builder
	rt, ctx := runtime(&i, &log), invoked(function)
	cfg := rt.As(ctx, config.Service{Name: "web"}, config.Look, execution)
	for range 2 {
		if err := whoAmI(ctx, cfg); err != nil {
			t.Fatal(err)
		}
	}
	if err := whoAmI(ctx, rt.As(ctx, config.Service{Name: "web"}, config.Look, execution)); err != nil {
		t.Fatal(err)
	}
	if err := whoAmI(ctx, rt.AWS); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"OWN", "SESSION1", "SESSION1", "OWN", "SESSION2", "OWN"}, i.signers); diff != "" {
		t.Errorf("each As is one session, and the function's own configuration stays its own: %s", diff)
	}
	got := i.assumed[0]
	if got.Get("RoleArn") != "arn:aws:iam::123456789012:role/fairlead-web-look" || got.Get("RoleSessionName") != session.Name("web", execution) {
		t.Errorf("assumed %v", got)
	}
	if got.Has("Policy") || got.Has("PolicyArns.member.1.arn") {
		t.Errorf("docs/permissions.md says that sessions have no policy of their own: %v", got)
	}
	if !strings.Contains(log.String(), `"session":"`+session.Name("web", execution)+`"`) {
		t.Errorf("the session is not in the log: %s", log.String())
	}
}

func TestAsWithoutAPlaceFailsAtTheCall(t *testing.T) {
	for name, ctx := range map[string]context.Context{"no Lambda context": context.Background(), "another ARN": invoked("arn:aws:states:x")} {
		var i issuer
		rt := runtime(&i, io.Discard)
		err := whoAmI(ctx, rt.As(ctx, config.Service{Name: "web"}, config.Look, execution))
		var f *fault.Fault
		if !errors.As(fault.FromAWS("who", err), &f) || f.Code != fault.ConfigInvalid || len(i.signers) != 0 {
			t.Errorf("%s: %v, %d calls", name, err, len(i.signers))
		}
	}
}

func TestSessionNames(t *testing.T) {
	longest := strings.Repeat("s", 45)
	name := session.Name(longest, execution)
	if len(name) > 64 || !regexp.MustCompile(`^s{45}-[0-9a-f]{16}$`).MatchString(name) {
		t.Errorf("%q has %d characters", name, len(name))
	}
	if session.Name("web", execution) == session.Name("web", execution+"x") {
		t.Error("two executions have one session name")
	}
}

func TestOnceDoesNotRetry(t *testing.T) {
	var calls int
	rt := runtime(nil, io.Discard)
	rt.AWS.HTTPClient = doer(func(*http.Request) (*http.Response, error) { calls++; return nil, errors.New("broken") })
	if err := whoAmI(context.Background(), session.Once(rt.AWS)); err == nil || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
