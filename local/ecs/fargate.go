package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkFargate refuses a task definition that requires FARGATE and does not fit it.
func checkFargate(d definition) error {
	if !slices.Contains(d.Requires, fargate) {
		return nil
	}
	if misfit := fargateMisfit(d); misfit != "" {
		return client("%s", misfit)
	}
	return nil
}

// fargateMisfit says why a task definition cannot run on Fargate, in AWS's words; empty if it can.
func fargateMisfit(d definition) string {
	cpu, cpuOK := cpuUnits(d.CPU)
	memory, memoryOK := mebibytes(d.Memory)
	switch {
	case d.NetworkMode != awsvpc:
		return "Fargate only supports network mode ‘awsvpc’."
	case d.CPU == "":
		return "Fargate requires that 'cpu' be defined at the task level."
	case d.Memory == "":
		return "Fargate requires that 'memory' be defined at the task level."
	case !cpuOK:
		return "Invalid 'cpu' setting for task."
	case !memoryOK:
		return "Invalid 'memory' setting for task."
	case !fargateSize(cpu, memory):
		return fmt.Sprintf("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
	}
	for _, c := range d.Containers {
		if misfit := c.fargateMisfit(d.ExecutionRoleARN); misfit != "" {
			return misfit
		}
	}
	return ""
}

func (c container) fargateMisfit(executionRole string) string {
	if c.Privileged {
		return "Fargate does not support privileged containers."
	}
	if executionRole == "" {
		return c.roleMisfit()
	}
	if c.awslogs() && !c.hasOptions("awslogs-region", "awslogs-group", "awslogs-stream-prefix") {
		return "Log driver awslogs requires options: awslogs-region, awslogs-group, awslogs-stream-prefix on Fargate."
	}
	return ""
}

// roleMisfit says what a container needs an execution role for; empty if it needs none.
func (c container) roleMisfit() string {
	switch {
	case isECR(c.Image):
		return "Fargate requires task definition to have execution role ARN to support ECR images."
	case c.awslogs():
		return "Fargate requires task definition to have execution role ARN to support log driver awslogs."
	case len(c.Secrets) > 0:
		return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
	default:
		return ""
	}
}

func (c container) awslogs() bool { return c.Logs != nil && c.Logs.Driver == "awslogs" }

func (c container) hasOptions(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return c.Logs.Options[name] == "" })
}

// fargateSize says whether Fargate has such tasks: for each cpu value a least and a most memory, and a step.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
func fargateSize(cpu, memory int) bool {
	const gib = 1024
	if cpu == 256 {
		return memory == 512 || memory == gib || memory == 2*gib
	}
	for _, size := range []struct{ cpu, least, most, step int }{
		{512, gib, 4 * gib, gib},
		{1024, 2 * gib, 8 * gib, gib},
		{2048, 4 * gib, 16 * gib, gib},
		{4096, 8 * gib, 30 * gib, gib},
		{8192, 16 * gib, 60 * gib, 4 * gib},
		{16384, 32 * gib, 120 * gib, 8 * gib},
	} {
		if size.cpu == cpu {
			return memory >= size.least && memory <= size.most && (memory-size.least)%size.step == 0
		}
	}
	return false
}

// cpuUnits reads a task's cpu: "256", ".25 vCPU", "1 vcpu". False if there is none or it cannot be read.
func cpuUnits(cpu string) (int, bool) { return quantity(cpu, cpuForm) }

// mebibytes reads a task's memory: "512", "0.5GB", "1 gb".
func mebibytes(memory string) (int, bool) { return quantity(memory, memoryForm) }

func quantity(value string, form *regexp.Regexp) (int, bool) {
	match := form.FindStringSubmatch(strings.ToLower(strings.TrimSpace(value)))
	if match == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		return 0, false
	}
	if match[2] != "" {
		n *= 1024
	}
	return int(n), n == float64(int(n))
}

var (
	cpuForm    = regexp.MustCompile(`^([0-9]*\.?[0-9]+) *(vcpu)?$`)
	memoryForm = regexp.MustCompile(`^([0-9]*\.?[0-9]+) *(gb)?$`)
)
