package registry

import (
	"context"
	"errors"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// applyTries is how often Apply looks at what is stored and plans anew, where
// others change it between the look and the writing.
const applyTries = 10

// errChanged says that what is stored is no longer what the plan was made for.
var errChanged = errors.New("what the records are about keeps changing in the store; repeat the import")

// applyOnce applies valid records: all of them where invalid is nil. Where it
// says why the record behind them is refused, they are only checked.
func applyOnce(ctx context.Context, db *database, records []record.Record, invalid error) error {
	known, err := readExisting(ctx, db, records)
	if err != nil {
		return err
	}
	c := checker{known, newPlan(db.keys, known.lastSaves)}
	for i, one := range records {
		if err := c.check(one); err != nil {
			return refuse(i, err)
		}
	}
	if invalid != nil {
		return invalid
	}
	return c.plan.carryOut(ctx, db)
}

func refuse(index int, reason error) error {
	return &track.Error{Code: track.InvalidArgument, Err: &record.Error{Index: index, Reason: reason.Error()}}
}
