package stories_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signer"

	"fairlead/local/steps"
)

// onSignatures are misdeeds at AWS Signer, against whose word an image counts as signed.
func onSignatures() []misdeed {
	const format = "application/vnd.cncf.notary.payload.v1+json"
	return []misdeed{
		{"sign an image", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := signer.NewFromConfig(cfg).SignPayload(ctx, &signer.SignPayloadInput{ProfileName: aws.String("shop"), PayloadFormat: aws.String(format), Payload: []byte("{}")})
			return err
		}},
		{"make a signing profile", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := signer.NewFromConfig(cfg).PutSigningProfile(ctx, &signer.PutSigningProfileInput{ProfileName: aws.String("thief"), PlatformId: aws.String("Notation-OCI-SHA384-ECDSA")})
			return err
		}},
		{"revoke a signature", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := signer.NewFromConfig(cfg).RevokeSignature(ctx, &signer.RevokeSignatureInput{JobId: aws.String("x"), Reason: aws.String("theft")})
			return err
		}},
	}
}
