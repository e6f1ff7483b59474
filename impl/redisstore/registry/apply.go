package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Apply implements [track.Registry]. What is there already is left as it is,
// also where it has moved on since: a record without deleted_at does not bring
// a deleted track back, one without revoked_at no revoked key, and a save of a
// deleted track is passed over. Memberships and keys of a user are added to,
// never taken away. Times are kept in whole microseconds.
//
// The records are checked against what is stored before any of them is
// stored. An Apply that contradicts another one running at the same time may
// be stored in part; so may one that Redis fails in the middle of, and
// repeating it completes it.
func (s *Store) Apply(ctx context.Context, records []track.Record) error {
	// The first bad record is the one to be told of: one that contradicts the
	// store may come before one that no store would take.
	var invalid error
	for i, r := range records {
		if err := r.Validate(); err != nil {
			invalid, records = refuseRecord(i, err), records[:i]
			break
		}
	}
	known, err := s.gather(ctx, records)
	if err != nil {
		return err
	}
	var p plan
	for i, r := range records {
		if err := known.admit(r, s.keys, &p); err != nil {
			return refuseRecord(i, err)
		}
	}
	if invalid != nil {
		return invalid
	}
	return s.carryOut(ctx, &p)
}

func refuseRecord(index int, reason error) error {
	return &track.Error{Code: track.InvalidArgument, Err: &track.RecordError{Index: index, Reason: reason.Error()}}
}

// plan is what has to be written, by stages: a stage is complete before the
// next one begins, so that whatever is interrupted refers to nothing that
// does not exist.
type plan struct {
	organizations []*track.OrganizationRecord
	users         []*track.UserRecord // all of the batch, new or not
	tracks        []invocation
	events        []invocation
	saves         []invocation
}

// carryOut writes a plan. Every step may be repeated.
func (s *Store) carryOut(ctx context.Context, p *plan) error {
	if err := s.putOrganizations(ctx, p.organizations); err != nil {
		return err
	}
	if err := s.putUsers(ctx, p.users); err != nil {
		return err
	}
	for _, stage := range [][]invocation{p.tracks, p.events, p.saves} {
		answers, err := s.runAll(ctx, stage)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if a.code == codeGap {
				return failure(errors.New("a history lost events while others were added; repeat the import"))
			}
		}
	}
	return nil
}

// admit checks a record against what is known, adds it to that, and to the
// plan where something has to be written. The error is for the person who
// wrote the record.
func (k *knowledge) admit(r track.Record, keys keyspace, p *plan) error {
	switch {
	case r.Organization != nil:
		return k.admitOrganization(r.Organization, p)
	case r.User != nil:
		return k.admitUser(r.User, p)
	case r.Track != nil:
		return k.admitTrack(r.Track, keys, p)
	case r.Save != nil:
		return k.admitSave(r.Save, keys, p)
	default:
		return k.admitEvent(r.Event, keys, p)
	}
}

func (k *knowledge) admitOrganization(r *track.OrganizationRecord, p *plan) error {
	o := segmentOf(r.ID)
	if name, ok := k.organizations[o]; ok {
		return contradiction("organization", string(r.ID), "name", r.Name, name)
	}
	k.organizations[o] = r.Name
	p.organizations = append(p.organizations, r)
	return nil
}

func (k *knowledge) admitUser(r *track.UserRecord, p *plan) error {
	u := segmentOf(r.ID)
	if name, ok := k.users[u]; ok {
		if err := contradiction("user", string(r.ID), "name", r.Name, name); err != nil {
			return err
		}
	}
	for _, o := range r.MemberOf {
		if _, ok := k.organizations[segmentOf(o)]; !ok {
			return unknown("organization", string(o))
		}
	}
	for _, key := range r.Keys {
		if err := k.admitKey(u, key); err != nil {
			return err
		}
	}
	k.users[u] = r.Name
	p.users = append(p.users, r)
	return nil
}

func (k *knowledge) admitKey(u segment, r track.KeyRecord) error {
	hash, err := r.Hash()
	if err != nil {
		return err
	}
	is := storedKey{user: u, label: r.Label, createdAt: optionalTime(r.CreatedAt)}
	if r.RevokedAt != nil {
		is.revokedAt = formatTime(*r.RevokedAt)
	}
	was, ok := k.keys[hash]
	if !ok {
		k.keys[hash] = is
		return nil
	}
	what := "key " + hash.String()
	switch {
	case was.user != is.user:
		return errors.New(what + " belongs to another user")
	case was.label != is.label:
		return contradiction("key", hash.String(), "label", is.label, was.label)
	case is.createdAt != "" && was.createdAt != is.createdAt:
		return errors.New(what + " was created at another time")
	case is.revokedAt != "" && was.revokedAt == "":
		return errors.New(what + " still works in the store; revoke it there")
	case is.revokedAt != "" && was.revokedAt != is.revokedAt:
		return errors.New(what + " was revoked at another time")
	}
	return nil
}

func (k *knowledge) admitTrack(r *track.TrackRecord, keys keyspace, p *plan) error {
	o, t := segmentOf(r.Organization), segmentOf(r.ID)
	if _, ok := k.organizations[o]; !ok {
		return unknown("organization", string(r.Organization))
	}
	if _, ok := k.users[segmentOf(r.Creator)]; !ok {
		return unknown("creator", string(r.Creator))
	}
	fields := encodeTrack(r)
	is := make(map[string]string, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		is[fields[i]] = fields[i+1]
	}
	ref := trackRef{o, t}
	was, ok := k.tracks[ref]
	if !ok {
		k.tracks[ref] = is
		p.tracks = append(p.tracks, invocation{
			putTrackScript,
			[]string{keys.track(o, t), keys.tracks(o)},
			append([]any{string(t)}, toAny(fields)...),
		})
		return nil
	}
	if is[fieldDeletedAt] != "" && was[fieldDeletedAt] == "" {
		return fmt.Errorf("track %s lives in the store and is deleted here; an import deletes nothing", r.ID)
	}
	for _, name := range []string{
		fieldCreator, fieldTitle, fieldEngine, fieldMode, fieldDuration, fieldInstrumental,
		fieldLicence, fieldCreatedAt, fieldStems,
	} {
		if err := contradiction("track", string(r.ID), name, is[name], was[name]); err != nil {
			return err
		}
	}
	if is[fieldDeletedAt] != "" && (is[fieldDeletedAt] != was[fieldDeletedAt] || is[fieldDeletedBy] != was[fieldDeletedBy]) {
		return fmt.Errorf("track %s was deleted at another time or by another request", r.ID)
	}
	return nil
}

func (k *knowledge) admitSave(r *track.SaveRecord, keys keyspace, p *plan) error {
	o, t, u := segmentOf(r.Organization), segmentOf(r.Track), segmentOf(r.User)
	fields, ok := k.tracks[trackRef{o, t}]
	if !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	if _, ok := k.users[u]; !ok {
		return unknown("user", string(r.User))
	}
	if fields[fieldDeletedAt] != "" {
		return nil // it would be gone from the library by now
	}
	ref := saveRef{trackRef{o, t}, u}
	if at, ok := k.saves[ref]; ok {
		if at != r.SavedAt.UnixMicro() {
			return fmt.Errorf("user %s has saved track %s at another time, %s", r.User, r.Track,
				time.UnixMicro(at).UTC().Format(time.RFC3339Nano))
		}
		return nil
	}
	k.saves[ref] = r.SavedAt.UnixMicro()
	library := keys.library(o, u)
	run := invocation{
		putSaveScript,
		[]string{keys.track(o, t), keys.savers(o, t), keys.organization(o), keys.libraries(o)},
		[]any{string(t), string(u), formatTime(r.SavedAt)},
	}
	for _, suffix := range librarySuffixes(segment(fields[fieldMode]), segment(fields[fieldEngine])) {
		run.keys = append(run.keys, library+suffix)
	}
	p.saves = append(p.saves, run)
	return nil
}

func (k *knowledge) admitEvent(r *track.EventRecord, keys keyspace, p *plan) error {
	o, t := segmentOf(r.Organization), segmentOf(r.Track)
	ref := trackRef{o, t}
	if _, ok := k.tracks[ref]; !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	is := encodeEvent(r)
	length := k.lengths[ref]
	switch {
	case r.Seq > length+1:
		return fmt.Errorf("event %d of track %s comes after event %d; those between are missing", r.Seq, r.Track, length)
	case r.Seq <= length:
		same, err := equalEvents(is, k.events[eventRef{ref, r.Seq}])
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("event %d of track %s is another one in the store; histories are never changed", r.Seq, r.Track)
		}
		return nil
	}
	k.lengths[ref]++
	k.events[eventRef{ref, r.Seq}] = is
	p.events = append(p.events, invocation{putEventScript, []string{keys.events(o, t)}, []any{r.Seq, is}})
	return nil
}

// contradiction reports that a record says otherwise than the store.
func contradiction(kind, id, field, is, was string) error {
	if is == was {
		return nil
	}
	return fmt.Errorf("%s %s has %s %q in the store, %q here", kind, id, field, was, is)
}

func unknown(kind, id string) error {
	return fmt.Errorf("%s %s is unknown; its record must come first", kind, id)
}

// equalEvents compares what two stored events say, however they are written.
func equalEvents(a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	x, err := decodeEvent(a)
	if err != nil {
		return false, err
	}
	y, err := decodeEvent(b)
	return x == y, err
}

// optionalTime is the form in which a time that may be missing is stored.
func optionalTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return formatTime(t)
}
