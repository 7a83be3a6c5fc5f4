package main

import (
	"slices"
	"strconv"

	"fairlead/shared/config"
)

// scanRules returns the rules for the ends of the scans that an execution may wait for: those of images in the repositories
// of services whose gate is on. ECR tells of a basic scan, Inspector of an enhanced one, and both may be switched on any
// time; Inspector names the repository by its ARN.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
func scanRules(services []config.Service) []rule {
	gated := slices.DeleteFunc(slices.Clone(services), func(s config.Service) bool { return s.Gates.Scan == nil })
	var rules []rule
	for i, listed := range byRepository(gated) {
		number := ""
		if i > 0 {
			number = strconv.Itoa(i + 1)
		}
		var names, arns []any
		for _, repository := range listed {
			names = append(names, repository)
			arns = append(arns, sub(arn("ecr", "repository/"+repository)))
		}
		rules = append(rules,
			rule{ID: "ScanEnded" + number, What: "ECR has scanned an image that a service waits for.", Function: "wakeexecution", Late: lateByHeartbeat,
				Pattern: pattern("aws.ecr", "ECR Image Scan", map[string]any{
					"repository-name": names, "scan-status": []any{"COMPLETE", "FAILED"}})},
			rule{ID: "InspectorScanEnded" + number, What: "Inspector has scanned an image that a service waits for.", Function: "wakeexecution", Late: lateByHeartbeat,
				Pattern: pattern("aws.inspector2", "Inspector2 Scan", map[string]any{
					"repository-name": arns, "scan-status": []any{"INITIAL_SCAN_COMPLETE"}})})
	}
	return rules
}

// byRepository cuts the repositories of services into groups whose names fit into one pattern, each once.
func byRepository(services []config.Service) [][]string {
	const around = len(`"arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/",`)
	var groups [][]string
	length := maxListed
	seen := map[string]bool{}
	for _, s := range services {
		if seen[s.Repository] {
			continue
		}
		seen[s.Repository] = true
		own := around + len(s.Repository)
		if length+own > maxListed {
			groups, length = append(groups, nil), 0
		}
		length += own
		groups[len(groups)-1] = append(groups[len(groups)-1], s.Repository)
	}
	return groups
}
