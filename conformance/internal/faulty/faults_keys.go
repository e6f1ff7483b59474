package faulty

import "strings"

// keyFaults take a key for another one, or one that was revoked for one that works.
func keyFaults() []Fault {
	list := faultsOf(Authentication)
	add := list.add

	// acceptKey also accepts a key that is the same as a real one in the eyes of same.
	acceptKey := func(same func(known, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			userOfKey := b.userOfKey
			b.userOfKey = func(st *state, key string) *user {
				if u := userOfKey(st, key); u != nil {
					return u
				}
				for known, u := range st.keys {
					if same(known, key) {
						return u
					}
				}
				return nil
			}
		}
	}

	add("auth-key-prefix",
		"The beginning of a key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(sent) > 3 && strings.HasPrefix(known, sent)
		}))
	add("auth-key-without-last",
		"The last character of a key does not count.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(known) == len(sent) && known[:len(known)-1] == sent[:len(sent)-1]
		}))
	add("auth-key-first-sixteen",
		"Only the first sixteen characters of a key count.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(sent) >= 16 && strings.HasPrefix(known, sent[:16])
		}))
	add("auth-key-with-tail",
		"A key with anything behind it is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return strings.HasPrefix(sent, known) }))
	add("auth-key-within",
		"Anything that holds a key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return strings.Contains(sent, known) }))
	add("auth-key-case",
		"Keys are compared without regard to case.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(strings.EqualFold))
	add("auth-key-case-behind-prefix",
		"What stands behind the prefix of a key is compared without regard to case.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return strings.HasPrefix(sent, "ak_") && strings.EqualFold(known, sent)
		}))
	add("auth-key-both-ends",
		"The first and the last eight characters of a key are enough.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(known) == len(sent) && known[:8] == sent[:8] && known[len(known)-8:] == sent[len(sent)-8:]
		}))
	add("auth-key-up-to-colon",
		"A key ends at a colon.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			before, _, _ := strings.Cut(sent, ":")
			return before == known
		}))
	add("auth-key-comma-list",
		"One right key in a list with commas is enough.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			for part := range strings.SplitSeq(sent, ",") {
				if strings.TrimSpace(part) == known {
					return true
				}
			}
			return false
		}))
	add("auth-key-quoted",
		"A key in double quotes is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return sent == `"`+known+`"` }))
	add("auth-key-without-ak",
		"A key without what stands before its first underscore is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			_, rest, found := strings.Cut(known, "_")
			return found && rest == sent
		}))
	add("auth-key-percent-decoded",
		"A percent-encoded key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			id, ok := decodeSegment(sent)
			return ok && id == known
		}))
	add("auth-user-id-as-key",
		"A user's id is let in as that user's key.",
		detectedBy("delete-track/unknown-key-gets-401"),
		func(b *behaviour) {
			userOfKey := b.userOfKey
			b.userOfKey = func(st *state, key string) *user {
				for _, u := range st.keys {
					if u.id == key {
						return u
					}
				}
				return userOfKey(st, key)
			}
		})

	add("auth-revoked-key",
		"A revoked key still works.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		acceptRevokedWhen(func(*call) bool { return true }))
	add("auth-revoked-bearer",
		"A revoked key still works as a Bearer token.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		acceptRevokedWhen(func(c *call) bool { return c.key == bearer(c.request) }))
	for _, unchecked := range []struct {
		operation operation
		name      string
		seen      detection
	}{
		{opDelete, "auth-revoked-key-delete", detectedBy("delete-track/revoked-key-gets-401")},
		{opGet, "auth-revoked-key-get", detectedBy("get-track/revoked-key-gets-401")},
		{opList, "auth-revoked-key-list", detectedBy("list-tracks/revoked-key-gets-401")},
		{opUnsave, "auth-revoked-key-unsave", detectedBy("unsave-track/revoked-key-gets-401")},
	} {
		add(unchecked.name,
			"A revoked key still works for "+string(unchecked.operation)+".",
			unchecked.seen.needing("revoked_keys"),
			acceptRevokedWhen(func(c *call) bool { return c.operation == unchecked.operation }))
	}
	add("auth-revoked-key-403",
		"A revoked key gets 403.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, becomes(forbidden)))
	add("auth-revoked-key-404",
		"A revoked key gets 404.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, becomes(notFound)))
	add("auth-revoked-key-code",
		"A revoked key has a code of its own, API_KEY_REVOKED.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, func(_ *call, resp *response) {
			resp.err().set("code", "API_KEY_REVOKED")
		}))
	return list.faults
}
