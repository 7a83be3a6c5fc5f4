package checkimage

import (
	"context"
	"fmt"
	"time"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/push"
)

// reserve is what is left of the function's own time for its answer when it looks at many services.
const reserve = 10 * time.Second

// inspect looks at a service as it stands, or at all of them: whether a push would come to grief there, whatever its image.
// What stands in the way of one service that was named is a fault, as in any run; of all of them it is told in a line for
// each, and keeps none of the others from being looked at.
func (s Step) inspect(ctx context.Context, p push.Push, place config.Place, request handler.Request) (image.Checked, error) {
	if p.Service != push.All {
		service, err := s.Config.Lookup(p.Service)
		if err != nil {
			return image.Checked{}, err
		}
		c := s.check(ctx, p, service, place, request)
		if err := c.inspect(ctx); err != nil {
			return image.Checked{}, err
		}
		return c.skip("dry run: nothing stands in the way of a push to service " + service.Name + but(len(c.out.Warnings))), nil
	}
	out, bad := begin(p, config.Service{}), 0
	for _, name := range s.Config.Names() {
		if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) < reserve {
			out.Warnings = append(out.Warnings, name+": NOT CHECKED: there was no time; look at it by its name")
			continue
		}
		c := s.check(ctx, p, s.Config.Services[name], place, request)
		if err := c.inspect(ctx); err != nil {
			bad++
			out.Warnings = append(out.Warnings, name+": FAILS: "+fault.From(err).Error())
			continue
		}
		out.Warnings = append(out.Warnings, name+": ok"+but(len(c.out.Warnings)))
		for _, warning := range c.out.Warnings {
			out.Warnings = append(out.Warnings, name+": warning: "+warning)
		}
	}
	out.Decision = image.Skip
	out.Reason = fmt.Sprintf("dry run of all services: a push would fail at %d of %d; image.warnings has the lines", bad, len(s.Config.Names()))
	return out, nil
}

// inspect reads what a push would read of the service, its repository, its roles and its hold.
func (c *check) inspect(ctx context.Context) error {
	if err := c.readRepository(ctx); err != nil {
		return err
	}
	if gate := c.service.Gates.Image; gate != nil {
		if err := gate.CheckRepository(c.service.Repository, c.tags); err != nil {
			return err
		}
	}
	target, err := c.readTarget(ctx)
	if err != nil {
		return err
	}
	hold, err := c.holds.Hold(ctx, c.service.Name)
	if err != nil {
		return err
	}
	if hold.InForce(c.now) {
		c.warn("it is held by %s since %s, %s: %s", hold.By, hold.At.UTC().Format(time.RFC3339), hold.End(), hold.Reason)
	}
	return c.preflight(ctx, target)
}

// but counts warnings at the end of a sentence.
func but(warnings int) string {
	switch warnings {
	case 0:
		return ""
	case 1:
		return ", with 1 warning"
	default:
		return fmt.Sprintf(", with %d warnings", warnings)
	}
}
