package runner

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// How many cases run at once if nobody said so. It is worth choosing: the whole suite takes 67
// seconds with 4 at once and 27 with 16 if every response takes 20 ms, while a target that
// computes, or serves one connection at a time, gains nothing from more than a few.
const (
	parallelFast    = 8
	parallelDefault = 4
	parallelSlow    = 16
)

const (
	// probes is how many responses are timed.
	probes = 5
	// fastBelow is the response time below which a target has hardly anything to compute.
	fastBelow = time.Millisecond
	// slowFrom is the response time from which on most of a run is waiting.
	slowFrom = 5 * time.Millisecond
	// besidePatience is the least time that a response beside an idle connection is given.
	besidePatience = 300 * time.Millisecond
)

// chooseParallel finds out how many cases are best run at once: many if responses take long and the
// target serves others meanwhile.
func chooseParallel(ctx context.Context, e *wire.Endpoint, path string, timeout time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := wire.Request{Method: http.MethodGet, Path: path}
	var times []time.Duration
	for range probes {
		begin := time.Now()
		if probe(ctx, e, r) != nil {
			return parallelDefault
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	single := times[len(times)/2]
	if single < slowFrom {
		return parallelFor(single, 0)
	}
	idle, err := e.Dial(ctx)
	if err != nil {
		return parallelDefault
	}
	defer idle.Close()
	beside, cancelBeside := context.WithTimeout(ctx, max(besidePatience, 4*times[len(times)-1]))
	defer cancelBeside()
	if probe(beside, e, r) != nil {
		return parallelDefault
	}
	// A target that waits sends many responses in the time of one; a target that computes does not.
	begin := time.Now()
	var together sync.WaitGroup
	for range parallelSlow {
		together.Go(func() { probe(ctx, e, r) })
	}
	together.Wait()
	return parallelFor(single, time.Since(begin))
}

// parallelFor decides by the time of a single response and, if that is slow, by the time of
// parallelSlow responses together.
func parallelFor(single, together time.Duration) int {
	if single < fastBelow {
		return parallelFast
	}
	if single < slowFrom || together > parallelSlow/4*single {
		return parallelDefault
	}
	return parallelSlow
}
