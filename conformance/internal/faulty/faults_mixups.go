package faulty

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// mixupFaults let requests get into one another's way.
func mixupFaults() []Fault {
	list := faultsOf(Concurrency)
	add := list.add

	add("track-of-other-request",
		"Requests within 2ms of one another share the variable that holds the track's id in responses.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var shared atomic.Value
			b.delays = append(b.delays, func(c *call, resp *response) {
				if c.track == "" {
					return
				}
				shared.Store(c.track)
				time.Sleep(2 * ms)
				track := shared.Load()
				switch {
				case resp.status == http.StatusOK && c.operation != opGet && resp.body.get("id") != nil:
					resp.body.set("id", track)
				case resp.err().get("details") != nil && resp.status != http.StatusUnauthorized:
					resp.err().set("details", newObject("track_id", track))
				}
			})
		})
	add("caller-of-other-request",
		"Requests within 2ms of one another share the variable that holds the caller.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var current *user // as in a handler's field, which all requests share
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal != nil {
					return refusal
				}
				current = c.user
				c.unlocked(func() { time.Sleep(2 * ms) })
				c.user = current
				return nil
			}
		})
	add("trace-id-of-other-request",
		"Errors within 2ms of one another share their trace_id.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var mu sync.Mutex
			var shared string
			b.delays = append(b.delays, func(c *call, resp *response) {
				if resp.status < 400 {
					return
				}
				mu.Lock()
				shared = c.traceID
				mu.Unlock()
				time.Sleep(2 * ms)
				mu.Lock()
				defer mu.Unlock()
				c.traceID = shared
				resp.err().set("trace_id", shared)
			})
		})
	add("overload-500",
		"While more than eight requests are under way, further ones are 500 in plain text.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var running atomic.Int32
			b.middleware = append(b.middleware, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer running.Add(-1)
					if running.Add(1) > 8 {
						http.Error(w, "too many connections", http.StatusInternalServerError)
						return
					}
					time.Sleep(2 * ms)
					next.ServeHTTP(w, r)
				})
			})
		})
	add("fails-now-and-then",
		"One request of fifty is 500.",
		detectedBy("delete-track/answered-every-time"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(_ *call, resp *response) {
				if rand.IntN(50) == 0 {
					resp.status = http.StatusInternalServerError
				}
			})
		})
	return list.faults
}
