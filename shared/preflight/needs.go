package preflight

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Need is what ECS does under the execution role of a task definition before its containers start.
type Need struct {
	What    string // in a sentence: "read the secrets"
	Actions []string
	// Resources are the ARNs of what is acted upon. With Either they are ways to name one thing: to be allowed on one is enough.
	Resources []string
	Either    bool
}

// Needs are those of a task definition's containers: their secrets and parameters, the keys to foreign registries, and their
// log groups. partition, region and account are where the service runs. A value that is none of these is ECS's to refuse.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
func Needs(definition *types.TaskDefinition, partition, region, account string) []Need {
	arn := func(service, region, rest string) string {
		return strings.Join([]string{"arn", partition, service, region, account, rest}, ":")
	}
	secrets := Need{What: "read the secrets", Actions: []string{"secretsmanager:GetSecretValue"}}
	parameters := Need{What: "read the parameters", Actions: []string{"ssm:GetParameters"}}
	var written []Need
	for _, c := range definition.ContainerDefinitions {
		for _, value := range values(c) {
			switch parts := strings.Split(value, ":"); {
			case len(parts) >= 7 && parts[2] == "secretsmanager": // behind the secret there may be a key, a stage and a version
				secrets.add(strings.Join(parts[:7], ":"))
			case len(parts) == 6 && parts[2] == "ssm":
				parameters.add(value)
			case len(parts) == 1 && value != "":
				parameters.add(arn("ssm", region, "parameter/"+strings.TrimPrefix(value, "/")))
			}
		}
		written = append(written, logs(c.LogConfiguration, region, arn))
	}
	all := slices.DeleteFunc(append([]Need{secrets, parameters}, written...), func(n Need) bool { return len(n.Resources) == 0 })
	return slices.CompactFunc(all, func(a, b Need) bool { return slices.Equal(a.Resources, b.Resources) })
}

// values are what a container takes from elsewhere, as the definition names it.
func values(c types.ContainerDefinition) (all []string) {
	from := slices.Clone(c.Secrets)
	if c.LogConfiguration != nil {
		from = append(from, c.LogConfiguration.SecretOptions...)
	}
	for _, secret := range from {
		all = append(all, aws.ToString(secret.ValueFrom))
	}
	if c.RepositoryCredentials != nil {
		all = append(all, aws.ToString(c.RepositoryCredentials.CredentialsParameter))
	}
	return all
}

// logs is what the log driver awslogs does; nothing for any other. Policies name a log group with and without what is in it.
func logs(l *types.LogConfiguration, region string, arn func(service, region, rest string) string) Need {
	if l == nil || l.LogDriver != types.LogDriverAwslogs || l.Options["awslogs-group"] == "" {
		return Need{}
	}
	if there := l.Options["awslogs-region"]; there != "" {
		region = there
	}
	group := arn("logs", region, "log-group:"+l.Options["awslogs-group"])
	need := Need{What: "write the log", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: []string{group + ":log-stream:any", group}, Either: true}
	if l.Options["awslogs-create-group"] == "true" {
		need.Actions = append(need.Actions, "logs:CreateLogGroup")
	}
	return need
}

func (n *Need) add(arn string) {
	if !slices.Contains(n.Resources, arn) {
		n.Resources = append(n.Resources, arn)
	}
}

// Answer is what a simulation says of one action on one resource.
type Answer struct {
	Action, Resource string
	Allowed          bool
}

// Lacks are the actions that a simulation denies, each on what: "secretsmanager:GetSecretValue on arn:…".
func (n Need) Lacks(answers []Answer) (lacks []string) {
	allowed := map[string]bool{}
	for _, a := range answers {
		allowed[a.Action] = allowed[a.Action] || a.Allowed
	}
	for _, a := range answers {
		if a.Allowed || n.Either && allowed[a.Action] {
			continue
		}
		resource := a.Resource
		if n.Either {
			resource = n.Resources[0]
		}
		if told := a.Action + " on " + resource; !slices.Contains(lacks, told) {
			lacks = append(lacks, told)
		}
	}
	return lacks
}
