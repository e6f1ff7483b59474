package faulty

import "time"

// refusedEffectFaults are about a delete that is refused and has an effect all the same.
func refusedEffectFaults() []Fault {
	list := faultsOf(Effect)
	add := list.add

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
