package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"
)

// logRetentionDays is how long logs are kept: as long as Step Functions keeps the history of an execution.
const logRetentionDays = 90

// functionMemory buys a small share of a processor: the steps wait for AWS, they do not compute.
const functionMemory = 256

// addFunction adds a function with its log group and its role.
func (d *deployer) addFunction(f function) {
	name := f.Name(d.config.Prefix)
	awslogs.NewCfnLogGroup(d.stack, jsii.String(f.logsID()), &awslogs.CfnLogGroupProps{
		LogGroupName: jsii.String("/aws/lambda/" + name), RetentionInDays: jsii.Number(logRetentionDays),
	})
	d.addFunctionRole(f)
	code := d.code(f)
	awslambda.NewCfnFunction(d.stack, jsii.String(f.functionID()), &awslambda.CfnFunctionProps{
		FunctionName:  jsii.String(name),
		Description:   jsii.String(f.what),
		Code:          &awslambda.CfnFunction_CodeProperty{S3Bucket: code.S3BucketName(), S3Key: code.S3ObjectKey()},
		Handler:       jsii.String(f.Package()), // no runtime of ours reads it: it tells people, and stand-ins, which function this is
		Runtime:       jsii.String("provided.al2023"),
		Architectures: jsii.Strings("arm64"),
		MemorySize:    jsii.Number(functionMemory),
		Timeout:       jsii.Number(f.timeout.Seconds()),
		Role:          text(attribute(f.roleID(), "Arn")),
		Environment:   &awslambda.CfnFunction_EnvironmentProperty{Variables: d.environment()},
		TracingConfig: &awslambda.CfnFunction_TracingConfigProperty{Mode: jsii.String("Active")},
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{LogGroup: text("${" + f.logsID() + "}")},
	})
}

// environment is what the functions are told about the stack: names, never secrets.
func (d *deployer) environment() map[string]*string {
	return map[string]*string{
		"FAIRLEAD_LEDGER":        text("${" + ledgerID + "}"),
		"FAIRLEAD_EVENT_BUS":     jsii.String(eventBus),
		"FAIRLEAD_STATE_MACHINE": text(d.stateMachineARN()),
	}
}

// code makes the function's directory an asset of the stack.
func (d *deployer) code(f function) awss3assets.Asset {
	built := d.assets[f.Package()]
	return awss3assets.NewAsset(d.stack, jsii.String(f.Title()+"Code"), &awss3assets.AssetProps{
		Path: jsii.String(built.Dir), AssetHash: jsii.String(built.Hash), AssetHashType: awscdk.AssetHashType_CUSTOM,
		DisplayName: jsii.String(f.Package()),
	})
}
