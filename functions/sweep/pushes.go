package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/push"
	"fairlead/shared/sweep"
)

// pushes looks for a push that never went out, because its event was lost or because a hold kept it back, and says whether
// it started an execution for one.
//
// The record is written last: what fails in between is looked at again by the next sweep, which starts nothing twice.
func (l look) pushes(ctx context.Context, held claim.Claim) (started bool, err error) {
	before, err := l.Ledger.Sweeps.Sweep(ctx, l.service.Name)
	if err != nil {
		return false, err
	}
	images, inPart, err := l.listed(ctx, before)
	if err != nil {
		return false, err
	}
	back, err := l.keptBack(ctx, held)
	if err != nil {
		return false, err
	}
	fresh, record := before.Compare(l.service.Repository, images, back.owed, l.now)
	if back.hold != "" { // what is owed already stays so; what was lost waits
		fresh = slices.DeleteFunc(fresh, func(n sweep.New) bool { return n.Owed != nil })
	}
	if len(fresh) > 0 {
		if err := l.screen(ctx, fresh); err != nil {
			return false, err
		}
		if started, err = l.decide(ctx, fresh, held, back.hold, &record); err != nil {
			return started, err
		}
	}
	if left := record.Fit(images, inPart); left > 0 {
		l.log(ctx, "repository recorded in part", "it has more tags than a record has room for, so a new tag on an image pushed before is not found: "+
			"let a lifecycle policy expire old images", "left_out", left, "pushed_before", record.From)
	}
	err = l.Ledger.Sweeps.RecordSweep(ctx, l.service.Name, before, record)
	if errors.Is(err, ledger.ErrSwept) {
		l.log(ctx, "sweep not recorded", "another sweep has looked meanwhile")
		return started, nil
	}
	return started, err
}

// decide does what is chosen about the new tags.
func (l look) decide(ctx context.Context, fresh []sweep.New, held claim.Claim, hold string, record *sweep.Record) (started bool, err error) {
	for _, c := range sweep.Choose(fresh, held, hold, l.now) {
		l.log(ctx, "push looked at", c.Reason, "decision", c.Decision, "tag", c.New.Tag, "digest", c.New.Digest, "pushed_at", c.New.Since)
		switch c.Decision {
		case sweep.Start:
			if started, err = l.start(ctx, nameOf(l.service.Name, c.New), lost(l.service.Name, c.New)); err != nil {
				return false, err
			}
			record.Decide(c.New)
		case sweep.Leave:
			record.Decide(c.New)
		case sweep.Wait:
		}
	}
	return started, nil
}

// Bounds of the listing. A repository with more tagged images is looked at in part.
const (
	pageSize = 1000 // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
	maxPages = 20
)

// listed lists the tags of the repository, says whether there are more, and logs if nobody has looked at it before.
func (l look) listed(ctx context.Context, before sweep.Record) (images []sweep.Image, inPart bool, err error) {
	images, inPart, err = l.images(ctx)
	if err == nil && before.First(l.service.Repository, l.now) {
		l.log(ctx, "repository recorded", "it is the first look, or the first in a week: what is there already is nobody's lost push", "tags", len(images))
	}
	if inPart {
		l.log(ctx, "repository looked at in part", "it has more tagged images than a sweep reads, so only what was pushed since the sweep before is found: "+
			"let a lifecycle policy expire old ones", "tags", len(images))
	}
	return images, inPart, err
}

// images lists the tags of the repository. Those in the archive, which cannot be pulled, ECR leaves out.
func (l look) images(ctx context.Context) (images []sweep.Image, inPart bool, err error) {
	in := &ecr.DescribeImagesInput{RepositoryName: aws.String(l.service.Repository), MaxResults: aws.Int32(pageSize),
		Filter: &types.DescribeImagesFilter{TagStatus: types.TagStatusTagged}}
	for range maxPages {
		page, err := l.Registry.DescribeImages(ctx, in)
		if err != nil {
			return nil, false, fault.FromAWS("list the images of repository "+l.service.Repository, err)
		}
		for _, detail := range page.ImageDetails {
			for _, tag := range detail.ImageTags {
				images = append(images, sweep.Image{Tag: tag, Digest: aws.ToString(detail.ImageDigest), PushedAt: aws.ToTime(detail.ImagePushedAt),
					RestoredAt: aws.ToTime(detail.LastActivatedAt)})
			}
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return images, false, nil
		}
	}
	return images, true, nil
}

// recent is how much of a service's history is searched for a push.
const recent = 100

// screen says of each new tag why it is not to be deployed, if it is not.
func (l look) screen(ctx context.Context, fresh []sweep.New) error {
	past, err := l.Ledger.Past.History(ctx, l.service.Name, recent)
	if err != nil {
		return err
	}
	for i := range fresh {
		n := &fresh[i]
		screening := push.Screen(push.Push{Tag: n.Tag, Sweep: push.Sweep{Digest: image.Digest(n.Digest)}}, l.service, l.place)
		n.Version, n.Not = screening.Version, screening.Skip
		if n.Not != "" {
			continue
		}
		if n.Not, err = l.unwanted(ctx, *n, past); err != nil {
			return err
		}
	}
	return nil
}

// unwanted says why a tag that the policy takes is not to be deployed, or nothing. That the service runs its image already is no
// reason: its execution says so, and takes the claim, lest the sweep deploy an older one.
func (l look) unwanted(ctx context.Context, n sweep.New, past []ledger.Entry) (string, error) {
	if e, ended := end(n, past); ended {
		return fmt.Sprintf("execution %s has ended with it: %s", e.Execution, e.Name), nil
	}
	q, quarantined, err := l.Ledger.Quarantine.Quarantined(ctx, l.service.Name, n.Digest)
	if err != nil || !quarantined {
		return "", err
	}
	return "it is in quarantine since " + q.At.UTC().Format(time.RFC3339), nil
}

// end finds the execution that has ended with a tag. What a hold has kept back has not ended, see [sweep.KeptBack]; a dry run
// has not begun.
func end(n sweep.New, past []ledger.Entry) (ledger.Entry, bool) {
	for _, e := range past {
		passed := n.Owed != nil || e.Held || e.DryRun || e.At.Before(n.Since)
		if !passed && e.Tag == n.Tag && (e.Digest == n.Digest || e.Digest == "") {
			return e, true
		}
	}
	return ledger.Entry{}, false
}
