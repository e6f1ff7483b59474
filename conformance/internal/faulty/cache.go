package faulty

import (
	"slices"
	"time"
)

// The changes that faults of an architecture are made of: what stands between a request and the
// store, and gives one caller what was made for another, or what was true before.

type decision = func(c *call) *response

// coalesce answers requests that ask for the same at the same time by one decision. Whoever comes
// while it is being made waits for it. It takes a few milliseconds, as a store would.
func coalesce(decide *decision, key func(c *call) string) {
	type flight struct {
		landed chan struct{}
		resp   *response
	}
	running := map[string]*flight{}
	first := *decide
	*decide = func(c *call) *response {
		what := key(c)
		if f := running[what]; f != nil {
			c.unlocked(func() { <-f.landed })
			return f.resp.sentTo(c)
		}
		f := &flight{landed: make(chan struct{})}
		running[what] = f
		defer close(f.landed)
		c.unlocked(func() { time.Sleep(4 * ms) })
		delete(running, what)
		f.resp = first(c).clone()
		return f.resp.sentTo(c)
	}
}

// remember repeats a decision for a while to whoever asks for the same. Only responses with one
// of those statuses are remembered, and nothing under an empty key.
func remember(decide *decision, ttl time.Duration, key func(c *call) string, statuses ...int) {
	type entry struct {
		resp  *response
		until time.Time
	}
	entries := map[string]entry{}
	first := *decide
	*decide = func(c *call) *response {
		what := key(c)
		if e, found := entries[what]; found && time.Now().Before(e.until) {
			return e.resp.sentTo(c)
		}
		resp := first(c)
		if what != "" && slices.Contains(statuses, resp.status) {
			entries[what] = entry{resp.clone(), time.Now().Add(ttl)}
		}
		return resp
	}
}

// Keys to coalesce and remember by.

func byTarget(c *call) string { return c.request.URL.RequestURI() }

func byCallerAndTarget(c *call) string { return c.user.id + " " + c.request.URL.RequestURI() }

// later does something to the state after a while, whatever happens until then.
func (c *call) later(delay time.Duration, f func()) {
	time.AfterFunc(delay, func() { c.locked(f) })
}
