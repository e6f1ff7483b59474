package registry

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// check checks a record against what exists, adds it to that, and to the plan
// where something has to be written. The error is for the person who wrote the
// record.
func (e *existing) check(r record.Record, p *plan) error {
	switch {
	case r.Organization != nil:
		return e.checkOrganization(r.Organization, p)
	case r.User != nil:
		return e.checkUser(r.User, p)
	case r.Track != nil:
		return e.checkTrack(r.Track, p)
	case r.Save != nil:
		return e.checkSave(r.Save, p)
	default:
		return e.checkEvent(r.Event, p)
	}
}

func (e *existing) checkOrganization(r *record.Organization, p *plan) error {
	o := schema.Encode(r.ID)
	if name, ok := e.organizations[o]; ok {
		return differs("organization", string(r.ID), "name", r.Name, name)
	}
	e.organizations[o] = r.Name
	p.organizations = append(p.organizations, named{o, r.Name})
	return nil
}

func (e *existing) checkUser(r *record.User, p *plan) error {
	u := schema.Encode(r.ID)
	name, known := e.users[u]
	if known {
		if err := differs("user", string(r.ID), "name", r.Name, name); err != nil {
			return err
		}
	}
	for _, o := range r.MemberOf {
		if _, ok := e.organizations[schema.Encode(o)]; !ok {
			return unknown("organization", string(o))
		}
	}
	for _, key := range r.Keys {
		if err := e.checkKey(u, key); err != nil {
			return err
		}
	}
	if !known {
		e.users[u] = r.Name
		p.users = append(p.users, named{u, r.Name})
	}
	p.members = append(p.members, r)
	return nil
}

func (e *existing) checkKey(u schema.EncodedID, r record.Key) error {
	hash, err := r.Hash()
	if err != nil {
		return err
	}
	is := storedKey{user: u, label: r.Label, createdAt: schema.FormatOptionalTime(r.CreatedAt)}
	if r.RevokedAt != nil {
		is.revokedAt = schema.FormatTime(*r.RevokedAt)
	}
	was, ok := e.keys[hash]
	if !ok {
		e.keys[hash] = is
		return nil
	}
	what := "key " + hash.String()
	switch {
	case was.user != is.user:
		return errors.New(what + " belongs to another user")
	case was.label != is.label:
		return differs("key", hash.String(), "label", is.label, was.label)
	case is.createdAt != "" && was.createdAt != is.createdAt:
		return errors.New(what + " was created at another time")
	case is.revokedAt != "" && was.revokedAt == "":
		return errors.New(what + " still works in the store; revoke it there")
	case is.revokedAt != "" && was.revokedAt != is.revokedAt:
		return errors.New(what + " was revoked at another time")
	}
	return nil
}

func (e *existing) checkTrack(r *record.Track, p *plan) error {
	ref := trackRef{schema.Encode(r.Organization), schema.Encode(r.ID)}
	if _, ok := e.organizations[ref.organization]; !ok {
		return unknown("organization", string(r.Organization))
	}
	if _, ok := e.users[schema.Encode(r.Creator)]; !ok {
		return unknown("creator", string(r.Creator))
	}
	fields := schema.EncodeTrack(r)
	is := make(map[string]string, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		is[fields[i]] = fields[i+1]
	}
	was, ok := e.tracks[ref]
	if !ok {
		e.tracks[ref] = is
		p.track(ref, e.histories[ref]).fields = fields
		return nil
	}
	if is[schema.FieldDeletedAt] != "" && was[schema.FieldDeletedAt] == "" {
		return fmt.Errorf("track %s lives in the store and is deleted here; an import deletes nothing", r.ID)
	}
	for _, name := range []string{
		schema.FieldCreator, schema.FieldTitle, schema.FieldEngine, schema.FieldMode, schema.FieldDuration,
		schema.FieldInstrumental, schema.FieldLicence, schema.FieldCreatedAt, schema.FieldStems,
	} {
		if err := differs("track", string(r.ID), name, is[name], was[name]); err != nil {
			return err
		}
	}
	if is[schema.FieldDeletedAt] != "" &&
		(is[schema.FieldDeletedAt] != was[schema.FieldDeletedAt] || is[schema.FieldDeletedBy] != was[schema.FieldDeletedBy]) {
		return fmt.Errorf("track %s was deleted at another time or by another request", r.ID)
	}
	return nil
}

func (e *existing) checkEvent(r *record.Event, p *plan) error {
	ref := trackRef{schema.Encode(r.Organization), schema.Encode(r.Track)}
	if _, ok := e.tracks[ref]; !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	h := e.histories[ref]
	if err := h.add(r.Seq, schema.EncodeEvent(r)); err != nil {
		return fmt.Errorf("event %d of track %s %w", r.Seq, r.Track, err)
	}
	if len(h.before)+len(h.after) > 0 {
		p.track(ref, h)
	}
	return nil
}

func (e *existing) checkSave(r *record.Save, p *plan) error {
	ref := saveRef{trackRef{schema.Encode(r.Organization), schema.Encode(r.Track)}, schema.Encode(r.User)}
	fields, ok := e.tracks[ref.trackRef]
	if !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	if _, ok := e.users[ref.user]; !ok {
		return unknown("user", string(r.User))
	}
	if fields[schema.FieldDeletedAt] != "" {
		return nil // it would be gone from the library by now
	}
	is, was := float64(r.SavedAt.UnixMicro()), e.saves[ref]
	switch {
	case was.removed != nil && is <= *was.removed:
		return nil
	case was.at != nil && *was.at != is:
		return fmt.Errorf("user %s has saved track %s at another time, %s", r.User, r.Track,
			time.UnixMicro(int64(*was.at)).UTC().Format(time.RFC3339Nano))
	case was.at != nil:
		return nil
	}
	e.saves[ref] = storedSave{at: &is, removed: was.removed}
	p.save(ref, r.SavedAt)
	return nil
}

// differs reports that a record says otherwise than the store.
func differs(kind, id, field, is, was string) error {
	if is == was {
		return nil
	}
	return fmt.Errorf("%s %s has %s %q in the store, %q here", kind, id, field, was, is)
}

func unknown(kind, id string) error {
	return fmt.Errorf("%s %s is unknown; its record must come first", kind, id)
}
