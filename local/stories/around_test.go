package stories_test

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// around is what somebody gives the service, or takes from it, beside its image.
func (s *story) around() map[string]func([]string) error {
	return map[string]func([]string) error{
		"grant":   s.grant,   // grant <role> <action> …: a policy of the role allows the actions
		"secret":  s.secret,  // secret <parameter>: somebody keeps a parameter, and puts a revision into service whose container reads it
		"unkeep":  s.unkeep,  // unkeep <parameter>: somebody deletes the parameter
		"balance": s.balance, // balance: the service is put behind a load balancer
		"harass":  s.harass,  // harass <duration>: somebody stops each task that does not run what ran when he began
	}
}

func (s *story) grant(args []string) error {
	return s.iam("PutRolePolicy", map[string]any{"RoleName": args[0], "PolicyName": "granted", "PolicyDocument": document(map[string]any{
		"Effect": "Allow", "Action": args[1:], "Resource": "*"})})
}

func (s *story) secret(args []string) error {
	_, err := ssm.NewFromConfig(s.lab.Client(s.lab.Administrator())).PutParameter(s.Context(), &ssm.PutParameterInput{
		Name: &args[0], Value: aws.String("kept"), Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true)})
	if err != nil {
		return err
	}
	return s.putInService(func(in *sdk.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].Secrets = []ecstypes.Secret{{Name: aws.String("PASSWORD"), ValueFrom: &args[0]}}
	})
}

func (s *story) unkeep(args []string) error {
	_, err := ssm.NewFromConfig(s.lab.Client(s.lab.Administrator())).DeleteParameter(s.Context(), &ssm.DeleteParameterInput{Name: &args[0]})
	return err
}

func (s *story) balance([]string) error {
	group := s.targetGroup(elasticloadbalancingv2.NewFromConfig(s.lab.Client(s.lab.Administrator())))
	balancers := []ecstypes.LoadBalancer{{TargetGroupArn: &group, ContainerName: aws.String(service), ContainerPort: aws.Int32(80)}}
	_, err := s.lab.ECSClient().UpdateService(s.Context(), &sdk.UpdateServiceInput{
		Cluster: aws.String(cluster), Service: aws.String(service), LoadBalancers: balancers})
	s.lab.Pass(20 * time.Minute)
	return err
}

// harassment is how long a task that is harassed lives.
const harassment = 10 * time.Second

func (s *story) harass(args []string) error {
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	spared, err := s.lab.Service(s.Context(), cluster, service)
	for end := s.lab.Now().Add(d); err == nil && s.lab.Now().Before(end); s.lab.Pass(harassment) {
		err = s.stopTasksBut(*spared.TaskDefinition)
	}
	return err
}

// stopTasksBut stops the service's tasks of all other task definitions.
func (s *story) stopTasksBut(spared string) error {
	client := s.lab.ECSClient()
	listed, err := client.ListTasks(s.Context(), &sdk.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if err != nil || len(listed.TaskArns) == 0 {
		return err
	}
	got, err := client.DescribeTasks(s.Context(), &sdk.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: listed.TaskArns})
	if err != nil {
		return err
	}
	for _, task := range got.Tasks {
		if *task.TaskDefinitionArn != spared {
			_, failed := client.StopTask(s.Context(), &sdk.StopTaskInput{Cluster: aws.String(cluster), Task: task.TaskArn, Reason: aws.String("a mistake")})
			err = cmp.Or(err, failed)
		}
	}
	return err
}
