package checkimage_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"fairlead/functions/checkimage"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/image"
	"fairlead/shared/tag"
)

const (
	uri        = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"
	definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:41"
	execution  = "arn:aws:states:eu-west-1:123456789012:execution:deploy:a"
	old        = image.Digest("sha256:0000000000000000000000000000000000000000000000000000000000000000")
)

// registry is an ECR of one repository. A field that is nil answers what a sound one would.
type registry struct {
	describeRepositories func(*ecr.DescribeRepositoriesInput) (*ecr.DescribeRepositoriesOutput, error)
	describeImages       func(*ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error)
	batchGetImage        func(*ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error)
	downloadURL          func(*ecr.GetDownloadUrlForLayerInput) (*ecr.GetDownloadUrlForLayerOutput, error)

	tags      map[string]image.Digest
	manifests map[image.Digest]manifest
	blobs     map[image.Digest][]byte
	downloads []string // the URLs that were fetched
}

type manifest struct{ mediaType, content string }

func (r *registry) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	if r.describeRepositories != nil {
		return r.describeRepositories(in)
	}
	if !slices.Equal(in.RepositoryNames, []string{"shop/web"}) {
		return nil, &ecrtypes.RepositoryNotFoundException{}
	}
	return &ecr.DescribeRepositoriesOutput{Repositories: []ecrtypes.Repository{{RepositoryUri: aws.String(uri), ImageTagMutability: ecrtypes.ImageTagMutabilityImmutable}}}, nil
}

func (r *registry) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	if r.describeImages != nil {
		return r.describeImages(in)
	}
	id := in.ImageIds[0]
	digest := image.Digest(aws.ToString(id.ImageDigest))
	if id.ImageTag != nil {
		digest = r.tags[*id.ImageTag]
	}
	found, ok := r.manifests[digest]
	if !ok {
		return nil, &ecrtypes.ImageNotFoundException{}
	}
	return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{{ImageDigest: aws.String(string(digest)),
		ImageManifestMediaType: aws.String(found.mediaType), ImageStatus: ecrtypes.ImageStatusActive}}}, nil
}

func (r *registry) BatchGetImage(_ context.Context, in *ecr.BatchGetImageInput, _ ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
	if r.batchGetImage != nil {
		return r.batchGetImage(in)
	}
	found, ok := r.manifests[image.Digest(aws.ToString(in.ImageIds[0].ImageDigest))]
	if !ok {
		return &ecr.BatchGetImageOutput{Failures: []ecrtypes.ImageFailure{{FailureCode: ecrtypes.ImageFailureCodeImageNotFound, FailureReason: aws.String("Requested image not found")}}}, nil
	}
	return &ecr.BatchGetImageOutput{Images: []ecrtypes.Image{{ImageManifest: aws.String(found.content), ImageManifestMediaType: aws.String(found.mediaType)}}}, nil
}

func (r *registry) GetDownloadUrlForLayer(_ context.Context, in *ecr.GetDownloadUrlForLayerInput, _ ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error) {
	if r.downloadURL != nil {
		return r.downloadURL(in)
	}
	return &ecr.GetDownloadUrlForLayerOutput{DownloadUrl: aws.String("https://layers.example/" + *in.LayerDigest + "?signature=secret")}, nil
}

// Do is the store behind the presigned URLs.
func (r *registry) Do(request *http.Request) (*http.Response, error) {
	r.downloads = append(r.downloads, request.URL.String())
	content, ok := r.blobs[image.Digest(request.URL.Path[1:])]
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(content)), Request: request}, nil
}

// push stores an image for a platform under a tag and returns its digest.
func (r *registry) push(name, system, architecture string) image.Digest {
	configuration := []byte(`{"os":"` + system + `","architecture":"` + architecture + `","rootfs":{"type":"layers","diff_ids":["` + name + `"]}}`)
	digest := image.DigestOf(configuration)
	r.blobs[digest] = configuration
	return r.put(name, image.OCIManifest, `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":100,"digest":"`+string(digest)+`"},
		"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":1,"digest":"`+string(old)+`"}]}`)
}

// put stores a manifest, under a tag if it has one.
func (r *registry) put(name, mediaType, content string) image.Digest {
	digest := image.DigestOf([]byte(content))
	r.manifests[digest] = manifest{mediaType, content}
	if name != "" {
		r.tags[name] = digest
	}
	return digest
}

// services is an ECS of one service.
type services struct {
	describeServices func(*ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error)
	service          ecstypes.Service
	definition       ecstypes.TaskDefinition
	tags             []ecstypes.Tag
	more             map[int]revised // revisions of the family beside the one that the service runs
}

// revised is another revision of the service's family.
type revised struct {
	definition ecstypes.TaskDefinition
	tags       []ecstypes.Tag
}

func revisionARN(number int) string {
	return fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:%d", number)
}

func (s *services) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	if s.describeServices != nil {
		return s.describeServices(in)
	}
	if aws.ToString(in.Cluster) != "prod" || !slices.Equal(in.Services, []string{"web"}) {
		return &ecs.DescribeServicesOutput{Failures: []ecstypes.Failure{{Reason: aws.String("MISSING")}}}, nil
	}
	return &ecs.DescribeServicesOutput{Services: []ecstypes.Service{s.service}}, nil
}

func (s *services) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	for number, other := range s.more {
		if aws.ToString(in.TaskDefinition) == revisionARN(number) {
			return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &other.definition, Tags: other.tags}, nil
		}
	}
	if aws.ToString(in.TaskDefinition) != definition {
		return nil, &ecstypes.ClientException{Message: aws.String("Unable to describe task definition.")}
	}
	out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &s.definition}
	if slices.Contains(in.Include, ecstypes.TaskDefinitionFieldTags) {
		out.Tags = s.tags
	}
	return out, nil
}

func (s *services) ListTaskDefinitions(_ context.Context, in *ecs.ListTaskDefinitionsInput, _ ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error) {
	if aws.ToString(in.FamilyPrefix) != "shop-web" || in.Sort != ecstypes.SortOrderDesc || in.Status != ecstypes.TaskDefinitionStatusActive {
		return nil, fmt.Errorf("listed %+v", in)
	}
	numbers := append(slices.Collect(maps.Keys(s.more)), 41, 40)
	slices.Sort(numbers)
	out := &ecs.ListTaskDefinitionsOutput{}
	for _, number := range slices.Backward(numbers) {
		out.TaskDefinitionArns = append(out.TaskDefinitionArns, revisionARN(number))
	}
	return out, nil
}

// trusting is the trust policy of a role that ECS tasks may assume, as IAM encodes it.
const trusting = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ecs-tasks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"

// roles is an IAM with the roles of the tasks.
type roles struct {
	trust     map[string]string // by role name
	simulated iamtypes.PolicyEvaluationDecisionType
	denied    []string // actions that are denied whatever is simulated
	err       error
	asked     []string
}

func (r *roles) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	document, ok := r.trust[aws.ToString(in.RoleName)]
	if r.err != nil {
		return nil, r.err
	}
	if !ok {
		return nil, &iamtypes.NoSuchEntityException{}
	}
	return &iam.GetRoleOutput{Role: &iamtypes.Role{AssumeRolePolicyDocument: &document}}, nil
}

func (r *roles) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	asked := fmt.Sprintf("%s %v %v", *in.PolicySourceArn, in.ActionNames, in.ResourceArns)
	for _, given := range in.ContextEntries {
		asked += fmt.Sprintf(" %s %v", *given.ContextKeyName, given.ContextKeyValues)
	}
	r.asked = append(r.asked, asked)
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		for _, arn := range in.ResourceArns {
			decision := r.simulated
			if slices.Contains(r.denied, action) {
				decision = iamtypes.PolicyEvaluationDecisionTypeExplicitDeny
			}
			out.EvaluationResults = append(out.EvaluationResults, iamtypes.EvaluationResult{EvalActionName: &action, EvalResourceName: &arn, EvalDecision: decision})
		}
	}
	return out, r.err
}

// settings are what ECR says about how the repository is set up.
type settings struct {
	lifecycle string
	scanned   bool
	err       error
	asked     []string
}

func (s *settings) GetLifecyclePolicy(_ context.Context, in *ecr.GetLifecyclePolicyInput, _ ...func(*ecr.Options)) (*ecr.GetLifecyclePolicyOutput, error) {
	s.asked = append(s.asked, "lifecycle "+*in.RepositoryName)
	if s.err == nil && s.lifecycle == "" {
		return nil, &ecrtypes.LifecyclePolicyNotFoundException{}
	}
	return &ecr.GetLifecyclePolicyOutput{LifecyclePolicyText: &s.lifecycle}, s.err
}

func (s *settings) BatchGetRepositoryScanningConfiguration(_ context.Context, in *ecr.BatchGetRepositoryScanningConfigurationInput, _ ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error) {
	s.asked = append(s.asked, "scanning "+in.RepositoryNames[0])
	return &ecr.BatchGetRepositoryScanningConfigurationOutput{ScanningConfigurations: []ecrtypes.RepositoryScanningConfiguration{{ScanOnPush: s.scanned}}}, s.err
}

// world is one service that runs an old image, and a registry with a new one under the tag v1.
type world struct {
	registry *registry
	services *services
	roles    *roles
	settings *settings
	config   config.Service
	ledger   ledger.QuarantineReader
	holds    ledger.HoldReader
	looked   []string // the executions on whose behalf ports were opened
}

func sound(t *testing.T) *world {
	t.Helper()
	newest, err := tag.New(tag.Newest, "")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		registry: &registry{tags: map[string]image.Digest{}, manifests: map[image.Digest]manifest{}, blobs: map[image.Digest][]byte{}},
		services: &services{
			service: ecstypes.Service{Status: aws.String("ACTIVE"), TaskDefinition: aws.String(definition), LoadBalancers: []ecstypes.LoadBalancer{{}},
				DeploymentConfiguration: &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: true}}},
			definition: ecstypes.TaskDefinition{
				TaskRoleArn: aws.String("arn:aws:iam::123456789012:role/task"), ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/shop/execution"),
				RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
				ContainerDefinitions: []ecstypes.ContainerDefinition{
					{Name: aws.String("app"), Image: aws.String(uri + "@" + string(old))},
					{Name: aws.String("proxy"), Image: aws.String("public.ecr.aws/nginx:1")},
				},
			},
			tags: []ecstypes.Tag{
				{Key: aws.String("fairlead:execution"), Value: aws.String("x")},
				{Key: aws.String("fairlead:sequence"), Value: aws.String("7")},
				{Key: aws.String("fairlead:base"), Value: aws.String("40")},
			},
		},
		roles:    &roles{trust: map[string]string{"task": trusting, "execution": trusting}, simulated: "allowed"},
		settings: &settings{scanned: true},
		ledger:   ledger.NewMemory(), holds: ledger.NewMemory(),
		config: config.Service{Name: "web", Cluster: "prod", Service: "web", Repository: "shop/web", TagPolicy: newest,
			TaskRole: "task", ExecutionRole: "arn:aws:iam::123456789012:role/shop/execution"},
	}
	w.registry.push("v1", "linux", "amd64")
	return w
}

// check runs the step on an input.
func (w *world) check(input string) (image.Checked, error) {
	place := config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
	step := checkimage.Step{
		Config: config.Config{Prefix: "fairlead", Services: map[string]config.Service{"web": w.config}},
		Place:  func(context.Context) (config.Place, error) { return place, nil }, Quarantine: w.ledger, Holds: w.holds, Now: func() time.Time { return start.Add(time.Second) },
		Look: func(_ context.Context, service config.Service, executionARN string) checkimage.Ports {
			w.looked = append(w.looked, service.Name+" "+executionARN)
			return checkimage.Ports{Registry: w.registry, Services: w.services, Roles: w.roles, Settings: w.settings, Blobs: w.registry}
		},
	}
	return step.Handle(context.Background(), handler.Request{
		Execution: handler.Execution{ID: execution, StartTime: start}, State: handler.State{EnteredTime: start}, Document: []byte(input)})
}

var start = time.Date(2026, 11, 23, 8, 0, 10, 0, time.UTC)

// event composes the rule's input for a push of a tag that the event says names a digest.
func event(name string, digest image.Digest) string {
	return `{"service":"web","event":{"source":"aws.ecr","detail-type":"ECR Image Action","account":"123456789012","region":"eu-west-1","time":"2026-11-23T08:00:00Z",
		"detail":{"action-type":"PUSH","result":"SUCCESS","repository-name":"shop/web","image-tag":"` + name + `","image-digest":"` + string(digest) + `"}}}`
}
