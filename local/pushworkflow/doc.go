// Package pushworkflow runs the steps of .github/workflows/push-image.yml as they stand there, with GitHub's part played by
// the embedded AWS: its OIDC issuer gives the tokens, STS takes them for the roles of the template, and ECR takes the push.
// The steps call curl, jq, Go and the AWS CLI, which GitHub's runners have; where one is missing there is nothing to test,
// unless FAIRLEAD_NEEDS_TOOLS is set, as it is in CI.
//
// What only a runner can do, the build by docker buildx and the passing on of its archive, is left out: a test makes the
// archive itself.
package pushworkflow
