package checksignature

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"fairlead/shared/fault"
	"fairlead/shared/gate/notation"
)

// platform is AWS Signer's name for container images:
// https://docs.aws.amazon.com/signer/latest/developerguide/container-workflow.html
const platform = "Notation-OCI-SHA384-ECDSA"

// Signer is what the step asks AWS Signer.
type Signer interface {
	GetRevocationStatus(context.Context, *signer.GetRevocationStatusInput, ...func(*signer.Options)) (*signer.GetRevocationStatusOutput, error)
}

// NewSigner makes the client. This one call goes to a host of its own, data-signer.<region>.amazonaws.com, which the SDK
// makes by putting a word before whatever host it has. Before the one that AWS_ENDPOINT_URL names it would lead nowhere.
func NewSigner(cfg aws.Config) *signer.Client {
	return signer.NewFromConfig(cfg, func(o *signer.Options) {
		if o.BaseEndpoint != nil {
			o.APIOptions = append(o.APIOptions, keepHost)
		}
	})
}

func keepHost(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("KeepHost",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
}

// revoked asks AWS Signer what was revoked of a signature, in the region of its signing profile, which is one of those that
// may sign: revocations are known where they were made.
// https://docs.aws.amazon.com/signer/latest/api/API_GetRevocationStatus.html
func (v *verification) revoked(ctx context.Context, made notation.Traces) ([]string, error) {
	reply, err := v.signer.GetRevocationStatus(ctx, &signer.GetRevocationStatusInput{
		CertificateHashes: made.CertificateHashes, JobArn: aws.String(made.Job), PlatformId: aws.String(platform),
		ProfileVersionArn: aws.String(made.Profile.String()), SignatureTimestamp: aws.Time(made.At),
	}, func(o *signer.Options) { o.Region = made.Profile.Region })
	if err != nil {
		return nil, unasked(made, err)
	}
	return reply.RevokedEntities, nil
}

// unasked is the fault of a question that AWS has not answered: a signature is refused for what AWS says of it, and for nothing
// else.
func unasked(made notation.Traces, err error) error {
	err = fault.FromAWS(fmt.Sprintf("ask AWS Signer in %s (signer:GetRevocationStatus) whether the signature by %s in the job %s was revoked",
		made.Profile.Region, made.Profile, made.Job), err)
	if fault.From(err).Code == fault.Unexpected {
		return fault.New(fault.AWSUnavailable, fault.Later, "%w", err)
	}
	return err
}
