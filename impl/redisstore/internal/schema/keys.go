package redisstore

import (
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// DefaultPrefix begins every key unless [WithPrefix] says otherwise.
const DefaultPrefix = "mtrack:"

// keyspace builds every key that the store uses. The part in braces is the
// hash tag: what shares it shares a slot, and a script may touch it at once.
//
//	mtrack:organizations                        zset  segments of all organizations, in order of creation
//	mtrack:users                                zset  segments of all users, in order of creation
//	mtrack:key:<sha256>                         hash  a key: user, label, created_at, revoked_at
//
//	mtrack:{<user>}:user                        hash  name
//	mtrack:{<user>}:memberships                 zset  organizations, in order of joining
//	mtrack:{<user>}:keys                        zset  hashes of the keys, in order of creation
//
//	mtrack:{<org>}:organization                 hash  name; counters: saves, deletions
//	mtrack:{<org>}:ring                         hash  sha256:<key> → user; "" is a revoked key
//	mtrack:{<org>}:tracks                       list  all tracks, in order of creation
//	mtrack:{<org>}:track:<track>                hash  the track (see putTrack)
//	mtrack:{<org>}:events:<track>               list  its history, JSON, oldest first
//	mtrack:{<org>}:savers:<track>               zset  user → when it saved the track, in microseconds
//	mtrack:{<org>}:libraries                    zset  users that ever saved something, in that order
//	mtrack:{<org>}:library:<user>               zset  track → number of the save
//	mtrack:{<org>}:library:<user>:engine:<e>    zset  the same, of that engine only
//	mtrack:{<org>}:library:<user>:mode:<m>      zset  the same, of that mode only
//	mtrack:{<org>}:library:<user>:mode:<m>:engine:<e>
//	mtrack:{<org>}:dead                         zset  deleted track still in libraries → number of the deletion
//	mtrack:{<org>}:unsaved:<request>            string that request has removed this track; expires
//
// An id appears in keys, members and fields as its segment, see [segment].
type keyspace struct{ prefix string }

// newKeyspace returns the keys under a prefix. Braces in it would move the
// hash tag, so they are escaped.
func newKeyspace(prefix string) keyspace {
	return keyspace{strings.NewReplacer("{", "%7B", "}", "%7D").Replace(prefix)}
}

func (k keyspace) organizations() string             { return k.prefix + "organizations" }
func (k keyspace) users() string                     { return k.prefix + "users" }
func (k keyspace) key(hash track.KeyHash) string     { return k.prefix + "key:" + hash.String() }
func (k keyspace) user(u segment) string             { return k.tag(u) + "user" }
func (k keyspace) memberships(u segment) string      { return k.tag(u) + "memberships" }
func (k keyspace) keys(u segment) string             { return k.tag(u) + "keys" }
func (k keyspace) organization(o segment) string     { return k.tag(o) + "organization" }
func (k keyspace) ring(o segment) string             { return k.tag(o) + "ring" }
func (k keyspace) tracks(o segment) string           { return k.tag(o) + "tracks" }
func (k keyspace) dead(o segment) string             { return k.tag(o) + "dead" }
func (k keyspace) libraries(o segment) string        { return k.tag(o) + "libraries" }
func (k keyspace) trackPrefix(o segment) string      { return k.tag(o) + "track:" }
func (k keyspace) track(o, t segment) string         { return k.trackPrefix(o) + string(t) }
func (k keyspace) events(o, t segment) string        { return k.tag(o) + "events:" + string(t) }
func (k keyspace) savers(o, t segment) string        { return k.tag(o) + "savers:" + string(t) }
func (k keyspace) libraryPrefix(o segment) string    { return k.tag(o) + "library:" }
func (k keyspace) library(o, u segment) string       { return k.libraryPrefix(o) + string(u) }
func (k keyspace) unsaved(o, request segment) string { return k.tag(o) + "unsaved:" + string(request) }

func (k keyspace) tag(s segment) string { return k.prefix + "{" + string(s) + "}:" }

// ringField is the field of a key in the rings. With its name it is longer
// than 64 bytes on purpose: Redis keeps a hash with such a field as a hash
// table from its first entry on, where a compact one would be searched from
// end to end on every request.
func ringField(hash track.KeyHash) string { return "sha256:" + hash.String() }

// librarySuffix is what follows a library's key for the part of it with that
// mode and engine; the empty segment stands for "any".
func librarySuffix(mode, engine segment) string {
	var s string
	if mode != "" {
		s += ":mode:" + string(mode)
	}
	if engine != "" {
		s += ":engine:" + string(engine)
	}
	return s
}

// librarySuffixes are all the parts of a library in which a track of that mode
// and engine stands, the whole first.
func librarySuffixes(mode, engine segment) [4]string {
	return [4]string{"", librarySuffix(mode, ""), librarySuffix("", engine), librarySuffix(mode, engine)}
}
