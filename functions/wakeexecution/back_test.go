package wakeexecution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/edge/ledger"
)

// TestHandleReleasesTheWayBack: an execution on its way back is not released by what has made its deployment fail, but by
// the end of the way back.
func TestHandleReleasesTheWayBack(t *testing.T) {
	for name, tt := range map[string]struct {
		awaits   string
		prepare  func(*scene)
		released int
	}{
		"ECS rolls back": {ours, func(s *scene) { s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusRollbackInProgress, noon) }, 0},
		"ECS has rolled back": {ours, func(s *scene) {
			s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusRollbackSuccessful, noon)
		}, 1},
		"the deployment of before, of what the service was pointed at again": {"web:41", func(s *scene) {
			s.ecs.Deploy("41", "web:41", types.ServiceDeploymentStatusSuccessful, noon.Add(-time.Hour))
		}, 0},
		"the new one": {"web:41", func(s *scene) {
			s.ecs.Deploy("44", "web:41", types.ServiceDeploymentStatusSuccessful, noon.Add(time.Second))
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.ecs.Service.TaskDefinition = &[]string{"web:41"}[0]
			tt.prepare(s)
			token := ledger.Token{Service: "web", Execution: "run", State: "AwaitRollback", Token: "token", TaskDefinition: tt.awaits, Since: noon, Failed: ours}
			if _, err := s.tokens.StoreToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			got, err := s.handle(t, deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "prod/web"))
			if err != nil || got.Released != tt.released {
				t.Errorf("%+v, %v; want %d released", got, err, tt.released)
			}
		})
	}
}
