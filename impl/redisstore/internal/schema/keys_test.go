package schema

import (
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestKeys pins every key: stored data outlives the program.
func TestKeys(t *testing.T) {
	t.Parallel()
	k := NewKeyspace(DefaultPrefix)
	o, u, tr := Encode("org_abc123"), Encode("user_1"), Encode("mtrack_7c1a9e2f4b8d")
	hash := track.NewKey("ak_test").Hash()
	const digest = "5364b0ab6b28e44634f8657a9ae296865937601d03a55585138ab0afa9a8b790"
	for _, row := range []struct{ got, want string }{
		{k.Organizations(), "mtrack:organizations"},
		{k.Users(), "mtrack:users"},
		{k.Key(hash), "mtrack:key:" + digest},
		{k.User(u), "mtrack:{user_1}:user"},
		{k.Memberships(u), "mtrack:{user_1}:memberships"},
		{k.Leaving(u), "mtrack:{user_1}:leaving"},
		{k.Keys(u), "mtrack:{user_1}:keys"},
		{k.Organization(o), "mtrack:{org_abc123}:organization"},
		{k.Ring(o), "mtrack:{org_abc123}:ring"},
		{k.Tracks(o), "mtrack:{org_abc123}:tracks"},
		{k.TrackPrefix(o), "mtrack:{org_abc123}:track:"},
		{k.Track(o, tr), "mtrack:{org_abc123}:track:mtrack_7c1a9e2f4b8d"},
		{k.Events(o, tr), "mtrack:{org_abc123}:events:mtrack_7c1a9e2f4b8d"},
		{k.Savers(o, tr), "mtrack:{org_abc123}:savers:mtrack_7c1a9e2f4b8d"},
		{k.Libraries(o), "mtrack:{org_abc123}:libraries"},
		{k.LibraryPrefix(o), "mtrack:{org_abc123}:library:"},
		{k.Library(o, u), "mtrack:{org_abc123}:library:user_1"},
		{k.Library(o, u) + LibrarySuffix("creation", ""), "mtrack:{org_abc123}:library:user_1:mode:creation"},
		{k.Library(o, u) + LibrarySuffix("", "studio"), "mtrack:{org_abc123}:library:user_1:engine:studio"},
		{k.Library(o, u) + LibrarySuffix("focus", "a"), "mtrack:{org_abc123}:library:user_1:mode:focus:engine:a"},
		{k.Dead(o), "mtrack:{org_abc123}:dead"},
		{k.Pruned(o), "mtrack:{org_abc123}:pruned"},
		{k.Unsaved(o, "req_1"), "mtrack:{org_abc123}:unsaved:req_1"},
		{k.Fence(o), "mtrack:{org_abc123}:fence"},
		{k.Ready("17"), "mtrack:ready:{17}"},
		{DividedField(u), "divided:user_1"},
		{RemovedSaver + string(u), "!user_1"},
		{RingField(hash), "sha256:" + digest},
		{NewKeyspace("a{b}:").Ring(Encode("}{x:%ü ")), "a%7Bb%7D:{%7D%7Bx%3A%25%C3%BC%20}:ring"},
		{k.Ring(Encode("")), "mtrack:{%}:ring"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
	for _, k := range []Keyspace{k, NewKeyspace("")} {
		want := TrackKeys{Ring: k.Ring(o), Track: k.Track(o, tr), Dead: k.Dead(o), Savers: k.Savers(o, tr)}
		if got := k.TrackKeys(o, tr); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if len(RingField(hash)) <= 64 {
		t.Errorf("field %q of a ring is short enough for Redis to search rings from end to end", RingField(hash))
	}
}

// slotTag is the part of a key that decides its slot, as Redis Cluster finds
// it.
func slotTag(key string) string {
	open := strings.IndexByte(key, '{')
	if open < 0 {
		return key
	}
	end := strings.IndexByte(key[open+1:], '}')
	if end <= 0 {
		return key
	}
	return key[open+1 : open+1+end]
}

func FuzzKeys(f *testing.F) {
	for _, s := range []string{"", "org_1", "{", "}", "{}", ":", "%", "%25", "a:mode:b", "\x00", "\xff", "ü", "org:ring"} {
		f.Add(s, s+"1", "user_1", "mtrack_1")
	}
	f.Fuzz(func(t *testing.T, o1, o2, user, id string) {
		k := NewKeyspace("p{}:")
		for _, id := range []string{o1, o2, user, id} {
			back, err := Decode[string](Encode(id))
			if err != nil || back != id {
				t.Fatalf("%q became %q, %v", id, back, err)
			}
		}
		a, b := allKeys(k, o1, user, id), allKeys(k, o2, user, id)
		seen := make(map[string]bool)
		for _, key := range a {
			if seen[key] {
				t.Fatalf("two things share the key %q", key)
			}
			seen[key] = true
			if tag := slotTag(key); tag != string(Encode(o1)) {
				t.Fatalf("key %q of organization %q has the hash tag %q", key, o1, tag)
			}
		}
		for _, key := range b {
			if seen[key] != (o1 == o2) {
				t.Fatalf("organizations %q and %q both have the key %q", o1, o2, key)
			}
		}
		// Ids in different places do not come to the same key either.
		if o1 != o2 && k.Library(Encode(user), Encode(o1)) == k.Library(Encode(user), Encode(o2))+LibrarySuffix("m", "e") {
			t.Fatalf("users %q and %q share a library", o1, o2)
		}
	})
}

// allKeys are the keys of an organization, and those of a user of the same
// name, which share its tag.
func allKeys(k Keyspace, organization, user, id string) []string {
	o, u, t := Encode(organization), Encode(user), Encode(id)
	keys := []string{
		k.Organization(o), k.Ring(o), k.Tracks(o), k.Track(o, t), k.Events(o, t), k.Savers(o, t), k.Libraries(o),
		k.Dead(o), k.Pruned(o), k.Fence(o), k.Unsaved(o, u), k.User(o), k.Memberships(o), k.Leaving(o), k.Keys(o),
	}
	for _, suffix := range LibrarySuffixes("creation", "studio") {
		keys = append(keys, k.Library(o, u)+suffix)
	}
	return keys
}

func TestDecodeDamage(t *testing.T) {
	t.Parallel()
	for _, s := range []EncodedID{"", "%%", "%2", "%41", "%zz", "a b", "a%2g", "%c3%bc", "{x}"} {
		if id, err := Decode[string](s); err == nil {
			t.Errorf("%q was read as %q, though no id is written so", s, id)
		}
	}
}
