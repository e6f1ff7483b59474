package faulty

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// overrideFaults let headers, bodies and queries decide what the method and the path decide.
func overrideFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// override lets a header of some methods count as the method.
	override := func(header string, sent ...string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.method
			b.method = func(c *call) string {
				if slices.Contains(sent, c.request.Method) {
					return cmp.Or(strings.ToUpper(c.request.Header.Get(header)), usual(c))
				}
				return usual(c)
			}
		}
	}
	add("override-on-get",
		"X-HTTP-Method-Override replaces the method of a GET.",
		detectedBy("get-track/method-is-what-is-sent"),
		override("X-HTTP-Method-Override", http.MethodGet))
	add("override-on-delete",
		"X-HTTP-Method-Override replaces the method of a DELETE, which then deletes nothing.",
		detectedBy("delete-track/method-is-what-is-sent"),
		override("X-HTTP-Method-Override", http.MethodDelete))
	add("override-on-put",
		"X-HTTP-Method-Override replaces the method of a PUT.",
		detectedBy("delete-track/method-is-what-is-sent"),
		override("X-HTTP-Method-Override", http.MethodPut))
	add("override-on-patch",
		"X-HTTP-Method replaces the method of a PATCH.",
		detectedBy("delete-track/method-is-what-is-sent"),
		override("X-HTTP-Method", http.MethodPatch))
	add("override-on-head",
		"X-Method-Override replaces the method of a HEAD.",
		detectedBy("delete-track/method-is-what-is-sent"),
		override("X-Method-Override", http.MethodHead))
	add("override-on-options",
		"X-HTTP-Method-Override replaces the method of an OPTIONS.",
		detectedBy("delete-track/method-is-what-is-sent"),
		override("X-HTTP-Method-Override", http.MethodOptions))
	add("override-in-query-of-get",
		"_method in the query of a GET replaces the method.",
		detectedBy("get-track/method-is-what-is-sent", "list-tracks/method-is-what-is-sent"),
		func(b *behaviour) {
			usual := b.method
			b.method = func(c *call) string {
				if c.request.Method != http.MethodGet {
					return usual(c)
				}
				return cmp.Or(strings.ToUpper(c.request.URL.Query().Get("_method")), usual(c))
			}
		})

	// fromBody lets a member of a JSON body count as the track in some operations.
	fromBody := func(name string, operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			readBody := b.readBody
			b.readBody = func(c *call) {
				readBody(c)
				var body map[string]any
				if c.track == "" || !appliesTo(c.operation, operations) || json.Unmarshal(c.body, &body) != nil {
					return
				}
				if id, ok := body[name].(string); ok && id != "" {
					c.track = id
				}
			}
		}
	}
	add("body-track-id-of-unsave",
		"A track_id in the body of an unsave wins over the path.",
		detectedBy("unsave-track/body-is-ignored"),
		fromBody("track_id", opUnsave))
	add("body-track-id-of-get",
		"A track_id in the body of a get wins over the path.",
		detectedBy("get-track/body-decides-nothing"),
		fromBody("track_id", opGet))
	add("body-id-of-delete",
		"An id in the body of a delete wins over the path.",
		detectedBy("delete-track/body-is-ignored"),
		fromBody("id", opDelete))
	add("body-camel-case-of-delete",
		"A trackId in the body of a delete wins over the path.",
		detectedBy("delete-track/body-is-ignored"),
		fromBody("trackId", opDelete))
	add("body-form-of-delete",
		"A track_id in a form in the body of a delete wins over the path.",
		detectedBy("delete-track/body-is-ignored"),
		func(b *behaviour) {
			readBody := b.readBody
			b.readBody = func(c *call) {
				readBody(c)
				isForm := strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
				if form, err := url.ParseQuery(string(c.body)); err == nil && isForm && c.track != "" {
					c.track = cmp.Or(form.Get("track_id"), c.track)
				}
			}
		})
	add("body-ids-of-delete",
		"All tracks that a body lists as ids are deleted too, if they are the caller's.",
		detectedBy("delete-track/body-is-ignored"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				var body struct {
					IDs []string `json:"ids"`
				}
				json.Unmarshal(c.body, &body)
				for _, id := range body.IDs {
					if other := c.server.state.tracks[id]; other != nil && other.creator == c.user {
						other.deletedAt, other.deletedBy = t.deletedAt, c.user
					}
				}
			})
		})
	add("body-user-id-of-delete",
		"A user_id in the body of a delete says who asks.",
		detectedBy("delete-track/path-decides-what-is-refused"),
		func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				var body struct {
					ID string `json:"user_id"`
				}
				if refusal == nil && c.operation == opDelete && json.Unmarshal(c.body, &body) == nil {
					for _, u := range c.server.state.keys {
						if u.id == body.ID {
							c.user = u
						}
					}
				}
				return refusal
			}
		})

	// refuseWhen refuses every request of which when says so, and does nothing.
	refuseWhen := func(status int, when func(r *http.Request) bool) func(*behaviour) {
		return func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal == nil && when(c.request) {
					resp := b.refuse(c, forbidden)
					setStatus(status)(c, resp)
					return resp
				}
				return refusal
			}
		}
	}
	add("origin-refused",
		"A request with an Origin of another site is 403.",
		detectedBy("get-track/clients-are-alike", "list-tracks/clients-are-alike"),
		refuseWhen(403, func(r *http.Request) bool { return r.Header.Get("Origin") != "" }))
	add("user-agent-needed",
		"A request without a User-Agent is 403.",
		detectedBy("get-track/clients-are-alike", "list-tracks/clients-are-alike"),
		refuseWhen(403, func(r *http.Request) bool { return r.Header.Get("User-Agent") == "" }))
	add("user-agent-of-tools-refused",
		"A request whose User-Agent is that of a command line tool or a crawler is 403.",
		detectedBy("get-track/clients-are-alike", "list-tracks/clients-are-alike"),
		refuseWhen(403, func(r *http.Request) bool {
			agent := strings.ToLower(r.Header.Get("User-Agent"))
			return strings.Contains(agent, "curl") || strings.Contains(agent, "bot") || strings.Contains(agent, "python")
		}))
	add("accept-unknown-406",
		"A request that does not accept application/json or anything is 406.",
		warnedBy("get-track/any-accept-gets-json"),
		refuseWhen(406, func(r *http.Request) bool {
			accept := r.Header.Get("Accept")
			return accept != "" && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*")
		}))
	add("accept-problem-json",
		"Who accepts problem documents gets them instead of the envelope.",
		detectedBy("get-track/clients-are-alike", "list-tracks/clients-are-alike"),
		onResponse("", 0, func(c *call, resp *response) {
			if resp.status >= 400 && strings.Contains(c.request.Header.Get("Accept"), "problem+json") {
				resp.body = newObject("type", "about:blank", "title", http.StatusText(resp.status), "status", resp.status)
				resp.header.Set("Content-Type", "application/problem+json")
			}
		}))
	add("accept-echoed-as-content-type",
		"The content type of every response is the one that the caller accepts.",
		detectedBy("get-track/clients-are-alike", "list-tracks/clients-are-alike"),
		onResponse("", 0, func(c *call, resp *response) {
			accept, _, _ := strings.Cut(c.request.Header.Get("Accept"), ",")
			if accept != "" && !strings.Contains(accept, "*") {
				resp.header.Set("Content-Type", accept)
			}
		}))
	add("prefer-return-minimal",
		"A delete with Prefer: return=minimal gets 204.",
		detectedBy("delete-track/clients-are-alike"),
		onResponse(opDelete, http.StatusOK, func(c *call, resp *response) {
			if strings.Contains(c.request.Header.Get("Prefer"), "return=minimal") {
				resp.status, resp.body = http.StatusNoContent, nil
				resp.header.Del("Content-Type")
			}
		}))
	return list.faults
}
