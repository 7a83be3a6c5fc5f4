package stories_test

import (
	"strings"
	"testing"
	"time"
)

func TestAPushIsDeployed(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	digest := push(t, lab, "first", tagOf("first"), nil)
	if err := lab.Settle(t.Context(), 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	runs, err := lab.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		t.Log(r.Outcome(), r.Path, r.Says())
	}
	if image, err := lab.Image(t.Context(), cluster, service); err != nil || !strings.HasSuffix(image, "@"+digest) {
		t.Errorf("the service runs %s (%v), want %s", image, err, digest)
	}
}
