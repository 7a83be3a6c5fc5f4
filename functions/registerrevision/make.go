package registerrevision

import (
	"context"
	"slices"

	"fairlead/shared/edge/lossless"
	"fairlead/shared/revision"
)

// make returns the ARN of the next revision: one that this execution has copied from there in an earlier attempt, or a new
// one.
func (t task) make(ctx context.Context, b base, copied string) (string, error) {
	source, containers, err := t.readSource(ctx, b, copied)
	if err != nil {
		return "", err
	}
	earlier, err := source.Earlier(ctx, t.Look, t.execution, func(made lossless.Original) bool {
		return slices.Contains(made.Images(), t.want.Image.String())
	})
	if err != nil || earlier != "" {
		return earlier, err
	}
	mark := revision.Mark{Execution: revision.ExecutionTag(t.execution.ID), Sequence: t.want.Sequence, Base: b.Name.Revision}
	if source.Name != b.Name {
		mark.Copied = source.Name.Revision
	}
	images := map[string]string{}
	for _, name := range containers {
		images[name] = t.want.Image.String()
	}
	change := revision.Change{Images: images, Mark: mark}
	return source.Register(ctx, t.Register, change, t.service, t.place)
}
