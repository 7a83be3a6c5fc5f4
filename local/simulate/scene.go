package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"fairlead/local/ecr/sample"
	"fairlead/local/steps"
)

// opening is when every run begins: after today, because the SDK's clients hold the sessions that they are given against
// the wall clock, and would assume a role anew for each call.
func opening() time.Time { return time.Date(2046, 11, 23, 8, 0, 0, 0, time.UTC) }

// Scene is what every run begins with: the stacks are deployed, the services run their first revisions, and the layers of
// all images are pushed. It may be used by several goroutines at once.
type Scene struct {
	stage  *steps.Stage
	images map[string]picture
	table  string // of the ledger
	logger *slog.Logger
	held   []Invariant // what its runs are held to
}

// picture is an image that can be pushed: its manifest, and its digest.
type picture struct{ manifest, digest string }

// Word is an image of the scene by how it behaves.
type Word struct {
	Name     string
	Fit      bool // it comes to run and stays healthy
	Unfit    bool // CheckImage is to reject it
	Hopeless bool // it ends by itself before it is healthy, each time alike
	Unsafe   bool // a scan finds in it what keeps it out of a service that asks
	Labels   map[string]string
	Platform string
}

// Words are the images that are pushed.
func Words() []Word {
	var words []Word
	for _, name := range []string{"apple", "birch", "cedar", "daisy", "elder", "fern"} {
		words = append(words, Word{Name: name, Fit: true})
	}
	return append(words,
		Word{Name: "vetted", Fit: true, Labels: map[string]string{"local.scan": "3m"}},
		Word{Name: "unsafe", Fit: true, Unsafe: true, Labels: map[string]string{"local.findings": "CRITICAL:1"}},
		Word{Name: "slow", Fit: true, Labels: map[string]string{"local.start": "25s"}},
		Word{Name: "crash", Hopeless: true, Labels: map[string]string{"local.exit": "1"}},
		Word{Name: "crash2", Labels: map[string]string{"local.exit": "2", "local.exitafter": "20s"}},
		Word{Name: "sick", Labels: map[string]string{"local.unhealthy": "true"}},
		Word{Name: "oom", Hopeless: true, Labels: map[string]string{"local.oom": "true"}},
		Word{Name: "arm", Unfit: true, Platform: "linux/arm64"})
}

func word(name string) Word {
	for _, w := range Words() {
		if w.Name == name {
			return w
		}
	}
	return Word{}
}

// Open sets the scene from an assembly that [Synthesise] made.
func Open(ctx context.Context, assembly string, logger *slog.Logger) (*Scene, error) {
	lab := steps.New(opening(), 1, logger)
	if _, err := lab.Deploy(assembly); err != nil {
		return nil, err
	}
	scene := &Scene{images: map[string]picture{}, logger: logger, held: Invariants()}
	for _, w := range Words() {
		if err := scene.prepare(ctx, lab, w); err != nil {
			return nil, fmt.Errorf("image %s: %w", w.Name, err)
		}
	}
	lab.Pass(20 * time.Minute) // the sweep has its first look, which deploys nothing
	for _, t := range Targets() {
		service, err := lab.Service(ctx, cluster, t.Name)
		if err != nil {
			return nil, err
		}
		if len(service.Deployments) != 1 || int(service.RunningCount) != t.Desired {
			return nil, fmt.Errorf("service %s does not run: %d of %d tasks", t.Name, service.RunningCount, t.Desired)
		}
	}
	tables := lab.Stacks.IDs("Fairlead", "AWS::DynamoDB::Table")
	if len(tables) != 1 {
		return nil, fmt.Errorf("there are %d ledgers", len(tables))
	}
	scene.table = tables[0]
	var err error
	if scene.stage, err = lab.Freeze(); err != nil {
		return nil, err
	}
	scene.stage.Unsigned = true
	return scene, nil
}

// prepare uploads the layers of an image to every repository, so that a push is the manifest alone.
func (s *Scene) prepare(ctx context.Context, lab *steps.Lab, w Word) error {
	var platforms []string
	if w.Platform != "" {
		platforms = []string{w.Platform}
	}
	image, err := sample.Image(sample.Spec{Content: w.Name, Labels: w.Labels, Platforms: platforms})
	if err != nil {
		return err
	}
	manifest, err := image.RawManifest()
	if err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	s.images[w.Name] = picture{manifest: string(manifest), digest: digest.String()}
	for _, t := range Targets() {
		if err := lab.Upload(ctx, t.Repository, image); err != nil {
			return err
		}
	}
	return nil
}
