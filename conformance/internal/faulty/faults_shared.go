package faulty

import (
	"net/http"
	"time"
)

// sharedResponseFaults give one caller the response that was made for another.
func sharedResponseFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	const short = 250 * ms

	add("shared-get-at-once",
		"Gets of one track at the same time share the first one's result, whoever asks.",
		detectedBy("get-track/callers-at-once"),
		func(b *behaviour) { coalesce(&b.getTrack, byTarget) })
	add("shared-list-at-once",
		"Lists with one URL at the same time share the first one's result, whoever asks.",
		detectedBy("list-tracks/callers-at-once"),
		func(b *behaviour) { coalesce(&b.listSaved, byTarget) })
	add("shared-delete-at-once",
		"Deletes of one track at the same time share the first one's result, whoever asks.",
		detectedBy("delete-track/callers-at-once"),
		func(b *behaviour) { coalesce(&b.deleteTrack, byTarget) })
	add("shared-unsave-at-once",
		"Unsaves of one track at the same time share the first one's result, whoever asks.",
		detectedBy("unsave-track/callers-at-once"),
		func(b *behaviour) { coalesce(&b.unsaveTrack, byTarget) })
	add("shared-own-delete-at-once",
		"Deletes of one track by one caller at the same time all get the first one's 200.",
		detectedBy("concurrency/one-delete-wins"),
		func(b *behaviour) { coalesce(&b.deleteTrack, byCallerAndTarget) })
	add("shared-own-unsave-at-once",
		"Unsaves of one track by one saver at the same time all get the first one's 200.",
		detectedBy("concurrency/unsaves-at-once"),
		func(b *behaviour) { coalesce(&b.unsaveTrack, byCallerAndTarget) })
	add("shared-get-200",
		"A track that somebody got is given to everybody who asks for it within 250ms.",
		detectedBy("get-track/callers-in-turn"),
		func(b *behaviour) { remember(&b.getTrack, short, byTarget, http.StatusOK) })
	add("shared-get-404",
		"A 404 for a track is repeated for 250ms to everybody, also to those with access.",
		detectedBy("get-track/callers-in-turn"),
		func(b *behaviour) { remember(&b.getTrack, short, byTarget, http.StatusNotFound) })
	add("shared-delete-403",
		"A 403 for deleting a track is repeated for 250ms to everybody, the creator included.",
		detectedBy("delete-track/callers-in-turn"),
		func(b *behaviour) { remember(&b.deleteTrack, short, byTarget, http.StatusForbidden) })
	add("shared-delete-404",
		"A 404 for deleting a track is repeated for 250ms to everybody, the creator included.",
		detectedBy("delete-track/callers-in-turn"),
		func(b *behaviour) { remember(&b.deleteTrack, short, byTarget, http.StatusNotFound) })
	add("shared-unsave-404",
		"A 404 for unsaving a track is repeated for 250ms to everybody, those with access included.",
		detectedBy("unsave-track/callers-in-turn"),
		func(b *behaviour) { remember(&b.unsaveTrack, short, byTarget, http.StatusNotFound) })
	add("shared-list-by-organization",
		"A list is shown for 250ms to everybody of the organization who asks with the same URL.",
		detectedBy("list-tracks/callers-in-turn"),
		func(b *behaviour) { remember(&b.listSaved, short, byTarget, http.StatusOK) })
	add("shared-list-404",
		"A 404 for a list is repeated for 250ms to everybody, members included.",
		detectedBy("list-tracks/callers-in-turn"),
		func(b *behaviour) { remember(&b.listSaved, short, byTarget, http.StatusNotFound) })

	// A cache in front, whose key lacks one of the two headers that say who asks. The key is judged
	// behind it.
	cached := func(ttl time.Duration, header string) func(*behaviour) {
		return func(b *behaviour) {
			for _, decide := range []*decision{&b.getTrack, &b.listSaved} {
				remember(decide, ttl, func(c *call) string {
					return c.request.Header.Get(header) + " " + c.request.URL.RequestURI()
				}, http.StatusOK)
			}
		}
	}
	add("shared-by-all-bearers",
		"Reads are cached for 250ms by URL and X-API-Key, so that all Bearer callers share them.",
		detectedBy("list-tracks/callers-in-turn"),
		cached(short, "X-API-Key"))
	add("shared-by-all-api-keys",
		"Reads are cached for 250ms by URL and Authorization, so that all others share them.",
		detectedBy("list-tracks/callers-in-turn"),
		cached(short, "Authorization"))
	add("shared-with-keyless",
		"A get that anybody was allowed within 250ms is answered before the key is looked at.",
		detectedBy("get-track/callers-in-turn"),
		func(b *behaviour) {
			allowed := map[string]time.Time{}
			bodies := map[string]*response{}
			authenticate, getTrack := b.authenticate, b.getTrack
			b.getTrack = func(c *call) *response {
				resp := getTrack(c)
				if resp.status == http.StatusOK {
					allowed[byTarget(c)], bodies[byTarget(c)] = time.Now(), resp.clone()
				}
				return resp
			}
			b.authenticate = func(c *call) *response {
				if c.operation == opGet && time.Since(allowed[byTarget(c)]) < short {
					return bodies[byTarget(c)].clone()
				}
				return authenticate(c)
			}
		})
	add("shared-401",
		"A 401 for a path is repeated for 100ms to everybody, good keys included.",
		detectedBy("get-track/callers-in-turn"),
		func(b *behaviour) {
			refusedAt := map[string]time.Time{}
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				if time.Since(refusedAt[byTarget(c)]) < 100*ms {
					c.cause = unknownKey
					return b.refuse(c, unauthenticated)
				}
				refusal := authenticate(c)
				if refusal != nil {
					refusedAt[byTarget(c)] = time.Now()
				}
				return refusal
			}
		})
	add("cache-control-public",
		"Gets and lists may be kept by shared caches, which do not know X-API-Key.",
		warnedBy("list-tracks/not-publicly-cacheable"),
		onResponse("", http.StatusOK, func(_ *call, resp *response) {
			resp.header.Set("Cache-Control", "public, max-age=60")
		}))
	add("cache-control-s-maxage",
		"A get has an s-maxage, for shared caches that do not know X-API-Key.",
		warnedBy("get-track/not-publicly-cacheable"),
		onResponse(opGet, http.StatusOK, func(_ *call, resp *response) {
			resp.header.Set("Cache-Control", "max-age=0, s-maxage=30")
		}))
	add("cache-control-public-404",
		"A 404 may be kept by shared caches.",
		warnedBy("delete-track/not-publicly-cacheable"),
		onResponse("", http.StatusNotFound, func(_ *call, resp *response) {
			resp.header.Set("Cache-Control", "public, max-age=10")
		}))
	return list.faults
}
