package registry

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// checker checks the records of a batch, one after the other.
type checker struct {
	*existing
	plan *plan
	refs *references
}

// check checks the i-th record against what exists, adds it to that, and to the plan
// where something has to be written. The error is for the person who wrote the
// record.
func (c *checker) check(i int, r record.Record) error {
	switch {
	case r.Organization != nil:
		return c.checkOrganization(r.Organization)
	case r.User != nil:
		return c.checkUser(r.User)
	case r.Track != nil:
		return c.checkTrack(r.Track)
	case r.Save != nil:
		return c.checkSave(r.Save, c.refs.saveOf[i])
	default:
		return c.checkEvent(r.Event)
	}
}

func (c *checker) checkOrganization(r *record.Organization) error {
	o := schema.Encode(r.ID)
	if name, ok := c.organizations[o]; ok {
		return differs("organization", string(r.ID), "name", r.Name, name)
	}
	c.organizations[o] = r.Name
	c.plan.organizations = append(c.plan.organizations, named{o, r.Name})
	return nil
}

func (c *checker) checkUser(r *record.User) error {
	u := schema.Encode(r.ID)
	name, known := c.users[u]
	if known {
		if err := differs("user", string(r.ID), "name", r.Name, name); err != nil {
			return err
		}
	}
	for _, o := range r.MemberOf {
		if _, ok := c.organizations[schema.Encode(o)]; !ok {
			return unknown("organization", string(o))
		}
	}
	for _, key := range r.Keys {
		if err := c.checkKey(u, key); err != nil {
			return err
		}
	}
	if !known {
		c.users[u] = r.Name
		c.plan.users = append(c.plan.users, named{u, r.Name})
	}
	c.plan.members = append(c.plan.members, r)
	return nil
}

func (c *checker) checkKey(u schema.EncodedID, r record.Key) error {
	hash, err := r.Hash()
	if err != nil {
		return err
	}
	is := storedKey{user: u, label: r.Label, createdAt: schema.FormatOptionalTime(r.CreatedAt)}
	if r.RevokedAt != nil {
		is.revokedAt = schema.FormatTime(*r.RevokedAt)
	}
	was, ok := c.keys[hash]
	if !ok {
		c.keys[hash] = is
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

func (c *checker) checkTrack(r *record.Track) error {
	ref := trackRef{schema.Encode(r.Organization), schema.Encode(r.ID)}
	if _, ok := c.organizations[ref.organization]; !ok {
		return unknown("organization", string(r.Organization))
	}
	if _, ok := c.users[schema.Encode(r.Creator)]; !ok {
		return unknown("creator", string(r.Creator))
	}
	is := schema.NewTrack(r)
	was, ok := c.tracks[ref]
	if !ok {
		c.tracks[ref] = is
		c.plan.track(ref, c.histories[ref]).text = is.Text()
		return nil
	}
	if is.IsDeleted() && !was.IsDeleted() {
		return fmt.Errorf("track %s lives in the store and is deleted here; an import deletes nothing", r.ID)
	}
	for _, f := range []struct{ name, is, was string }{
		{"creator", string(is.Creator), string(was.Creator)}, {"title", is.Title, was.Title},
		{"engine", string(is.Engine), string(was.Engine)}, {"mode", string(is.Mode), string(was.Mode)},
		{"duration", is.Duration, was.Duration}, {"instrumental", is.Instrumental, was.Instrumental},
		{"licence", is.Licence, was.Licence}, {"created_at", is.CreatedAt, was.CreatedAt}, {"stems", is.Stems, was.Stems},
	} {
		if err := differs("track", string(r.ID), f.name, f.is, f.was); err != nil {
			return err
		}
	}
	if is.IsDeleted() && (is.DeletedAt != was.DeletedAt || is.DeletedBy != was.DeletedBy) {
		return fmt.Errorf("track %s was deleted at another time or by another request", r.ID)
	}
	return nil
}

func (c *checker) checkEvent(r *record.Event) error {
	ref := trackRef{schema.Encode(r.Organization), schema.Encode(r.Track)}
	if _, ok := c.tracks[ref]; !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	h := c.histories[ref]
	if err := h.Add(r.Seq, schema.EncodeEvent(r)); err != nil {
		return fmt.Errorf("event %d of track %s %w", r.Seq, r.Track, err)
	}
	if len(h.Before)+len(h.After()) > 0 {
		c.plan.track(ref, h)
	}
	return nil
}

func (c *checker) checkSave(r *record.Save, ref saveRef) error {
	saved, ok := c.tracks[ref.trackRef]
	if !ok {
		return unknown("track", string(r.Track)+" in organization "+string(r.Organization))
	}
	if _, ok := c.users[ref.user]; !ok {
		return unknown("user", string(r.User))
	}
	if saved.IsDeleted() {
		return nil // it would be gone from the library by now
	}
	is, was := float64(r.SavedAt.UnixMicro()), c.saves[ref]
	switch {
	case was.Removed != nil && is <= *was.Removed:
		return nil
	case was.IsAt(r.SavedAt):
		return nil
	case was.At != nil:
		return fmt.Errorf("user %s has saved track %s at another time, %s", r.User, r.Track,
			time.UnixMicro(int64(*was.At)).UTC().Format(time.RFC3339Nano))
	}
	c.saves[ref] = schema.Save{At: &is, Removed: was.Removed}
	c.plan.saves = append(c.plan.saves, savePlan{ref, schema.FormatTime(r.SavedAt)})
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
