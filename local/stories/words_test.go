package stories_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/local/world"
	"fairlead/shared/edge/ledger"
)

// moreDeeds are what operators, clients and AWS do beside the deployment itself.
func (s *story) moreDeeds() map[string]func([]string) error {
	return map[string]func([]string) error{
		"deliver":     s.deliver,     // deliver <word> [times]: the event of a push arrives (once more), as it was
		"artifact":    s.artifact,    // artifact <word> <tag>|tag:<word> <media type of the configuration>
		"during":      s.during,      // during <service>:<operation> before|after <deed>; <deed> …: before or after the call's effect, once
		"delete":      s.delete,      // delete <word>: somebody deletes the image from ECR
		"controller":  s.controller,  // controller <type> [launch type]: the service is made anew under another deployment controller, on Fargate or else on EC2
		"remove":      s.remove,      // remove: somebody deletes the service
		"forbid":      s.forbid,      // forbid <service>:<operation> [by]: Fairlead is denied the call, until it is allowed
		"allow":       s.allow,       // allow: all is allowed again
		"without":     s.without,     // without <stack> <resource>: the stack is deployed without a resource
		"redeploy":    s.redeploy,    // redeploy: the stacks are deployed as they were synthesised
		"breaker":     s.breaker,     // breaker rollback|stop|off [count]: what the service's circuit breaker does from now on, and after how many failures
		"rollback":    s.rollback,    // rollback: somebody rolls the running service deployment back
		"deregister":  s.deregister,  // deregister <revision>: somebody deregisters a revision of the sample
		"latest":      s.latest,      // latest <word> [label=value …]: somebody puts the tag latest on the image of a word
		"adopt":       s.adopt,       // adopt [inconsistently]: somebody puts a revision into service that names the image by the tag latest
		"quarantine":  s.quarantine,  // quarantine <word> [n]: the image is put into quarantine, by execution n
		"release":     s.release,     // release <word>: an operator releases the image
		"hold":        s.hold,        // hold [duration]: an operator holds the service, for so long
		"lift":        s.lift,        // lift: an operator lifts the hold
		"add":         s.add,         // add <memory> [role]: somebody adds a revision to the family, with another task role too; it is not put into service
		"configure":   s.configure,   // configure <field> <value>: cdk deploy with a field of every service's configuration set
		"foreignrole": s.foreignRole, // foreignrole: somebody puts a revision with another task role into service
	}
}

func (s *story) deliver(args []string) error {
	times := 1
	if len(args) > 1 {
		var err error
		if times, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	detail, err := json.Marshal(map[string]string{"result": "SUCCESS", "action-type": "PUSH", "repository-name": repository,
		"image-digest": s.digests[args[0]], "image-tag": tagOf(args[0])})
	if err != nil {
		return err
	}
	for range times {
		s.lab.Core.Do(func(*world.World) {
			s.lab.Events.Publish(world.Event{Source: "aws.ecr", DetailType: "ECR Image Action", Time: s.pushed[args[0]], Detail: detail})
		})
	}
	return nil
}

func (s *story) artifact(args []string) error {
	tag := args[1]
	if word, ok := strings.CutPrefix(tag, "tag:"); ok {
		tag = tagOf(word)
	}
	digest, err := s.lab.PushArtifact(s.Context(), repository, tag, args[0], args[2])
	s.digests[args[0]] = digest
	return err
}

// ledger is the ledger's table, and a client of it, for the administrator.
func (s *story) ledger() (client *dynamodb.Client, table string) {
	return dynamodb.NewFromConfig(s.lab.Client(s.lab.Administrator())), s.lab.Outputs()["Fairlead"]["LedgerTable"]
}

func (s *story) quarantine(args []string) error {
	q := ledger.Quarantine{Service: service, Digest: s.digests[args[0]], Tag: tagOf(args[0]), Execution: "somebody", Reason: "it crashed", At: s.lab.Now()}
	if len(args) > 1 {
		r, err := s.run(args[1])
		if err != nil {
			return err
		}
		q.Execution = r.ARN
	}
	client, table := s.ledger()
	return ledger.NewQuarantineSetter(client, table).SetQuarantine(s.Context(), q)
}

func (s *story) release(args []string) error {
	client, table := s.ledger()
	_, err := ledger.NewQuarantines(client, table).Release(s.Context(), service, s.digests[args[0]], "operator", "mended", s.lab.Now())
	return err
}

func (s *story) hold(args []string) error {
	h := ledger.Hold{Service: service, Reason: "the database moves", By: "operator", At: s.lab.Now()}
	if len(args) > 0 {
		d, err := time.ParseDuration(args[0])
		if err != nil {
			return err
		}
		h.Until = h.At.Add(d)
	}
	client, table := s.ledger()
	_, err := ledger.NewHolds(client, table).SetHold(s.Context(), h)
	return err
}

func (s *story) lift([]string) error {
	client, table := s.ledger()
	_, err := ledger.NewHolds(client, table).LiftHold(s.Context(), service, "operator", "it has moved", s.lab.Now())
	return err
}

func (s *story) delete(args []string) error {
	got, err := ecr.NewFromConfig(s.lab.Client(s.lab.Administrator())).BatchDeleteImage(s.Context(), &ecr.BatchDeleteImageInput{
		RepositoryName: aws.String(repository), ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: aws.String(s.digests[args[0]])}}})
	if err == nil && len(got.Failures) > 0 {
		err = fmt.Errorf("ECR says %s", *got.Failures[0].FailureReason)
	}
	return err
}

func (s *story) remove([]string) error {
	_, err := s.lab.ECSClient().DeleteService(s.Context(), &ecs.DeleteServiceInput{
		Cluster: aws.String(cluster), Service: aws.String(service), Force: aws.Bool(true)})
	s.lab.Pass(10 * time.Minute)
	return err
}

func (s *story) controller(args []string) error {
	was, err := s.lab.Service(s.Context(), cluster, service)
	if err != nil {
		return err
	}
	if was.Status != nil && *was.Status == "ACTIVE" {
		if err := s.remove(nil); err != nil {
			return err
		}
	}
	in := &ecs.CreateServiceInput{Cluster: aws.String(cluster), ServiceName: aws.String(service), TaskDefinition: was.TaskDefinition,
		DesiredCount: aws.Int32(1), LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: was.NetworkConfiguration,
		DeploymentController: &ecstypes.DeploymentController{Type: ecstypes.DeploymentControllerType(args[0])}}
	if len(args) > 1 {
		in.LaunchType = ecstypes.LaunchType(args[1])
	}
	_, err = s.lab.ECSClient().CreateService(s.Context(), in)
	s.lab.Pass(10 * time.Minute)
	return err
}

func (s *story) forbid(args []string) error {
	service, operation, _ := strings.Cut(args[0], ":")
	by := strings.Join(args[1:], "")
	s.meddle = func(r world.Request, serve func() (any, error)) (any, error) {
		if r.Service == service && r.Operation == operation && strings.Contains(nameOf(r), by) {
			return nil, world.Errorf("AccessDeniedException", "User: %s is not authorized to perform: %s because no identity-based policy allows the %s action",
				r.Principal.ARN, args[0], args[0])
		}
		return serve()
	}
	return nil
}

func (s *story) allow([]string) error {
	s.meddle = nil
	return nil
}

func (s *story) without(args []string) error {
	_, err := s.lab.Deploy(changed(s.TB, args[0], func(resources map[string]any) {
		for _, name := range args[1:] {
			if _, ok := resources[name]; !ok {
				s.Fatalf("stack %s has no resource %s", args[0], name)
			}
			delete(resources, name)
		}
	}))
	return err
}

func (s *story) redeploy([]string) error {
	_, err := s.lab.Deploy(assembly)
	return err
}

func (s *story) breaker(args []string) error {
	breaker := ecstypes.DeploymentCircuitBreaker{Enable: args[0] != "off", Rollback: args[0] == "rollback"}
	if len(args) > 1 {
		count, err := strconv.ParseInt(args[1], 10, 32)
		if err != nil {
			return err
		}
		breaker.ThresholdConfiguration = &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: int32(count)}
	}
	_, err := s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		DeploymentConfiguration: &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &breaker}})
	return err
}

func (s *story) rollback([]string) error {
	rollouts, err := s.rollouts()
	if err != nil {
		return err
	}
	_, err = s.lab.ECSClient().StopServiceDeployment(s.Context(), &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: rollouts[0].ServiceDeploymentArn, StopType: ecstypes.StopServiceDeploymentStopTypeRollback})
	return err
}

func (s *story) deregister(args []string) error {
	_, err := s.lab.ECSClient().DeregisterTaskDefinition(s.Context(), &ecs.DeregisterTaskDefinitionInput{
		TaskDefinition: aws.String("fairlead-sample-web:" + args[0])})
	return err
}

func (s *story) foreignRole([]string) error {
	return s.putInService(func(in *ecs.RegisterTaskDefinitionInput) { in.TaskRoleArn = in.ExecutionRoleArn })
}

func (s *story) during(args []string) error {
	s.meddle = func(request world.Request, serve func() (any, error)) (any, error) {
		if request.Service+":"+request.Operation != args[0] {
			return serve()
		}
		s.meddle = nil
		meanwhile := func() { s.lines(s.deeds(), strings.ReplaceAll(strings.Join(args[2:], " "), ";", "\n")) }
		if args[1] == "before" {
			meanwhile()
			return serve()
		}
		out, err := serve()
		meanwhile()
		return out, err
	}
	return nil
}
