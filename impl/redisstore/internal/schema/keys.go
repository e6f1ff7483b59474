// Package schema is how the store's data lies in Redis: the keys, the encoded
// identifiers in them, and the encodings of tracks and events. What it writes
// outlives the program: tests pin it. The store's request path and its registry
// use it, and nobody else.
package schema

import (
	"encoding/hex"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// DefaultPrefix begins every key unless another prefix is chosen.
const DefaultPrefix = "mtrack:"

// Keyspace builds every key that the store uses. The part in braces is the
// hash tag: what shares it shares a slot, and a script may touch it at once.
//
//	mtrack:organizations                     zset  all organizations, in order of creation
//	mtrack:users                             zset  all users, in order of creation
//	mtrack:key:<sha256>                      hash  a key: user, label, created_at, revoked_at;
//	                                         revoking, while rings may still hold it
//
//	mtrack:{<user>}:user                     hash  name
//	mtrack:{<user>}:memberships              zset  organizations, in order of joining
//	mtrack:{<user>}:leaving                  zset  organizations whose rings still hold keys of a
//	                                         membership that ended
//	mtrack:{<user>}:keys                     zset  hashes of the keys, in order of creation
//
//	mtrack:{<org>}:organization              hash  name; counter: saves; divided:<user> → number
//	                                         of a save: see below
//	mtrack:{<org>}:ring                      hash  sha256:<key> → user; "" is a revoked key
//	mtrack:{<org>}:tracks                    list  all tracks, in order of creation
//	mtrack:{<org>}:track:<track>             string the track (see Track)
//	mtrack:{<org>}:events:<track>            list  its history, oldest first (see EncodeEvent)
//	mtrack:{<org>}:savers:<track>            zset  user → microsecond of its save;
//	                                         "!"user → the same of the last save
//	                                         that this user removed
//	mtrack:{<org>}:libraries                 zset  users that ever saved something, in that order
//	mtrack:{<org>}:library:<user>            zset  track → number of the save
//	mtrack:{<org>}:library:<user>:engine:<e> zset  a part: the same, of that engine only
//	mtrack:{<org>}:library:<user>:mode:<m>   zset  a part: of that mode only
//	mtrack:{<org>}:library:<user>:mode:<m>:engine:<e>
//	mtrack:{<org>}:dead                      zset  deleted track in libraries → its number;
//	                                         "" → what is above all these numbers
//	mtrack:{<org>}:pruned                    hash  part of a library → number of a deletion:
//	                                         the dead up to it are out of that part
//	mtrack:{<org>}:unsaved:<request>         string that request has removed this track; expires
//	mtrack:{<org>}:fence                     string written behind what replicas are to confirm;
//	                                         expires
//
//	mtrack:ready:{<tag>}                     string written to see that a node can be; expires
//
// An id appears in keys, members and fields in its stored form, see [EncodedID].
//
// A library is divided into its parts up to a save, the one that the field of its
// user in the hash of the organization tells the number of: of the saves up to
// that one, each stands in the library and in three parts, unless its track is
// deleted; of the later ones, and of all where there is no such field, none is in
// a part. Parts are made when somebody asks for one, or where very many saves are
// in none, a number of saves in a step. The field lies in a hash that exists as
// long as the organization, so that it is never only missing because a slot moves.
type Keyspace struct{ prefix string }

// NewKeyspace returns the keys under a prefix. Braces in it would move the
// hash tag, so they are escaped.
func NewKeyspace(prefix string) Keyspace {
	return Keyspace{strings.NewReplacer("{", "%7B", "}", "%7D").Replace(prefix)}
}

// Prefix returns what every key begins with.
func (k Keyspace) Prefix() string { return k.prefix }

func (k Keyspace) Organizations() string            { return k.prefix + "organizations" }
func (k Keyspace) Users() string                    { return k.prefix + "users" }
func (k Keyspace) Key(hash track.KeyHash) string    { return k.prefix + "key:" + hash.String() }
func (k Keyspace) User(u EncodedID) string          { return k.tag(u) + "user" }
func (k Keyspace) Memberships(u EncodedID) string   { return k.tag(u) + "memberships" }
func (k Keyspace) Leaving(u EncodedID) string       { return k.tag(u) + "leaving" }
func (k Keyspace) Keys(u EncodedID) string          { return k.tag(u) + "keys" }
func (k Keyspace) Organization(o EncodedID) string  { return k.tag(o) + "organization" }
func (k Keyspace) Ring(o EncodedID) string          { return k.tag(o) + "ring" }
func (k Keyspace) Tracks(o EncodedID) string        { return k.tag(o) + "tracks" }
func (k Keyspace) Dead(o EncodedID) string          { return k.tag(o) + "dead" }
func (k Keyspace) Pruned(o EncodedID) string        { return k.tag(o) + "pruned" }
func (k Keyspace) Libraries(o EncodedID) string     { return k.tag(o) + "libraries" }
func (k Keyspace) Fence(o EncodedID) string         { return k.tag(o) + "fence" }
func (k Keyspace) Ready(tag string) string          { return k.prefix + "ready:{" + tag + "}" }
func (k Keyspace) TrackPrefix(o EncodedID) string   { return k.tag(o) + "track:" }
func (k Keyspace) Track(o, t EncodedID) string      { return k.TrackPrefix(o) + string(t) }
func (k Keyspace) Events(o, t EncodedID) string     { return k.tag(o) + "events:" + string(t) }
func (k Keyspace) SaversPrefix(o EncodedID) string  { return k.tag(o) + "savers:" }
func (k Keyspace) Savers(o, t EncodedID) string     { return k.SaversPrefix(o) + string(t) }
func (k Keyspace) LibraryPrefix(o EncodedID) string { return k.tag(o) + "library:" }
func (k Keyspace) Library(o, u EncodedID) string    { return k.LibraryPrefix(o) + string(u) }
func (k Keyspace) Unsaved(o, request EncodedID) string {
	return k.tag(o) + "unsaved:" + string(request)
}

func (k Keyspace) tag(s EncodedID) string { return k.prefix + "{" + string(s) + "}:" }

// TrackKeys are the keys that a request about one track goes by.
type TrackKeys struct{ Ring, Track, Dead, Savers string }

// TrackKeys returns these keys, all in one piece of memory: every request needs them.
func (k Keyspace) TrackKeys(o, t EncodedID) TrackKeys {
	text := k.prefix + "{" + string(o) + "}:ring" +
		k.prefix + "{" + string(o) + "}:track:" + string(t) +
		k.prefix + "{" + string(o) + "}:dead" +
		k.prefix + "{" + string(o) + "}:savers:" + string(t)
	tag := len(k.prefix) + len(o) + len("{}:")
	next := func(length int) (key string) {
		key, text = text[:tag+length], text[tag+length:]
		return key
	}
	return TrackKeys{
		Ring:   next(len("ring")),
		Track:  next(len("track:") + len(t)),
		Dead:   next(len("dead")),
		Savers: next(len("savers:") + len(t)),
	}
}

// RemovedSaver begins a member of savers that stands for a save that was
// removed. No encoded id holds it.
const RemovedSaver = "!"

// DeletionCount is the member of the dead tracks that counts the deletions. It
// is there from the organization's beginning, so that the key is, too: where a
// slot of a cluster moves to another node, Redis refuses scripts whose keys do
// not all exist. A deletion adds one to its score and takes the number that is
// half of one lower. So it stands behind all tracks, and whoever has read up to
// it has missed none.
const DeletionCount = ""

// RingField is the field of a key in the rings. With its name it is longer
// than 64 bytes on purpose: Redis keeps a hash with such a field as a hash
// table from its first entry on, where a compact one would be searched from
// end to end on every request.
func RingField(hash track.KeyHash) string {
	const name = "sha256:"
	var field [len(name) + 2*len(hash)]byte
	hex.Encode(field[copy(field[:], name):], hash[:])
	return string(field[:])
}

// DividedField is the field of an organization's hash that says up to which save
// the library of a user is divided into its parts.
func DividedField(u EncodedID) string { return "divided:" + string(u) }

// LibrarySuffix is what follows a library's key for the part of it with that
// mode and engine; the empty one stands for "any".
func LibrarySuffix(mode, engine EncodedID) string {
	var s string
	if mode != "" {
		s += ":mode:" + string(mode)
	}
	if engine != "" {
		s += ":engine:" + string(engine)
	}
	return s
}

// LibrarySuffixes are the library and all its parts in which a track of that mode
// and engine may stand, the whole first.
func LibrarySuffixes(mode, engine EncodedID) [4]string {
	return [4]string{"", LibrarySuffix(mode, ""), LibrarySuffix("", engine), LibrarySuffix(mode, engine)}
}
