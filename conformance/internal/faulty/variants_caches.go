package faulty

import (
	"net/http"
	"time"
)

// cacheVariants have conditions and caches, and get them right: what faults of an architecture get
// wrong.
func cacheVariants() []Variant {
	// unchanged replaces a 200 of a read by a 304 where the caller has the very same already. It
	// comes after all decisions, so that it tells nothing to whom a get would tell nothing.
	unchanged := func(has func(c *call, resp *response) bool) func(*behaviour) {
		return onResponse("", http.StatusOK, func(c *call, resp *response) {
			if c.request.Method == http.MethodGet && has(c, resp) {
				resp.status, resp.body = http.StatusNotModified, nil
				resp.header.Del("Content-Type")
			}
		})
	}
	return []Variant{
		strict("etags",
			"Sends an ETag with gets and lists, and 304 for who has what is still so.",
			unchanged(func(c *call, resp *response) bool {
				text := c.request.URL.RequestURI()
				for _, o := range objects(resp) {
					// playback_url is new with every get, and does not count.
					for _, m := range o.members {
						if id, ok := m.value.(string); ok && m.name == "id" {
							text += " " + id
						}
					}
				}
				tag := etag(text)
				resp.header.Set("ETag", tag)
				return c.request.Header.Get("If-None-Match") == tag
			})),
		strict("last-modified",
			"Sends Last-Modified with gets, and 304 for who has what is still so.",
			unchanged(func(c *call, resp *response) bool {
				if c.operation != opGet {
					return false
				}
				at := c.target.createdAt.Truncate(time.Second)
				resp.header.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
				since, err := http.ParseTime(c.request.Header.Get("If-Modified-Since"))
				return err == nil && !at.After(since)
			})),
		strict("coalesced-gets",
			"Decides gets and lists once that one caller sends several times at the same moment.",
			func(b *behaviour) {
				coalesce(&b.getTrack, byCallerAndTarget)
				coalesce(&b.listSaved, byCallerAndTarget)
			}),
		strict("unsaves-answered-late",
			"Answers a saver's unsave 3ms after it was done, also if the track was deleted meanwhile.",
			func(b *behaviour) {
				unsaveTrack := b.unsaveTrack
				b.unsaveTrack = func(c *call) *response {
					if !c.canAccess() || !c.user.saved(c.target) || c.target.creator == c.user {
						c.cause = ""
						return unsaveTrack(c)
					}
					c.user.drop(c.target)
					resp := b.acknowledge(c)
					c.unlocked(func() { time.Sleep(3 * ms) })
					return resp
				}
			}),
		strict("private-caching",
			"Lets the caller keep a response and asks it to check each time, by both headers.",
			onResponse("", 0, func(_ *call, resp *response) {
				resp.header.Set("Cache-Control", "private, no-cache")
				resp.header.Set("Vary", "X-API-Key, Authorization")
			})),
		strict("cache-emptied-by-deletes",
			"Caches for each caller what it got, forgets all of it with every change, and locks.",
			func(b *behaviour) {
				cached := map[string]*response{}
				getTrack := b.getTrack
				b.getTrack = func(c *call) *response {
					if resp := cached[byCallerAndTarget(c)]; resp != nil && b.isMember(c) {
						return resp.sentTo(c)
					}
					resp := getTrack(c)
					if resp.status == http.StatusOK {
						cached[byCallerAndTarget(c)] = resp.clone()
					}
					return resp
				}
				forget := func(*call, *track) { clear(cached) }
				after(&b.remove, forget)
				after(&b.unsave, forget)
			}),
	}
}
