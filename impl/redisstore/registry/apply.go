package registry

import (
	"context"
	"errors"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// applyTries is how often Apply looks at what is stored and plans anew, where
// others change it between the look and the writing.
const applyTries = 10

// errChanged says that what is stored is no longer what the plan was made for.
var errChanged = errors.New("what the records are about keeps changing in the store; repeat the import")

// batch is a number of records that were checked, with what has to be written.
type batch struct {
	db    *database
	known *existing // what there is, with the batch
	plan  *plan
}

// prepare checks records: valid ones, if invalid is nil; otherwise it says why
// the record behind them is refused. The records of the batch before them, nil
// for none, may not be stored yet.
func prepare(ctx context.Context, db *database, records []record.Record, before *batch, invalid error) (*batch, error) {
	refs := referencesOf(records)
	var early *existing
	if before != nil {
		early = before.known
		for _, t := range refs.tracks.list {
			if _, touched := early.histories[t]; touched {
				return nil, record.ErrTooEarly // its place in the history depends on what the store makes of the other
			}
		}
	}
	known, err := readExisting(ctx, db, records, refs, early)
	if err != nil {
		return nil, err
	}
	c := checker{known, newPlan(db.keys), refs}
	for i, one := range records {
		if err := c.check(i, one); err != nil {
			return nil, refuse(i, err)
		}
	}
	if invalid != nil {
		return nil, invalid
	}
	for _, t := range c.plan.tracks {
		known.made[t.trackRef] = true
	}
	c.plan.makeCalls(known.lastSaves)
	return &batch{db, known, c.plan}, nil
}

// Store implements [record.Prepared].
func (b *batch) Store(ctx context.Context) error { return lua.Failure(b.plan.carryOut(ctx, b.db)) }

// firstInvalid returns the records before the first that no store would take,
// and the error for that one.
func firstInvalid(records []record.Record) ([]record.Record, error) {
	for i, one := range records {
		if err := one.Validate(); err != nil {
			return records[:i], refuse(i, err)
		}
	}
	return records, nil
}

func refuse(index int, reason error) error {
	return &track.Error{Code: track.InvalidArgument, Err: &record.Error{Index: index, Reason: reason.Error()}}
}
