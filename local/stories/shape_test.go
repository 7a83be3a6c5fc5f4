package stories_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"fairlead/local/world"
)

// shaping is what the infrastructure code around the service does: what its tasks are given, and what stands before them.
func (s *story) shaping() map[string]func([]string) error {
	return map[string]func([]string) error{
		"container": s.container, // container <JSON>: somebody puts a revision into service whose container has these fields too
		"offer":     s.offer,     // offer <JSON>: the same, added to the family and not put into service
		"store":     s.store,     // store <name>: the Parameter Store has a parameter of the name
		"unstore":   s.unstore,   // unstore <name>: somebody deletes it
		"permit":    s.permit,    // permit <role> <action> …: a policy of the role allows the actions
		"balance":   s.balance,   // balance [<seconds>]: puts the service behind a load balancer, which lets a target go after so many (300)
		"rework":    s.rework,    // rework <state> <field> <value>: cdk deploy with a workflow in which a new state follows RecordOutcome, and with a field of every service set
		"alarms":    s.alarms,    // alarms <name>: the service's deployments watch an alarm, and are rolled back by it
		"sound":     s.sound,     // sound <name>: an alarm goes into ALARM
		"percents":  s.percents,  // percents <minimumHealthyPercent> <maximumPercent>: of the service's deployment configuration
	}
}

func (s *story) container(args []string) error { return s.putInService(given(args)) }

func (s *story) offer(args []string) error {
	_, err := s.registerByHand(given(args))
	return err
}

// given changes the container as JSON says, in ECS's own names.
func given(args []string) func(*ecs.RegisterTaskDefinitionInput) {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		if err := json.Unmarshal([]byte(strings.Join(args, " ")), &in.ContainerDefinitions[0]); err != nil {
			panic(err) // the story is misspelt
		}
	}
}

func (s *story) store(args []string) error {
	_, err := s.administer("ssm", "PutParameter", map[string]any{"Name": args[0], "Type": "String", "Value": "x", "Overwrite": true})
	return err
}

func (s *story) unstore(args []string) error {
	_, err := s.administer("ssm", "DeleteParameter", map[string]any{"Name": args[0]})
	return err
}

// permit gives a role a right that no template gives: what it lets through from then on is not accounted for.
func (s *story) permit(args []string) error {
	s.lab.Core.Do(func(*world.World) { s.lab.IAM.Observe(nil) })
	return s.iam("PutRolePolicy", map[string]any{"RoleName": args[0], "PolicyName": "permitted", "PolicyDocument": document(map[string]any{
		"Effect": "Allow", "Action": args[1:], "Resource": "*"})})
}

// balance waits until the tasks are found healthy.
func (s *story) balance(args []string) error {
	client := elasticloadbalancingv2.NewFromConfig(s.lab.Client(s.lab.Administrator()))
	group := s.targetGroup(client)
	if len(args) > 0 {
		if _, err := client.ModifyTargetGroupAttributes(s.Context(), &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &group,
			Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: &args[0]}}}); err != nil {
			return err
		}
	}
	_, err := s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: &group, ContainerName: aws.String("web"), ContainerPort: aws.Int32(80)}}})
	s.lab.Pass(20 * time.Minute)
	return err
}

func (s *story) alarms(args []string) error {
	_, err := s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		DeploymentConfiguration: &ecstypes.DeploymentConfiguration{Alarms: &ecstypes.DeploymentAlarms{AlarmNames: args, Enable: true, Rollback: true}}})
	return err
}

// sound lets an alarm go off as who tries the embedded AWS out does.
func (s *story) sound(args []string) error {
	answer := httptest.NewRecorder()
	s.lab.ServeHTTP(answer, httptest.NewRequestWithContext(s.Context(), http.MethodPost, "/_local/alarm", strings.NewReader(`{"alarm":"`+args[0]+`"}`)))
	if answer.Code != http.StatusNoContent {
		return fmt.Errorf("%d: %s", answer.Code, answer.Body)
	}
	return nil
}

func (s *story) percents(args []string) error {
	var percents [2]int32
	if err := json.Unmarshal([]byte("["+strings.Join(args, ",")+"]"), &percents); err != nil {
		return err
	}
	_, err := s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		DeploymentConfiguration: &ecstypes.DeploymentConfiguration{MinimumHealthyPercent: &percents[0], MaximumPercent: &percents[1]}})
	return err
}

func (s *story) rework(args []string) error {
	dir := changedFrom(s.TB, assembly, "Fairlead", func(resources map[string]any) {
		var definition map[string]any
		s.decode(properties(resources["Workflow"])["DefinitionString"].(string), &definition)
		states := definition["States"].(map[string]any)
		record := states["RecordOutcome"].(map[string]any)
		states[args[0]] = map[string]any{"Type": "Pass", "Next": record["Next"]}
		record["Next"] = args[0]
		raw, err := json.Marshal(definition)
		if err != nil {
			s.Fatal(err)
		}
		properties(resources["Workflow"])["DefinitionString"] = string(raw)
	})
	return s.configureFrom(dir, args[1], args[2])
}
