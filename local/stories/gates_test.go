package stories_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/gate/scan"
)

// scanning is what a registry and its scans do, and how the gates are set.
func (s *story) scanning() map[string]func([]string) error {
	return map[string]func([]string) error{
		"gates":      s.gates,      // gates <JSON>: cdk deploy with these gates, in the stacks of a service that has gates
		"scans":      s.scans,      // scans basic|continuous: how the registry's images are scanned from now on
		"onpush":     s.onPush,     // onpush yes|no: whether the repository's images are scanned on push
		"mutability": s.mutability, // mutability <setting> [filter …]: which tags of the repository can be moved
		"lifecycle":  s.lifecycle,  // lifecycle <JSON>: somebody lets the repository's images expire
		"scan":       s.scanByHand, // scan <word>: somebody starts the scan of an image
	}
}

func (s *story) registry() *ecr.Client {
	return ecr.NewFromConfig(s.lab.Client(s.lab.Administrator()))
}

func (s *story) gates(args []string) error {
	from, err := gated()
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal([]byte(strings.Join(args, " ")), &value); err != nil {
		return err
	}
	return s.configureFrom(from, "gates", value)
}

func (s *story) scans(args []string) error {
	in := &ecr.PutRegistryScanningConfigurationInput{ScanType: ecrtypes.ScanTypeBasic}
	if args[0] == "continuous" {
		in.ScanType = ecrtypes.ScanTypeEnhanced
		in.Rules = []ecrtypes.RegistryScanningRule{{ScanFrequency: ecrtypes.ScanFrequencyContinuousScan,
			RepositoryFilters: []ecrtypes.ScanningRepositoryFilter{{Filter: aws.String("*"), FilterType: ecrtypes.ScanningRepositoryFilterTypeWildcard}}}}
	}
	_, err := s.registry().PutRegistryScanningConfiguration(s.Context(), in)
	return err
}

func (s *story) onPush(args []string) error {
	_, err := s.registry().PutImageScanningConfiguration(s.Context(), &ecr.PutImageScanningConfigurationInput{RepositoryName: aws.String(repository),
		ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: args[0] == "yes"}})
	return err
}

func (s *story) mutability(args []string) error {
	in := &ecr.PutImageTagMutabilityInput{RepositoryName: aws.String(repository), ImageTagMutability: ecrtypes.ImageTagMutability(args[0])}
	for _, filter := range args[1:] {
		in.ImageTagMutabilityExclusionFilters = append(in.ImageTagMutabilityExclusionFilters,
			ecrtypes.ImageTagMutabilityExclusionFilter{Filter: &filter, FilterType: ecrtypes.ImageTagMutabilityExclusionFilterTypeWildcard})
	}
	_, err := s.registry().PutImageTagMutability(s.Context(), in)
	return err
}

func (s *story) lifecycle(args []string) error {
	_, err := s.registry().PutLifecyclePolicy(s.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: aws.String(repository),
		LifecyclePolicyText: aws.String(strings.Join(args, " "))})
	return err
}

func (s *story) scanByHand(args []string) error {
	digest, ok := s.digests[args[0]]
	if !ok {
		return fmt.Errorf("no image %s was pushed", args[0])
	}
	_, err := s.registry().StartImageScan(s.Context(), &ecr.StartImageScanInput{RepositoryName: aws.String(repository),
		ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &digest}})
	return err
}

// scanned are what can be asked of a gate.
func (s *story) scanned() map[string]func([]string) error {
	return map[string]func([]string) error{
		"passes":   s.wantPasses,                                                                     // passes <n> <words>: in the warnings of JudgeScan
		"findings": func(a []string) error { return s.wantCalls("DescribeImageScanFindings", a[0]) }, // findings <count>: how often they were read
		"took":     s.wantTook,                                                                       // took <n> <least> <most>: how long execution n ran
	}
}

func (s *story) wantPasses(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	var judged scan.Result
	if err := json.Unmarshal(r.Output["scan"], &judged); err != nil {
		return err
	}
	if said := strings.Join(judged.Warnings, " "); !strings.Contains(said, strings.Join(args[1:], " ")) {
		return fmt.Errorf("it warns %q", said)
	}
	return nil
}

func (s *story) wantTook(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	described, err := s.lab.SFN().DescribeExecution(s.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &r.ARN})
	if err != nil {
		return err
	}
	least, wrong := time.ParseDuration(args[1])
	most, err := time.ParseDuration(args[2])
	if err != nil || wrong != nil {
		return fmt.Errorf("%s to %s is no time", args[1], args[2])
	}
	if took := described.StopDate.Sub(*described.StartDate); took < least || took > most {
		return fmt.Errorf("it took %v", took)
	}
	return nil
}
