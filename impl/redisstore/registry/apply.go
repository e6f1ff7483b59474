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

// Apply implements [record.Registry]. What is there already is left as it is,
// also where it has moved on since: a record without deleted_at does not bring
// a deleted track back, one without revoked_at no revoked key, and a save of a
// deleted track is passed over, as is one that its user removed. Memberships
// and keys of a user are added to, never taken away. Times are kept in whole
// microseconds.
//
// The records are checked against what is stored before any of them is
// stored, and each script that writes makes sure that this is still so; where
// it is not, they are checked again. An Apply that contradicts another one
// running at the same time may be stored in part; so may one that Redis fails
// in the middle of, and repeating it completes it.
func (r *Registry) Apply(ctx context.Context, records []record.Record) error {
	// The first bad record is the one to be told of: one that contradicts the
	// store may come before one that no store would take.
	var invalid error
	for i, one := range records {
		if err := one.Validate(); err != nil {
			invalid, records = refuse(i, err), records[:i]
			break
		}
	}
	err := errChanged
	for n := 0; n < applyTries && err == errChanged; n++ {
		err = r.applyOnce(ctx, records, invalid)
	}
	return lua.Failure(err)
}

// applyOnce applies valid records, all of them where invalid is nil, and only
// in mind where it says why those behind them are refused.
func (r *Registry) applyOnce(ctx context.Context, records []record.Record, invalid error) error {
	known, err := r.readExisting(ctx, records)
	if err != nil {
		return err
	}
	p := newPlan(r.keys)
	for i, one := range records {
		if err := known.check(one, p); err != nil {
			return refuse(i, err)
		}
	}
	if invalid != nil {
		return invalid
	}
	return r.carryOut(ctx, p)
}

func refuse(index int, reason error) error {
	return &track.Error{Code: track.InvalidArgument, Err: &record.Error{Index: index, Reason: reason.Error()}}
}

// carryOut writes a plan by stages: each is complete before the next begins, so
// that whatever is interrupted refers to nothing that does not exist. Every
// step may be repeated.
func (r *Registry) carryOut(ctx context.Context, p *plan) error {
	if err := r.createOrganizations(ctx, p.organizations); err != nil {
		return err
	}
	if err := r.createUsers(ctx, p.users, p.members); err != nil {
		return err
	}
	if err := r.runAll(ctx, p.trackCalls()); err != nil {
		return err
	}
	return r.runAll(ctx, p.saveCalls())
}
