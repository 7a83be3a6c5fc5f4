package registerrevision

import (
	"context"
	"slices"

	"fairlead/shared/edge/lossless"
	"fairlead/shared/revision"
)

// make returns the ARN of the next revision: one that this execution has registered from this base in an earlier
// attempt, or a new one.
func (t task) make(ctx context.Context, b base) (string, error) {
	earlier, err := b.Earlier(ctx, t.Look, t.execution, func(made lossless.Original) bool {
		return slices.Contains(made.Images(), t.want.Image.String())
	})
	if err != nil || earlier != "" {
		return earlier, err
	}
	change := revision.Change{
		Containers: b.containers,
		Image:      t.want.Image.String(),
		Mark: revision.Mark{
			Execution: revision.ExecutionTag(t.execution.ID), Sequence: t.want.Sequence, Base: b.seen.TaskDefinition.Revision,
		},
	}
	return b.Register(ctx, t.Register, change, t.service, t.place)
}
