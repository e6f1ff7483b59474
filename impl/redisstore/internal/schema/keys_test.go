package redisstore

import (
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestKeys pins every key: stored data outlives the program.
func TestKeys(t *testing.T) {
	k := newKeyspace(DefaultPrefix)
	o, u, tr := segmentOf("org_abc123"), segmentOf("user_1"), segmentOf("mtrack_7c1a9e2f4b8d")
	hash := track.NewKey("ak_test").Hash()
	const digest = "5364b0ab6b28e44634f8657a9ae296865937601d03a55585138ab0afa9a8b790"
	for _, row := range []struct{ got, want string }{
		{k.organizations(), "mtrack:organizations"},
		{k.users(), "mtrack:users"},
		{k.key(hash), "mtrack:key:" + digest},
		{k.user(u), "mtrack:{user_1}:user"},
		{k.memberships(u), "mtrack:{user_1}:memberships"},
		{k.keys(u), "mtrack:{user_1}:keys"},
		{k.organization(o), "mtrack:{org_abc123}:organization"},
		{k.ring(o), "mtrack:{org_abc123}:ring"},
		{k.tracks(o), "mtrack:{org_abc123}:tracks"},
		{k.trackPrefix(o), "mtrack:{org_abc123}:track:"},
		{k.track(o, tr), "mtrack:{org_abc123}:track:mtrack_7c1a9e2f4b8d"},
		{k.events(o, tr), "mtrack:{org_abc123}:events:mtrack_7c1a9e2f4b8d"},
		{k.savers(o, tr), "mtrack:{org_abc123}:savers:mtrack_7c1a9e2f4b8d"},
		{k.libraries(o), "mtrack:{org_abc123}:libraries"},
		{k.libraryPrefix(o), "mtrack:{org_abc123}:library:"},
		{k.library(o, u), "mtrack:{org_abc123}:library:user_1"},
		{k.library(o, u) + librarySuffix("creation", ""), "mtrack:{org_abc123}:library:user_1:mode:creation"},
		{k.library(o, u) + librarySuffix("", "studio"), "mtrack:{org_abc123}:library:user_1:engine:studio"},
		{k.library(o, u) + librarySuffix("focus", "a"), "mtrack:{org_abc123}:library:user_1:mode:focus:engine:a"},
		{k.dead(o), "mtrack:{org_abc123}:dead"},
		{k.unsaved(o, "req_1"), "mtrack:{org_abc123}:unsaved:req_1"},
		{ringField(hash), "sha256:" + digest},
		{newKeyspace("a{b}:").ring(segmentOf("}{x:%ü ")), "a%7Bb%7D:{%7D%7Bx%3A%25%C3%BC%20}:ring"},
		{k.ring(segmentOf("")), "mtrack:{%}:ring"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
	if len(ringField(hash)) <= 64 {
		t.Errorf("field %q of a ring is short enough for Redis to search rings from end to end", ringField(hash))
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
		k := newKeyspace("p{}:")
		for _, id := range []string{o1, o2, user, id} {
			back, err := idOf[string](segmentOf(id))
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
			if tag := slotTag(key); tag != string(segmentOf(o1)) {
				t.Fatalf("key %q of organization %q has the hash tag %q", key, o1, tag)
			}
		}
		for _, key := range b {
			if seen[key] != (o1 == o2) {
				t.Fatalf("organizations %q and %q both have the key %q", o1, o2, key)
			}
		}
		// Ids in different places do not come to the same key either.
		if o1 != o2 && k.library(segmentOf(user), segmentOf(o1)) == k.library(segmentOf(user), segmentOf(o2))+librarySuffix("m", "e") {
			t.Fatalf("users %q and %q share a library", o1, o2)
		}
	})
}

// allKeys are the keys of an organization, and those of a user of the same
// name, which share its tag.
func allKeys(k keyspace, organization, user, id string) []string {
	o, u, t := segmentOf(organization), segmentOf(user), segmentOf(id)
	keys := []string{
		k.organization(o), k.ring(o), k.tracks(o), k.track(o, t), k.events(o, t), k.savers(o, t), k.libraries(o),
		k.dead(o), k.unsaved(o, u), k.user(o), k.memberships(o), k.keys(o),
	}
	for _, suffix := range librarySuffixes("creation", "studio") {
		keys = append(keys, k.library(o, u)+suffix)
	}
	return keys
}

func TestSegmentDamage(t *testing.T) {
	for _, s := range []segment{"", "%%", "%2", "%41", "%zz", "a b", "a%2g", "%c3%bc", "{x}"} {
		if id, err := idOf[string](s); err == nil {
			t.Errorf("%q was read as %q, though no id is written so", s, id)
		}
	}
}
