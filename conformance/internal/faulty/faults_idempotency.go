package faulty

import "net/http"

// idempotencyFaults replay the response to a request whose Idempotency-Key was used before, to
// requests that are not the same, or for what is no longer true.
func idempotencyFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// replay stores responses under a scope and the key that is sent.
	replay := func(scope func(c *call) string, statuses []int, decides ...func(b *behaviour) *decision) func(*behaviour) {
		return func(b *behaviour) {
			stored := map[string]*response{}
			for _, of := range decides {
				decide := of(b)
				usual := *decide
				*decide = func(c *call) *response {
					key := c.request.Header.Get("Idempotency-Key")
					if key == "" {
						return usual(c)
					}
					what := scope(c) + " " + key
					if resp := stored[what]; resp != nil {
						return resp.sentTo(c)
					}
					resp := usual(c)
					for _, status := range statuses {
						if resp.status == status {
							stored[what] = resp.clone()
						}
					}
					return resp
				}
			}
		}
	}
	deletes := func(b *behaviour) *decision { return &b.deleteTrack }
	unsaves := func(b *behaviour) *decision { return &b.unsaveTrack }
	gets := func(b *behaviour) *decision { return &b.getTrack }
	global := func(*call) string { return "" }
	byCaller := func(c *call) string { return c.user.id }
	byTrack := func(c *call) string { return c.organization + " " + c.track }
	byMember := func(c *call) string { return c.organization }
	ok := []int{http.StatusOK}

	add("idempotency-global",
		"A delete with an Idempotency-Key that anybody used gets that one's 200, and is not done.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(global, ok, deletes))
	add("idempotency-by-organization",
		"A delete with an Idempotency-Key that somebody of the organization used gets that one's 200.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(byMember, ok, deletes))
	add("idempotency-by-track",
		"A delete with the Idempotency-Key of another caller's delete of the track gets its 200.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(byTrack, ok, deletes))
	add("idempotency-by-caller",
		"A delete of another track with an Idempotency-Key used before is acknowledged and not done.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(byCaller, ok, deletes))
	add("idempotency-repeat-200",
		"A second delete with the same Idempotency-Key is 200 again.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(byCallerAndTarget, ok, deletes))
	add("idempotency-keeps-refusals",
		"A creator's delete with the Idempotency-Key of a saver's refused one gets that one's 403.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		replay(byTrack, []int{http.StatusForbidden, http.StatusNotFound}, deletes))
	add("idempotency-across-operations",
		"A delete with the Idempotency-Key of the caller's unsave is acknowledged and not done.",
		detectedBy(
			"unsave-track/idempotency-key-decides-nothing",
			"delete-track/idempotency-key-decides-nothing",
		),
		replay(func(c *call) string { return c.user.id + " " + c.track }, ok, deletes, unsaves))
	add("idempotency-unsave-global",
		"An unsave with an Idempotency-Key that anybody used gets that one's 200, and is not done.",
		detectedBy("unsave-track/idempotency-key-decides-nothing"),
		replay(global, ok, unsaves))
	add("idempotency-unsave-repeat-200",
		"A saver's second unsave with the same Idempotency-Key is 200 again.",
		detectedBy("unsave-track/idempotency-key-decides-nothing"),
		replay(byCallerAndTarget, ok, unsaves))
	add("idempotency-get",
		"A get with an Idempotency-Key used before shows a deleted track again.",
		detectedBy("get-track/idempotency-key-decides-nothing"),
		replay(byCallerAndTarget, ok, gets))
	add("idempotency-before-key",
		"An Idempotency-Key that was used is answered before the API key is looked at.",
		detectedBy("delete-track/idempotency-key-decides-nothing"),
		func(b *behaviour) {
			stored := map[string]*response{}
			authenticate, deleteTrack := b.authenticate, b.deleteTrack
			b.authenticate = func(c *call) *response {
				key := c.request.Header.Get("Idempotency-Key")
				if resp := stored[key]; resp != nil && c.operation == opDelete {
					return resp.sentTo(c)
				}
				return authenticate(c)
			}
			b.deleteTrack = func(c *call) *response {
				resp := deleteTrack(c)
				if key := c.request.Header.Get("Idempotency-Key"); key != "" {
					stored[key] = resp.clone()
				}
				return resp
			}
		})
	return list.faults
}
