package faulty

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func effectFaults() []Fault {
	list := faultsOf(Effect)
	add := list.add

	// The effect is not there, or not for everybody.
	visibleWhen := func(when func(c *call, t *track) bool) func(*behaviour) {
		return func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool { return isDeleted(c, t) && !when(c, t) }
		}
	}
	add("delete-nothing",
		"A delete is acknowledged and nothing happens.",
		detectedBy("delete-track/creator-gets-200"),
		func(b *behaviour) { b.remove = func(*call, *track) {} })
	add("delete-event-only",
		"A delete writes its event and leaves the track.",
		detectedBy("delete-track/creator-gets-200"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) { t.deletedAt = time.Time{} })
		})
	add("delete-is-unsave",
		"A delete only takes the track out of the creator's library.",
		detectedBy("delete-track/creator-gets-200", "delete-track/gone-for-everybody"),
		func(b *behaviour) {
			b.remove = func(c *call, t *track) {
				c.user.drop(t)
				t.events = append(t.events, event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
			}
		})
	add("deleted-for-creator-only",
		"A deleted track stays for everybody but its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool { return c.user != t.creator }))
	add("deleted-for-others-only",
		"A deleted track stays for its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool { return c.user == t.creator }))
	add("deleted-still-listed",
		"A deleted track stays in all libraries.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opList }))
	add("deleted-still-listed-for-savers",
		"A deleted track stays in the libraries of those who saved it.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && c.user != t.creator
		}))
	add("deleted-still-listed-for-creator",
		"A deleted track stays in its creator's library.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && c.user == t.creator
		}))
	add("deleted-still-listed-for-last-saver",
		"A deleted track stays in the library of the one who saved it last.",
		detectedBy("delete-track/creator-gets-200", "delete-track/nothing-else-each-time"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && t.savers[len(t.savers)-1] == c.user
		}))
	add("deleted-still-listed-for-first-saver",
		"A deleted track stays in the library of the one who saved it first.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && t.savers[0] == c.user
		}))
	for _, parameter := range []string{"offset", "mode", "engine", "limit"} {
		add("deleted-still-listed-by-"+parameter,
			"A deleted track is still in lists that are asked for with "+parameter+".",
			detectedBy("delete-track/leaves-every-library"),
			visibleWhen(func(c *call, _ *track) bool {
				return c.operation == opList && c.request.URL.Query().Has(parameter)
			}))
	}
	add("deleted-listed-as-null",
		"A deleted track is null in the lists that it was in.",
		detectedBy("delete-track/leaves-every-library"),
		func(b *behaviour) {
			visibleWhen(func(c *call, _ *track) bool { return c.operation == opList })(b)
			describe := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				if !t.deletedAt.IsZero() {
					return nil
				}
				return describe(c, t, listed)
			}
		})
	add("deleted-listed-as-deleted",
		"A deleted track stays in lists with a member deleted_at.",
		detectedBy("delete-track/leaves-every-library"),
		func(b *behaviour) {
			visibleWhen(func(c *call, _ *track) bool { return c.operation == opList })(b)
			describe := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				o := describe(c, t, listed)
				if !t.deletedAt.IsZero() {
					o.add("deleted_at", b.timestamp(t.deletedAt))
				}
				return o
			}
		})
	add("deleted-still-got",
		"A deleted track can still be got.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opGet }))
	add("deleted-still-got-by-savers",
		"A deleted track can still be got by those who saved it.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opGet && c.user != t.creator
		}))
	add("deleted-still-got-by-creator",
		"A deleted track can still be got by its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opGet && c.user == t.creator
		}))
	add("deleted-still-unsaved",
		"A deleted track can still be unsaved.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opUnsave }))
	add("deleted-hands-over",
		"A delete hands the track to the first other saver, who becomes its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				c.user.drop(t)
				for _, saver := range t.savers {
					if saver != c.user && saver.saved(t) {
						t.creator, t.deletedAt = saver, time.Time{}
					}
				}
			})
		})
	add("delete-only-saved-by-others",
		"A delete of a track that nobody else saved is acknowledged and not done.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if len(t.savers) > 1 || len(t.savers) == 1 && t.savers[0] != c.user {
					remove(c, t)
				}
			}
		})
	add("delete-not-without-save",
		"A delete by a creator who has not saved the track is acknowledged and not done.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if c.user.saved(t) {
					remove(c, t)
				}
			}
		})

	// The effect comes late, or goes again.
	sinceDelete := func(t *track) time.Duration { return time.Since(t.deletedAt) }
	const ms = time.Millisecond
	lateFor := func(delay time.Duration, when func(c *call, t *track) bool) func(*behaviour) {
		return visibleWhen(func(c *call, t *track) bool { return sinceDelete(t) < delay && when(c, t) })
	}
	everybody := func(*call, *track) bool { return true }
	savers := func(c *call, t *track) bool { return c.user != t.creator }
	add("delete-late-300ms",
		"A deleted track stays for 300ms for everybody.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(300*ms, everybody))
	add("delete-late-50ms",
		"A deleted track stays for 50ms for everybody.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(50*ms, everybody))
	add("delete-late-for-savers-100ms",
		"A deleted track stays for 100ms for those who saved it.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(100*ms, savers))
	add("delete-late-for-savers-500ms",
		"A deleted track stays for 500ms for those who saved it.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(500*ms, savers))
	add("delete-late-in-lists-200ms",
		"A deleted track stays for 200ms in lists.",
		detectedBy("delete-track/leaves-every-library"),
		lateFor(200*ms, func(c *call, _ *track) bool { return c.operation == opList }))
	add("delete-late-in-lists-of-savers-400ms",
		"A deleted track stays for 400ms in lists of those who saved it.",
		detectedBy("delete-track/leaves-every-library"),
		lateFor(400*ms, func(c *call, t *track) bool { return c.operation == opList && savers(c, t) }))
	add("delete-late-in-get-250ms",
		"A deleted track stays for 250ms for getting.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(250*ms, func(c *call, _ *track) bool { return c.operation == opGet }))
	add("delete-late-in-unsave-300ms",
		"A deleted track stays for 300ms for unsaving.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(300*ms, func(c *call, _ *track) bool { return c.operation == opUnsave }))
	add("deleted-returns-on-post",
		"A POST of a deleted track is 405, and brings it back.",
		detectedBy("delete-track/no-method-brings-it-back"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, _ *response) {
				if t := c.server.state.tracks[c.track]; t != nil && c.request.Method == http.MethodPost {
					t.deletedAt = time.Time{}
				}
			})
		})
	add("deleted-told-on-query",
		"A deleted track is told to whoever asks with include_deleted=true.",
		detectedBy("delete-track/gone-whatever-is-asked"),
		visibleWhen(func(c *call, _ *track) bool {
			return c.request.URL.Query().Get("include_deleted") == "true"
		}))
	add("deleted-returns-300ms",
		"A deleted track comes back after 300ms.",
		detectedBy("delete-track/stays-deleted"),
		visibleWhen(func(_ *call, t *track) bool { return sinceDelete(t) > 300*ms }))
	add("deleted-returns-for-savers-200ms",
		"A deleted track comes back after 200ms for those who saved it.",
		detectedBy("delete-track/stays-deleted"),
		visibleWhen(func(c *call, t *track) bool {
			return c.user != t.creator && sinceDelete(t) > 200*ms
		}))
	add("deleted-returns-on-repeat",
		"A second delete is refused, and brings the track back.",
		detectedBy("delete-track/repeat-gets-404"),
		onRefusal(deleted, func(c *call, _ *response) {
			if c.operation == opDelete && c.user == c.target.creator {
				c.target.deletedAt = time.Time{}
			}
		}))
	add("deleted-returns-on-unsave",
		"Unsaving a deleted track is refused, and brings it back.",
		detectedBy("delete-track/gone-for-everybody", "unsave-track/deleted-track-gets-404"),
		onRefusal(deleted, func(c *call, _ *response) {
			if c.operation == opUnsave {
				c.target.deletedAt = time.Time{}
			}
		}))

	// Other tracks are hit.
	alsoDelete := func(which func(c *call, t, other *track) bool) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, other := range c.server.state.tracks {
					if other != t && other.deletedAt.IsZero() && which(c, t, other) {
						other.deletedAt, other.deletedBy = time.Now(), c.user
					}
				}
			})
		}
	}
	sameOrganization := func(t, other *track) bool { return t.organization == other.organization }
	position := func(t *track) int { return slices.Index(t.organization.tracks, t) }
	add("delete-all-of-creator",
		"A delete takes all tracks of the creator with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool { return t.creator == other.creator }))
	add("delete-all-of-creator-abroad",
		"A delete takes the creator's tracks of other organizations with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return t.creator == other.creator && !sameOrganization(t, other)
		}))
	add("delete-all-of-organization",
		"A delete takes all tracks of the organization with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool { return sameOrganization(t, other) }))
	add("delete-all-of-title",
		"A delete takes all tracks of the organization with the same title with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && t.title != nil && other.title != nil && *t.title == *other.title
		}))
	add("delete-untitled-together",
		"A delete of a track without a title takes the creator's other untitled ones with it.",
		detectedBy("delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return t.creator == other.creator && t.title == nil && other.title == nil
		}))
	add("delete-next",
		"A delete takes the track that was created next in the organization with it.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && position(other) == position(t)+1
		}))
	add("delete-previous",
		"A delete takes the track that was created before in the organization with it.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && position(other) == position(t)-1
		}))
	add("delete-saved-by-creator",
		"A delete takes all that the creator has saved with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(c *call, _, other *track) bool { return c.user.saved(other) }))
	add("delete-id-prefix",
		"A delete takes the tracks with it whose ids begin with the deleted one's.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		func(b *behaviour) {
			b.newID = newNestedIDs(b.newID)
			alsoDelete(func(_ *call, t, other *track) bool {
				return strings.HasPrefix(other.id, t.id)
			})(b)
		})
	add("delete-older-in-library",
		"A delete takes the tracks with it that its creator saved before.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(c *call, t, other *track) bool {
			at, before := slices.Index(c.user.library, t), slices.Index(c.user.library, other)
			return before >= 0 && before < at
		}))

	// Other libraries are hit.
	changeLibraries := func(change func(c *call, t *track, saver *user)) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, saver := range t.savers {
					change(c, t, saver)
				}
			})
		}
	}
	add("delete-empties-library",
		"A delete empties its caller's library.",
		detectedBy("delete-track/nothing-else-each-time"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, _ *track) { c.user.library = nil })
		})
	add("delete-empties-libraries",
		"A delete empties the libraries of those who saved the track.",
		detectedBy("delete-track/nothing-else-each-time"),
		changeLibraries(func(_ *call, _ *track, saver *user) { saver.library = nil }))
	add("delete-unsaves-next",
		"A delete takes the track saved next out of the libraries too.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			if i := slices.Index(saver.library, t); i >= 0 && i+1 < len(saver.library) {
				saver.drop(saver.library[i+1])
			}
		}))
	add("delete-unsaves-others-of-creator",
		"A delete takes the creator's other tracks out of the savers' libraries.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			for _, other := range saver.library {
				if other.creator == t.creator && saver != t.creator {
					saver.drop(other)
				}
			}
		}))
	add("delete-swaps-library",
		"A delete moves the track saved last to the deleted one's place in libraries.",
		detectedBy("delete-track/untitled-neighbours-stay", "list-tracks/order-survives-changes"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			if i, last := slices.Index(saver.library, t), len(saver.library)-1; i >= 0 {
				saver.library = slices.Clone(saver.library)
				saver.library[i] = saver.library[last]
				saver.library = saver.library[:last]
			}
		}))
	add("delete-touches-neighbours",
		"A delete changes created_at of the creator's other tracks.",
		detectedBy("delete-track/nothing-else-each-time"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, other := range t.organization.tracks {
					if other.creator == t.creator {
						other.createdAt = other.createdAt.Add(time.Hour)
					}
				}
			})
		})

	// Refused requests have an effect.
	afterRefusal := func(effect func(c *call), causes ...cause) func(*behaviour) {
		return func(b *behaviour) {
			for _, why := range causes {
				onRefusal(why, func(c *call, _ *response) {
					if c.operation == opDelete && c.target != nil {
						effect(c)
					}
				})(b)
			}
		}
	}
	markDeleted := func(c *call) {
		if c.target.deletedAt.IsZero() {
			c.target.deletedAt = time.Now()
			c.target.deletedBy = c.user
		}
	}
	add("refused-saver-deletes",
		"A saver's delete gets 403 and is done.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(markDeleted, notCreator))
	add("refused-member-deletes",
		"A delete without access gets 404 and is done.",
		detectedBy("delete-track/member-without-access-gets-404"),
		afterRefusal(markDeleted, inaccessible))
	add("refused-outsider-deletes",
		"An outsider's delete gets 404 and is done.",
		detectedBy("delete-track/outsider-gets-404"),
		afterRefusal(markDeleted, outsider))
	add("refused-foreign-deletes",
		"A delete under another organization's path gets 404 and is done.",
		detectedBy("delete-track/creator-of-two-organizations"),
		afterRefusal(markDeleted, foreign))
	add("refused-no-key-deletes",
		"A delete without a key gets 401 and is done.",
		detectedBy("delete-track/no-key-gets-401"),
		afterRefusal(markDeleted, noKey))
	add("refused-unknown-key-deletes",
		"A delete with an unknown key gets 401 and is done.",
		detectedBy("delete-track/unknown-key-gets-401"),
		afterRefusal(markDeleted, unknownKey))
	add("refused-revoked-key-deletes",
		"A delete with a revoked key gets 401 and is done.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		afterRefusal(markDeleted, revokedKey))
	add("refused-saver-deletes-after-300ms",
		"A saver's delete gets 403 and is done 300ms later.",
		detectedBy("delete-track/refused-has-no-late-effect"),
		afterRefusal(func(c *call) {
			time.AfterFunc(300*ms, func() { c.locked(func() { markDeleted(c) }) })
		}, notCreator))
	add("refused-member-deletes-after-100ms",
		"A delete without access gets 404 and is done 100ms later.",
		detectedBy("delete-track/refused-has-no-late-effect"),
		afterRefusal(func(c *call) {
			time.AfterFunc(100*ms, func() { c.locked(func() { markDeleted(c) }) })
		}, inaccessible, outsider))
	add("refused-saver-unsaves",
		"A saver's refused delete takes the track out of the saver's library.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(func(c *call) { c.user.drop(c.target) }, notCreator))
	add("refused-saver-unsaves-creator",
		"A saver's refused delete takes the track out of the creator's library.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(func(c *call) { c.target.creator.drop(c.target) }, notCreator))
	add("refused-outsider-unsaves-all",
		"An outsider's refused delete takes the track out of all libraries.",
		detectedBy("delete-track/outsider-gets-404"),
		afterRefusal(func(c *call) {
			for _, saver := range c.target.savers {
				saver.drop(c.target)
			}
		}, outsider))
	add("refused-saver-reorders",
		"A saver's refused delete makes the track the newest in the saver's library.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(func(c *call) { c.user.drop(c.target); c.user.save(c.target) }, notCreator))
	add("refused-member-saves",
		"A refused delete without access saves the track for the caller.",
		detectedBy("delete-track/member-without-access-gets-404"),
		afterRefusal(func(c *call) { c.user.save(c.target) }, inaccessible))
	add("refused-saver-touches",
		"A saver's refused delete sets created_at of the track.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(func(c *call) {
			c.target.createdAt = c.target.createdAt.Add(time.Hour)
		}, notCreator))
	add("refused-saver-retitles",
		"A saver's refused delete marks the track by its title.",
		detectedBy("delete-track/saver-gets-403"),
		afterRefusal(func(c *call) {
			title := "(deletion asked for)"
			c.target.title = &title
		}, notCreator))
	add("refused-saver-locks",
		"After a saver's refused delete the creator's is refused too.",
		detectedBy("delete-track/saver-gets-403"),
		func(b *behaviour) {
			afterRefusal(func(c *call) { c.target.locked = true }, notCreator)(b)
			mayDelete := b.mayDelete
			b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && !t.locked }
		})
	add("refused-hides-from-saver",
		"After its refused delete a saver gets 404 for the track.",
		detectedBy("delete-track/saver-gets-403"),
		func(b *behaviour) {
			afterRefusal(func(c *call) { c.target.hiddenFrom = c.user }, notCreator)(b)
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				return isDeleted(c, t) || t.hiddenFrom == c.user && c.operation == opGet
			}
		})
	add("refused-creator-left-deletes",
		"The delete of a creator who has left gets 404 and is done.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		afterRefusal(func(c *call) {
			if c.target.creator == c.user {
				markDeleted(c)
			}
		}, outsider))
	return list.faults
}

// after lets more happen behind an effect.
func after(effect *func(c *call, t *track), more func(c *call, t *track)) {
	first := *effect
	*effect = func(c *call, t *track) {
		first(c, t)
		more(c, t)
	}
}

// newNestedIDs makes track ids that are each the beginning of the next.
func newNestedIDs(mint func(kind string) string) func(kind string) string {
	last := ""
	return func(kind string) string {
		if kind != "track" {
			return mint(kind)
		}
		if last == "" || len(last) > 60 {
			last = mint(kind)
		} else {
			last += randomText("0123456789abcdef", 1)
		}
		return last
	}
}
