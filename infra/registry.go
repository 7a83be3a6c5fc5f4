package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead/shared/config"
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"
)

// registryStack is CI's side: the repositories, and the roles that may push there and do nothing else.
const registryStack = "FairleadRegistry"

// registry builds the registry's stack.
type registry struct {
	stack   awscdk.Stack
	config  config.Config
	reasons *reasons
}

// newRegistry adds the registry's stack to the app, if the configuration names any repository; nil if not.
func newRegistry(app awscdk.App, in input, why *reasons) awscdk.Stack {
	if len(in.Config.Repositories) == 0 {
		return nil
	}
	r := &registry{config: in.Config, reasons: why}
	r.stack = newStack(app, registryStack, "Fairlead: the repositories that CI pushes to, and the roles that push.", in)
	r.addProvider()
	for _, name := range slices.Sorted(maps.Keys(r.config.Repositories)) {
		repository := r.config.Repositories[name]
		r.addRepository(repository)
		if repository.GitHub != nil {
			r.addPushRole(repository)
		}
	}
	return r.stack
}

// addRepository adds a repository, unless it exists already: a tag that was pushed stays what it is, an image is scanned
// when it is pushed, and images outlive the stack.
//
// Nothing expires unless that is asked for: ECR's rules know tags and ages, and not what runs. See docs/registry.md.
func (r *registry) addRepository(repository config.Repository) {
	id := title(repository.Name)
	uri := account + ".dkr.ecr." + region + "." + suffix + "/" + repository.Name
	if !repository.Existing {
		props := &awsecr.CfnRepositoryProps{
			RepositoryName:             jsii.String(repository.Name),
			ImageTagMutability:         jsii.String("IMMUTABLE"),
			ImageScanningConfiguration: &awsecr.CfnRepository_ImageScanningConfigurationProperty{ScanOnPush: true},
		}
		if len(repository.MutableTags) > 0 {
			props.ImageTagMutability = jsii.String("IMMUTABLE_WITH_EXCLUSION")
			props.ImageTagMutabilityExclusionFilters = exclusions(repository.MutableTags)
		}
		if repository.ExpireUntagged > 0 {
			props.LifecyclePolicy = &awsecr.CfnRepository_LifecyclePolicyProperty{LifecyclePolicyText: jsii.String(expireUntagged(repository.ExpireUntagged))}
		}
		made := awsecr.NewCfnRepository(r.stack, jsii.String(id+"Repository"), props)
		made.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
		uri = attribute(id+"Repository", "RepositoryUri")
	}
	newOutput(r.stack, id+"RepositoryUri", "Where the images of "+repository.Name+" are pushed.", uri)
}

// exclusions are the filters of the tags that may be moved.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
func exclusions(wildcards []string) []any {
	filters := make([]any, len(wildcards))
	for i, wildcard := range wildcards {
		filters[i] = &awsecr.CfnRepository_ImageTagMutabilityExclusionFilterProperty{
			ImageTagMutabilityExclusionFilterType:  jsii.String("WILDCARD"),
			ImageTagMutabilityExclusionFilterValue: jsii.String(wildcard),
		}
	}
	return filters
}

// expireUntagged is the lifecycle policy that drops images without a tag after so many days, and no others.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
func expireUntagged(days int) string {
	return fmt.Sprintf(`{"rules":[{"rulePriority":1,"description":"images without a tag","selection":`+
		`{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":%d},"action":{"type":"expire"}}]}`, days)
}

// addPushRole adds the role under which CI pushes to a repository.
func (r *registry) addPushRole(repository config.Repository) {
	id := title(repository.Name) + "PushRole"
	r.reasons.addRole(r.stack, identity{
		id: id, name: pushRoleName(r.config.Prefix, repository.Name),
		what:   "Under this role CI pushes images to " + repository.Name + ", and does nothing else.",
		trust:  trustGitHub(r.provider(), *repository.GitHub),
		grants: grants{"push": by("CI", pushStatements(repository.Name)...)},
	})
	newOutput(r.stack, id+"Arn", "The role that CI assumes to push to "+repository.Name+".", attribute(id, "Arn"))
}

// pushRoleName names the role that pushes to a repository: fairlead-push-shop-web.
func pushRoleName(prefix, repository string) string {
	return prefix + "-push-" + strings.ReplaceAll(repository, "/", "-")
}

// pushStatements is what a push takes. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
func pushStatements(repository string) []permission.Statement {
	return []permission.Statement{
		{Sid: "LogIn", Actions: []string{"ecr:GetAuthorizationToken"}, Resources: []string{"*"},
			Why: "a password for the registry's door; what it opens, the next statement says"},
		{Sid: "Push", Why: "asks which layers are there already, uploads the others, and puts the image under its tag", Resources: []string{arn("ecr", "repository/"+repository)}, Actions: []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
			"ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
		}},
	}
}
