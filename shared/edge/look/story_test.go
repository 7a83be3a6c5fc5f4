package look_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/local/steps"
	"fairlead/shared/edge/look"
	"fairlead/shared/rollout"
)

// story is a service in the embedded ECS, looked at by the real SDK client after everything that happens.
type story struct {
	t    *testing.T
	lab  *steps.Lab
	ecs  *ecs.Client
	base string
	role *string // the execution role of what is registered; nil for none
}

// An image of a foreign registry runs; one that is in no repository of the embedded ECR cannot be pulled.
const (
	runs   = "docker.io/library/nginx:1"
	absent = steps.Host + "/shop/web:absent"
)

func newStory(t *testing.T, desired int32, breaker types.DeploymentCircuitBreaker) *story {
	t.Helper()
	lab := steps.New(noon, 1, slog.New(slog.DiscardHandler))
	s := &story{t: t, lab: lab, ecs: ecs.NewFromConfig(lab.Client(lab.Administrator()))}
	must(t, s.ecs.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("prod")})
	s.base = s.register(runs)
	must(t, s.ecs.CreateService, &ecs.CreateServiceInput{Cluster: aws.String("prod"), ServiceName: aws.String("web"), TaskDefinition: &s.base,
		DesiredCount: &desired, LaunchType: types.LaunchTypeFargate, DeploymentConfiguration: &types.DeploymentConfiguration{DeploymentCircuitBreaker: &breaker},
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}})
	lab.Pass(10 * time.Minute)
	return s
}

func must[In, Out any](t *testing.T, call func(context.Context, In, ...func(*ecs.Options)) (Out, error), in In) Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *story) register(image string) string {
	s.t.Helper()
	out := must(s.t, s.ecs.RegisterTaskDefinition, &ecs.RegisterTaskDefinitionInput{Family: aws.String("web"), NetworkMode: types.NetworkModeAwsvpc,
		ExecutionRoleArn: s.role, RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, Cpu: aws.String("256"), Memory: aws.String("512"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), Image: &image}}})
	return *out.TaskDefinition.TaskDefinitionArn
}

// point points the service at a new revision of an image and returns what an execution aims at from then on.
func (s *story) point(image string) rollout.Aim {
	s.t.Helper()
	aim := rollout.Aim{TaskDefinition: s.register(image), Base: s.base, Since: s.lab.Now(), Accepted: true}
	must(s.t, s.ecs.UpdateService, &ecs.UpdateServiceInput{Cluster: aws.String("prod"), Service: aws.String("web"), TaskDefinition: &aim.TaskDefinition})
	return aim
}

func (s *story) judge(aim rollout.Aim) rollout.Judged {
	s.t.Helper()
	seen, err := look.Service(s.t.Context(), s.ecs, "prod", "web", aim)
	if err != nil {
		s.t.Fatal(err)
	}
	return rollout.Judge(aim, seen, s.lab.Now(), rollout.Budget{Timeout: 2 * time.Hour})
}

// watch looks after every event, until the verdict is final, and returns it with the statuses on the way.
func (s *story) watch(aim rollout.Aim) (judged rollout.Judged, statuses []string) {
	s.t.Helper()
	ended := s.lab.Until(4*time.Hour, func() bool {
		judged = s.judge(aim)
		if n := len(statuses); n == 0 || statuses[n-1] != judged.Status {
			statuses = append(statuses, judged.Status)
		}
		if judged.Status == "ROLLBACK_IN_PROGRESS" && aim.Failed == "" { // it has failed, and from now on the way back is followed
			aim.Failed, aim.BackSince = aim.TaskDefinition, s.lab.Now()
			return false
		}
		return judged.Verdict != rollout.Progressing
	})
	if !ended {
		s.t.Fatalf("still progressing after %v: %s", statuses, judged.Reason)
	}
	return judged, statuses
}

func TestStoryOfRollouts(t *testing.T) {
	tests := []struct {
		name     string
		breaker  types.DeploymentCircuitBreaker
		desired  int32
		image    string
		want     rollout.Verdict
		restored bool
		statuses []string
	}{
		{name: "a good image becomes healthy", desired: 2, image: runs, want: rollout.Healthy, statuses: []string{"", "PENDING", "IN_PROGRESS", "SUCCESSFUL"}},
		{name: "a service without tasks proves nothing", image: runs, want: rollout.Unproven, statuses: []string{"", "PENDING", "IN_PROGRESS", "SUCCESSFUL"}},
		{name: "a bad image is rolled back by the circuit breaker", desired: 2, image: absent, breaker: types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
			want: rollout.Restored, restored: true, statuses: []string{"", "PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"}},
		{name: "a bad image is stopped by a circuit breaker that does not roll back", desired: 2, image: absent, breaker: types.DeploymentCircuitBreaker{Enable: true},
			want: rollout.Failed, statuses: []string{"", "PENDING", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED"}},
		{name: "a bad image without a circuit breaker runs into the deadline", desired: 2, image: absent, want: rollout.Failed, statuses: []string{"", "PENDING", "IN_PROGRESS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, tt.desired, tt.breaker)
			got, statuses := s.watch(s.point(tt.image))
			if got.Verdict != tt.want || got.Restored != tt.restored {
				t.Errorf("%s, restored %v (%s)", got.Verdict, got.Restored, got.Reason)
			}
			if !subsequence(statuses, tt.statuses) {
				t.Errorf("the statuses were %v", statuses)
			}
			if got.Restored != (got.RunningTaskDefinition == s.base) {
				t.Errorf("restored %v, and the service is pointed at %s", got.Restored, got.RunningTaskDefinition)
			}
			t.Log(got.Reason)
		})
	}
}

// subsequence says whether the statuses come in the wanted order; ECS may pass one too quickly to be seen.
func subsequence(statuses, wanted []string) bool {
	for _, status := range statuses {
		i := slices.Index(wanted, status)
		if i < 0 {
			return false
		}
		wanted = wanted[i:]
	}
	return len(wanted) == 1
}

func TestStoryOfOnePushAfterAnother(t *testing.T) {
	s := newStory(t, 2, types.DeploymentCircuitBreaker{Enable: true, Rollback: true})
	older := s.point(absent)
	s.lab.Pass(20 * time.Second)
	newer := s.point(runs)
	var verdicts []rollout.Verdict
	s.lab.Until(time.Hour, func() bool {
		v := s.judge(older).Verdict
		if n := len(verdicts); n == 0 || verdicts[n-1] != v {
			verdicts = append(verdicts, v)
		}
		return s.judge(newer).Verdict != rollout.Progressing
	})
	if diff := cmp.Diff([]rollout.Verdict{rollout.Progressing, rollout.Superseded}, verdicts); diff != "" {
		t.Error("of the older (-want +got)\n" + diff)
	}
	if got := s.judge(newer); got.Verdict != rollout.Healthy {
		t.Errorf("the newer is %s: %s", got.Verdict, got.Reason)
	}
}

func TestStoryOfARevisionThatIsPutBack(t *testing.T) {
	s := newStory(t, 2, types.DeploymentCircuitBreaker{Enable: true, Rollback: true})
	ours := s.point(runs)
	s.lab.Pass(5 * time.Second)
	s.point(absent) // an older execution, in the middle of its call
	s.lab.Pass(time.Second)
	must(t, s.ecs.UpdateService, &ecs.UpdateServiceInput{Cluster: aws.String("prod"), Service: aws.String("web"), TaskDefinition: &ours.TaskDefinition})
	if got, _ := s.watch(ours); got.Verdict != rollout.Healthy {
		t.Errorf("%s: %s", got.Verdict, got.Reason)
	}
}

func TestStoryOfARollbackByHand(t *testing.T) {
	s := newStory(t, 2, types.DeploymentCircuitBreaker{})
	ours := s.point(absent)
	s.lab.Until(time.Hour, func() bool { return s.judge(ours).Status == "IN_PROGRESS" })
	arn := s.judge(ours).ServiceDeployment
	must(t, s.ecs.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: &arn, StopType: types.StopServiceDeploymentStopTypeRollback})
	if got, _ := s.watch(ours); got.Verdict != rollout.Restored || !got.Restored {
		t.Errorf("%s, restored %v: %s", got.Verdict, got.Restored, got.Reason)
	}
}

func TestStoryOfAServiceThatIsDeleted(t *testing.T) {
	s := newStory(t, 2, types.DeploymentCircuitBreaker{})
	ours := s.point(absent)
	s.lab.Pass(time.Minute)
	must(t, s.ecs.DeleteService, &ecs.DeleteServiceInput{Cluster: aws.String("prod"), Service: aws.String("web"), Force: aws.Bool(true)})
	if got, _ := s.watch(ours); got.Verdict != rollout.Failed || got.Restored {
		t.Errorf("%s, restored %v: %s", got.Verdict, got.Restored, got.Reason)
	}
}
