package faulty

import (
	"net/http"
	"net/url"
	"time"
)

// conditionVariants do what is free with conditions, bodies and filters, and are right in all
// that is not.
func conditionVariants() []Variant {
	// withoutBody turns a success into a response without one.
	withoutBody := func(resp *response, status int) {
		resp.status, resp.body = status, nil
		resp.header.Del("Content-Type")
	}
	refuseWith := func(status int, when func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal == nil && when(c) {
					return b.refuse(c, problem{
						status, "BAD_REQUEST", "client_error",
						"The request is not valid.", "Nothing of this kind is accepted here",
					})
				}
				return refusal
			}
		}
	}
	return []Variant{
		strict("lists-last-modified",
			"Sends Last-Modified with lists, of any change in the organization, and 304 for who has them since.",
			func(b *behaviour) {
				changed := map[string]time.Time{}
				note := func(c *call, _ *track) { changed[c.organization] = time.Now() }
				after(&b.remove, note)
				after(&b.unsave, note)
				began := time.Now()
				onResponse(opList, http.StatusOK, func(c *call, resp *response) {
					at := changed[c.organization]
					if at.IsZero() {
						at = began
					}
					at = at.Truncate(time.Second)
					resp.header.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
					since, err := http.ParseTime(c.request.Header.Get("If-Modified-Since"))
					if c.request.Method == http.MethodGet && err == nil && !at.After(since) {
						withoutBody(resp, http.StatusNotModified)
					}
				})(b)
			}),
		strict("conditions-of-those-with-access",
			"Answers 304 to If-None-Match: * on what the caller may read.",
			onResponse("", http.StatusOK, func(c *call, resp *response) {
				reads := c.operation == opGet || c.operation == opList
				if reads && c.request.Header.Get("If-None-Match") == "*" {
					withoutBody(resp, http.StatusNotModified)
				}
			})),
		strict("no-bodies-with-reads",
			"Refuses a GET that has a body, with 400 and after the key.",
			refuseWith(http.StatusBadRequest, func(c *call) bool {
				return c.request.Method == http.MethodGet && len(c.body) > 0
			})),
		strict("no-unknown-queries",
			"Refuses a list with a parameter that is not documented, with 400 and after the key.",
			refuseWith(http.StatusBadRequest, func(c *call) bool {
				for name := range c.request.URL.Query() {
					switch name {
					case "mode", "engine", "collection_id", "limit", "offset":
					default:
						return c.operation == opList
					}
				}
				return false
			})),
		strict("filters-of-nothing-422",
			"Refuses an empty engine and collections, of which there are none.",
			func(b *behaviour) {
				window := b.window
				b.window = func(query url.Values) (int, int, bool) {
					limit, offset, ok := window(query)
					empty := query.Has("engine") && query.Get("engine") == ""
					return limit, offset, ok && !empty && query.Get("collection_id") == ""
				}
			}),
	}
}
