package registry

import (
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// references are the things that a batch refers to, each once.
type references struct {
	organizations, users unique[schema.EncodedID]
	keys                 unique[track.KeyHash]
	tracks               unique[trackRef] // with their histories
	saves                unique[saveRef]
	saveOf               []saveRef // of each record; empty of one that is no save
}

// unique is a list of different things.
type unique[T comparable] struct {
	list []T
	seen map[T]bool
}

func (u *unique[T]) add(v T) {
	if u.seen == nil {
		u.seen = make(map[T]bool)
	}
	if !u.seen[v] {
		u.seen[v] = true
		u.list = append(u.list, v)
	}
}

func referencesOf(records []record.Record) *references {
	refs := references{saveOf: make([]saveRef, len(records))}
	for i, r := range records {
		switch {
		case r.Organization != nil:
			refs.organizations.add(schema.Encode(r.Organization.ID))
		case r.User != nil:
			refs.users.add(schema.Encode(r.User.ID))
			for _, o := range r.User.MemberOf {
				refs.organizations.add(schema.Encode(o))
			}
			for _, k := range r.User.Keys {
				if hash, err := k.Hash(); err == nil {
					refs.keys.add(hash)
				}
			}
		case r.Track != nil:
			refs.organizations.add(schema.Encode(r.Track.Organization))
			refs.users.add(schema.Encode(r.Track.Creator))
			refs.tracks.add(trackRef{schema.Encode(r.Track.Organization), schema.Encode(r.Track.ID)})
		case r.Save != nil:
			ref := saveRefOf(r.Save)
			refs.saveOf[i] = ref
			if i == 0 || refs.saveOf[i-1].user != ref.user { // often they are in order
				refs.users.add(ref.user)
			}
			refs.saves.add(ref)
		case r.Event != nil:
			refs.tracks.add(trackRef{schema.Encode(r.Event.Organization), schema.Encode(r.Event.Track)})
		}
	}
	return &refs
}
