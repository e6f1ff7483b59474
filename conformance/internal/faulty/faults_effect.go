package faulty

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

func effectFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: Effect, Summary: summary, apply: apply})
	}

	// The effect is not there, or not for everybody.
	shown := func(when func(c *call, t *track) bool) func(*behaviour) {
		return func(b *behaviour) {
			gone := b.gone
			b.gone = func(c *call, t *track) bool { return gone(c, t) && !when(c, t) }
		}
	}
	add("delete-nothing", "A delete is acknowledged and nothing happens.", func(b *behaviour) { b.remove = func(*call, *track) {} })
	add("delete-event-only", "A delete writes its event and leaves the track.", func(b *behaviour) {
		after(&b.remove, func(_ *call, t *track) { t.deletedAt = time.Time{} })
	})
	add("delete-is-unsave", "A delete only takes the track out of the creator's library.", func(b *behaviour) {
		b.remove = func(c *call, t *track) {
			c.user.drop(t)
			t.events = append(t.events, event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
		}
	})
	add("deleted-for-creator-only", "A deleted track stays for everybody but its creator.",
		shown(func(c *call, t *track) bool { return c.user != t.creator }))
	add("deleted-for-others-only", "A deleted track stays for its creator.", shown(func(c *call, t *track) bool { return c.user == t.creator }))
	add("deleted-still-listed", "A deleted track stays in all libraries.", shown(func(c *call, _ *track) bool { return c.operation == opList }))
	add("deleted-still-listed-for-savers", "A deleted track stays in the libraries of those who saved it.",
		shown(func(c *call, t *track) bool { return c.operation == opList && c.user != t.creator }))
	add("deleted-still-listed-for-creator", "A deleted track stays in its creator's library.",
		shown(func(c *call, t *track) bool { return c.operation == opList && c.user == t.creator }))
	add("deleted-still-listed-for-last-saver", "A deleted track stays in the library of the one who saved it last.",
		shown(func(c *call, t *track) bool { return c.operation == opList && t.savers[len(t.savers)-1] == c.user }))
	add("deleted-still-listed-for-first-saver", "A deleted track stays in the library of the one who saved it first.",
		shown(func(c *call, t *track) bool { return c.operation == opList && t.savers[0] == c.user }))
	for _, parameter := range []string{"offset", "mode", "engine", "limit"} {
		add("deleted-still-listed-by-"+parameter, "A deleted track is still in lists that are asked for with "+parameter+".",
			shown(func(c *call, _ *track) bool {
				return c.operation == opList && c.request.URL.Query().Has(parameter)
			}))
	}
	add("deleted-listed-as-null", "A deleted track is null in the lists that it was in.", func(b *behaviour) {
		shown(func(c *call, _ *track) bool { return c.operation == opList })(b)
		describe := b.describe
		b.describe = func(c *call, t *track, listed bool) *object {
			if !t.deletedAt.IsZero() {
				return nil
			}
			return describe(c, t, listed)
		}
	})
	add("deleted-listed-as-deleted", "A deleted track stays in lists with a member deleted_at.", func(b *behaviour) {
		shown(func(c *call, _ *track) bool { return c.operation == opList })(b)
		describe := b.describe
		b.describe = func(c *call, t *track, listed bool) *object {
			o := describe(c, t, listed)
			if !t.deletedAt.IsZero() {
				o.add("deleted_at", b.timestamp(t.deletedAt))
			}
			return o
		}
	})
	add("deleted-still-got", "A deleted track can still be got.", shown(func(c *call, _ *track) bool { return c.operation == opGet }))
	add("deleted-still-got-by-savers", "A deleted track can still be got by those who saved it.",
		shown(func(c *call, t *track) bool { return c.operation == opGet && c.user != t.creator }))
	add("deleted-still-got-by-creator", "A deleted track can still be got by its creator.",
		shown(func(c *call, t *track) bool { return c.operation == opGet && c.user == t.creator }))
	add("deleted-still-unsaved", "A deleted track can still be unsaved.", shown(func(c *call, _ *track) bool { return c.operation == opUnsave }))
	add("deleted-hands-over", "A delete hands the track to the first other saver, who becomes its creator.", func(b *behaviour) {
		after(&b.remove, func(c *call, t *track) {
			c.user.drop(t)
			for _, saver := range t.savers {
				if saver != c.user && saver.saved(t) {
					t.creator, t.deletedAt = saver, time.Time{}
				}
			}
		})
	})
	add("delete-only-saved-by-others", "A delete of a track that nobody else saved is acknowledged and not done.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			if len(t.savers) > 1 || len(t.savers) == 1 && t.savers[0] != c.user {
				remove(c, t)
			}
		}
	})
	add("delete-not-without-save", "A delete by a creator who has not saved the track is acknowledged and not done.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			if c.user.saved(t) {
				remove(c, t)
			}
		}
	})

	// The effect comes late, or goes again.
	since := func(t *track) time.Duration { return time.Since(t.deletedAt) }
	late := func(name, whom string, delay time.Duration, when func(c *call, t *track) bool) {
		add(fmt.Sprintf("%s-%dms", name, delay.Milliseconds()), fmt.Sprintf("A deleted track stays for %v %s.", delay, whom),
			shown(func(c *call, t *track) bool { return since(t) < delay && when(c, t) }))
	}
	const ms = time.Millisecond
	late("delete-late", "for everybody", 300*ms, func(*call, *track) bool { return true })
	late("delete-late", "for everybody", 50*ms, func(*call, *track) bool { return true })
	late("delete-late-for-savers", "for those who saved it", 100*ms, func(c *call, t *track) bool { return c.user != t.creator })
	late("delete-late-for-savers", "for those who saved it", 500*ms, func(c *call, t *track) bool { return c.user != t.creator })
	late("delete-late-in-lists", "in lists", 200*ms, func(c *call, _ *track) bool { return c.operation == opList })
	late("delete-late-in-lists-of-savers", "in lists of those who saved it", 400*ms,
		func(c *call, t *track) bool { return c.operation == opList && c.user != t.creator })
	late("delete-late-in-get", "for getting", 250*ms, func(c *call, _ *track) bool { return c.operation == opGet })
	late("delete-late-in-unsave", "for unsaving", 300*ms, func(c *call, _ *track) bool { return c.operation == opUnsave })
	add("deleted-returns-on-post", "A POST of a deleted track is 405, and brings it back.", func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, _ *answer) {
			if t := c.server.state.tracks[c.track]; t != nil && c.request.Method == http.MethodPost {
				t.deletedAt = time.Time{}
			}
		})
	})
	add("deleted-told-on-query", "A deleted track is told to whoever asks with include_deleted=true.",
		shown(func(c *call, _ *track) bool { return c.request.URL.Query().Get("include_deleted") == "true" }))
	add("deleted-returns-300ms", "A deleted track comes back after 300ms.", shown(func(_ *call, t *track) bool { return since(t) > 300*ms }))
	add("deleted-returns-for-savers-200ms", "A deleted track comes back after 200ms for those who saved it.",
		shown(func(c *call, t *track) bool { return c.user != t.creator && since(t) > 200*ms }))
	add("deleted-returns-on-repeat", "A second delete is refused, and brings the track back.", func(b *behaviour) {
		b.onCause(deleted, func(c *call, _ *answer) {
			if c.operation == opDelete && c.user == c.target.creator {
				c.target.deletedAt = time.Time{}
			}
		})
	})
	add("deleted-returns-on-unsave", "Unsaving a deleted track is refused, and brings it back.", func(b *behaviour) {
		b.onCause(deleted, func(c *call, _ *answer) {
			if c.operation == opUnsave {
				c.target.deletedAt = time.Time{}
			}
		})
	})

	// Other tracks are hit.
	also := func(which func(c *call, t, other *track) bool) func(*behaviour) {
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
	beside := func(t, other *track) bool { return t.organization == other.organization }
	place := func(t *track) int { return slices.Index(t.organization.tracks, t) }
	add("delete-all-of-creator", "A delete takes all tracks of the creator with it.", also(func(_ *call, t, other *track) bool { return t.creator == other.creator }))
	add("delete-all-of-creator-abroad", "A delete takes the creator's tracks of other organizations with it.",
		also(func(_ *call, t, other *track) bool { return t.creator == other.creator && !beside(t, other) }))
	add("delete-all-of-organization", "A delete takes all tracks of the organization with it.", also(func(_ *call, t, other *track) bool { return beside(t, other) }))
	add("delete-all-of-title", "A delete takes all tracks of the organization with the same title with it.",
		also(func(_ *call, t, other *track) bool {
			return beside(t, other) && t.title != nil && other.title != nil && *t.title == *other.title
		}))
	add("delete-untitled-together", "A delete of a track without a title takes the creator's other untitled ones with it.",
		also(func(_ *call, t, other *track) bool {
			return t.creator == other.creator && t.title == nil && other.title == nil
		}))
	add("delete-next", "A delete takes the track that was created next in the organization with it.",
		also(func(_ *call, t, other *track) bool { return beside(t, other) && place(other) == place(t)+1 }))
	add("delete-previous", "A delete takes the track that was created before in the organization with it.",
		also(func(_ *call, t, other *track) bool { return beside(t, other) && place(other) == place(t)-1 }))
	add("delete-saved-by-creator", "A delete takes all that the creator has saved with it.",
		also(func(c *call, _, other *track) bool { return c.user.saved(other) }))
	add("delete-id-prefix", "A delete takes the tracks with it whose ids begin with the deleted one's.", func(b *behaviour) {
		b.mint = mintPrefixes(b.mint)
		also(func(_ *call, t, other *track) bool { return strings.HasPrefix(other.id, t.id) })(b)
	})
	add("delete-older-in-library", "A delete takes the tracks with it that its creator saved before.",
		also(func(c *call, t, other *track) bool {
			at, before := slices.Index(c.user.library, t), slices.Index(c.user.library, other)
			return before >= 0 && before < at
		}))

	// Other libraries are hit.
	libraries := func(change func(c *call, t *track, saver *user)) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, saver := range t.savers {
					change(c, t, saver)
				}
			})
		}
	}
	add("delete-empties-library", "A delete empties its caller's library.", func(b *behaviour) {
		after(&b.remove, func(c *call, _ *track) { c.user.library = nil })
	})
	add("delete-empties-libraries", "A delete empties the libraries of those who saved the track.",
		libraries(func(_ *call, _ *track, saver *user) { saver.library = nil }))
	add("delete-unsaves-next", "A delete takes the track saved next out of the libraries too.",
		libraries(func(_ *call, t *track, saver *user) {
			if i := slices.Index(saver.library, t); i >= 0 && i+1 < len(saver.library) {
				saver.drop(saver.library[i+1])
			}
		}))
	add("delete-unsaves-others-of-creator", "A delete takes the creator's other tracks out of the savers' libraries.",
		libraries(func(_ *call, t *track, saver *user) {
			for _, other := range saver.library {
				if other.creator == t.creator && saver != t.creator {
					saver.drop(other)
				}
			}
		}))
	add("delete-swaps-library", "A delete moves the track saved last to the deleted one's place in libraries.",
		libraries(func(_ *call, t *track, saver *user) {
			if i, last := slices.Index(saver.library, t), len(saver.library)-1; i >= 0 {
				saver.library = slices.Clone(saver.library)
				saver.library[i] = saver.library[last]
				saver.library = saver.library[:last]
			}
		}))
	add("delete-touches-neighbours", "A delete changes created_at of the creator's other tracks.", func(b *behaviour) {
		after(&b.remove, func(c *call, t *track) {
			for _, other := range t.organization.tracks {
				if other.creator == t.creator {
					other.createdAt = other.createdAt.Add(time.Hour)
				}
			}
		})
	})

	// Refused requests have an effect.
	refused := func(effect func(c *call), causes ...cause) func(*behaviour) {
		return func(b *behaviour) {
			for _, why := range causes {
				b.onCause(why, func(c *call, _ *answer) {
					if c.operation == opDelete && c.target != nil {
						effect(c)
					}
				})
			}
		}
	}
	kill := func(c *call) {
		if c.target.deletedAt.IsZero() {
			c.target.deletedAt = time.Now()
			c.target.deletedBy = c.user
		}
	}
	add("refused-saver-deletes", "A saver's delete is answered 403 and done.", refused(kill, notCreator))
	add("refused-member-deletes", "A delete without access is answered 404 and done.", refused(kill, inaccessible))
	add("refused-outsider-deletes", "An outsider's delete is answered 404 and done.", refused(kill, outsider))
	add("refused-foreign-deletes", "A delete under another organization's path is answered 404 and done.", refused(kill, foreign))
	add("refused-no-key-deletes", "A delete without a key is answered 401 and done.", refused(kill, noKey))
	add("refused-unknown-key-deletes", "A delete with an unknown key is answered 401 and done.", refused(kill, unknownKey))
	add("refused-revoked-key-deletes", "A delete with a revoked key is answered 401 and done.", refused(kill, revokedKey))
	faults[len(faults)-1].Needs = "revoked_keys"
	add("refused-saver-deletes-after-300ms", "A saver's delete is answered 403 and done 300ms later.",
		refused(func(c *call) { time.AfterFunc(300*ms, func() { c.locked(func() { kill(c) }) }) }, notCreator))
	add("refused-member-deletes-after-100ms", "A delete without access is answered 404 and done 100ms later.",
		refused(func(c *call) { time.AfterFunc(100*ms, func() { c.locked(func() { kill(c) }) }) }, inaccessible, outsider))
	add("refused-saver-unsaves", "A saver's refused delete takes the track out of the saver's library.",
		refused(func(c *call) { c.user.drop(c.target) }, notCreator))
	add("refused-saver-unsaves-creator", "A saver's refused delete takes the track out of the creator's library.",
		refused(func(c *call) { c.target.creator.drop(c.target) }, notCreator))
	add("refused-outsider-unsaves-all", "An outsider's refused delete takes the track out of all libraries.",
		refused(func(c *call) {
			for _, saver := range c.target.savers {
				saver.drop(c.target)
			}
		}, outsider))
	add("refused-saver-reorders", "A saver's refused delete makes the track the newest in the saver's library.",
		refused(func(c *call) { c.user.drop(c.target); c.user.save(c.target) }, notCreator))
	add("refused-member-saves", "A refused delete without access saves the track for the caller.",
		refused(func(c *call) { c.user.save(c.target) }, inaccessible))
	add("refused-saver-touches", "A saver's refused delete sets created_at of the track.",
		refused(func(c *call) { c.target.createdAt = c.target.createdAt.Add(time.Hour) }, notCreator))
	add("refused-saver-retitles", "A saver's refused delete marks the track by its title.",
		refused(func(c *call) { title := "(deletion asked for)"; c.target.title = &title }, notCreator))
	add("refused-saver-locks", "After a saver's refused delete the creator's is refused too.", func(b *behaviour) {
		refused(func(c *call) { c.target.locked = true }, notCreator)(b)
		mayDelete := b.mayDelete
		b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && !t.locked }
	})
	add("refused-hides-from-saver", "After its refused delete a saver gets 404 for the track.", func(b *behaviour) {
		refused(func(c *call) { c.target.hiddenFrom = c.user }, notCreator)(b)
		gone := b.gone
		b.gone = func(c *call, t *track) bool {
			return gone(c, t) || t.hiddenFrom == c.user && c.operation == opGet
		}
	})
	add("refused-creator-left-deletes", "The delete of a creator who has left is answered 404 and done.",
		refused(func(c *call) {
			if c.target.creator == c.user {
				kill(c)
			}
		}, outsider))
	return faults
}

// after lets more happen behind an effect.
func after(effect *func(c *call, t *track), more func(c *call, t *track)) {
	first := *effect
	*effect = func(c *call, t *track) {
		first(c, t)
		more(c, t)
	}
}

// mintPrefixes makes track ids that are each the beginning of the next.
func mintPrefixes(mint func(kind string) string) func(kind string) string {
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
