package faulty

import (
	"net/http"
	"strings"
)

// singleOperationFaults accept in one operation what the others refuse: a key or an id that is
// nearly right. A suite that tries such things in one operation out of four, by chance, sees them
// by chance.
func singleOperationFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// keyIn changes the key that is sent, in one operation.
	keyIn := func(op operation, change func(r *http.Request, key string) string) func(*behaviour) {
		return func(b *behaviour) {
			authenticate, credential := b.authenticate, b.credential
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal == nil || c.operation != op {
					return refusal
				}
				changed := change(c.request, credential(c.request))
				if u := b.userOfKey(c.server.state, changed); u != nil {
					c.user, c.key, c.cause = u, changed, ""
					return nil
				}
				return refusal
			}
		}
	}
	afterBearer := func(_ *http.Request, key string) string { return strings.TrimPrefix(key, "Bearer ") }
	for _, one := range []struct {
		operation  operation
		name, area string
	}{
		{opDelete, "delete", "delete-track"},
		{opGet, "get", "get-track"},
		{opList, "list", "list-tracks"},
		{opUnsave, "unsave", "unsave-track"},
	} {
		add("only-"+one.name+"-bearer-in-api-key",
			"The word Bearer in X-API-Key is dropped, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/changed-key-gets-401"),
			keyIn(one.operation, afterBearer))
		add("only-"+one.name+"-key-in-query",
			"A key in the query is let in, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/key-elsewhere-gets-401"),
			keyIn(one.operation, func(r *http.Request, _ string) string { return r.URL.Query().Get("api_key") }))
		add("only-"+one.name+"-key-with-tail",
			"What follows a space behind a key is dropped, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/changed-key-gets-401"),
			keyIn(one.operation, func(_ *http.Request, key string) string {
				before, _, _ := strings.Cut(key, " ")
				return before
			}))
	}

	// trackIn changes the id of a track that is not found, in one operation.
	trackIn := func(op operation, change func(id string) string) func(*behaviour) {
		return func(b *behaviour) {
			findTrack := b.findTrack
			b.findTrack = func(c *call) *track {
				t := findTrack(c)
				if t == nil && c.operation == op {
					t = c.server.state.tracks[change(c.track)]
				}
				return t
			}
		}
	}
	for _, one := range []struct {
		operation  operation
		name, area string
	}{
		{opGet, "get", "get-track"},
		{opUnsave, "unsave", "unsave-track"},
	} {
		add("only-"+one.name+"-id-lower-cased",
			"A track's id is put into lower case, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/malformed-id-gets-404"),
			trackIn(one.operation, strings.ToLower))
		add("only-"+one.name+"-id-trimmed",
			"Blanks around a track's id are dropped, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/malformed-id-gets-404"),
			trackIn(one.operation, strings.TrimSpace))
		add("only-"+one.name+"-id-comma-list",
			"The first of several ids with commas counts, in "+string(one.operation)+" only.",
			detectedBy(one.area+"/malformed-id-gets-404"),
			trackIn(one.operation, func(id string) string { id, _, _ = strings.Cut(id, ","); return id }))
	}
	add("only-list-organization-lower-cased",
		"An organization's id is put into lower case, for lists only.",
		detectedBy("list-tracks/malformed-organization-gets-404"),
		func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				if c.operation == opList && !isMember(c) {
					c.organization = strings.ToLower(c.organization)
				}
				return isMember(c)
			}
		})
	return list.faults
}
