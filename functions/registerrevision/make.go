package registerrevision

import (
	"context"
	"slices"

	"fairlead/shared/edge/lossless"
	"fairlead/shared/image"
	"fairlead/shared/revision"
)

// make returns the ARN of the next revision: one that this execution has copied from there in an earlier attempt, or a new
// one.
func (t task) make(ctx context.Context, b base, copied string) (string, error) {
	source, names, err := t.readSource(ctx, b, copied)
	if err != nil {
		return "", err
	}
	earlier, err := source.Earlier(ctx, t.Look, t.execution, func(made lossless.Original) bool {
		return slices.ContainsFunc(made.Images(), func(name string) bool {
			return image.PinIn(name, t.want.Image.Name, t.want.Image.Digest).String() == name
		})
	})
	if err != nil || earlier != "" {
		return earlier, err
	}
	mark := revision.Mark{Execution: revision.ExecutionTag(t.execution.ID), Sequence: t.want.Sequence, Base: b.Name.Revision}
	if source.Name != b.Name {
		mark.Copied = source.Name.Revision
	}
	change := revision.Change{Images: t.images(source, names), Mark: mark}
	return source.Register(ctx, t.Register, change, t.service, t.place)
}

// images are what the containers of these names get.
func (t task) images(source lossless.Original, names []string) map[string]string {
	images := map[string]string{}
	for _, c := range containers(source.Definition) {
		if slices.Contains(names, c.Name) {
			images[c.Name] = image.PinIn(c.Image, t.want.Image.Name, t.want.Image.Digest).String()
		}
	}
	return images
}
