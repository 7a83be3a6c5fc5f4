package diagnosis_test

import (
	"testing"

	"fairlead/shared/diagnosis"
)

func TestWhatLiesBesideTheImageAsksForNoNewOne(t *testing.T) {
	for cause, want := range map[diagnosis.Cause]bool{
		diagnosis.ImageNotFound: false, diagnosis.WrongArchitecture: false, diagnosis.Crashed: false, diagnosis.OutOfMemory: false,
		diagnosis.ContainerUnhealthy: false, diagnosis.TargetUnhealthy: false, diagnosis.PortNotListening: false,
		diagnosis.CircuitBreaker: false, diagnosis.TimedOut: false, diagnosis.AlarmFired: false, diagnosis.Unknown: false,
		diagnosis.PullDenied: true, diagnosis.SecretMissing: true, diagnosis.SecretDenied: true, diagnosis.LogGroupMissing: true,
		diagnosis.RoleNotAssumable: true, diagnosis.NoCapacity: true, diagnosis.NotPlaceable: true, diagnosis.QuotaReached: true,
		diagnosis.Throttled: true, diagnosis.NoRoom: true, diagnosis.RepositoryUnreachable: true, diagnosis.DiskFull: true,
		diagnosis.Interrupted: true,
	} {
		if got := cause.BesideImage(); got != want {
			t.Errorf("%s lies beside the image: %v, want %v", cause, got, want)
		}
	}
}
