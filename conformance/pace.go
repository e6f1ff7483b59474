package conformance

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// How many cases run at once where nobody said so. A quick target is limited by the processor, and a target that serves one
// connection at a time by itself: neither gains from more.
const (
	parallelQuick = 4
	parallelSlow  = 16
)

const (
	paceKnocks = 5
	// slowFrom is the time of an answer from which on waiting is most of a run.
	slowFrom = 5 * time.Millisecond
	// besidePatience is how long an answer beside an idle connection may take at least.
	besidePatience = 300 * time.Millisecond
)

// pace finds out how many cases are best run at once: many where answers take their time and others are served meanwhile.
func pace(ctx context.Context, e *endpoint, timeout time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := Request{Method: http.MethodGet, Path: TracksPath("org_preflight")}
	var times []time.Duration
	for range paceKnocks {
		begin := time.Now()
		if knock(ctx, e, r) != nil {
			return parallelQuick
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	if times[len(times)/2] < slowFrom {
		return parallelQuick
	}
	idle, err := e.dial(ctx)
	if err != nil {
		return parallelQuick
	}
	defer idle.Close()
	beside, cancelBeside := context.WithTimeout(ctx, max(besidePatience, 4*times[len(times)-1]))
	defer cancelBeside()
	if knock(beside, e, r) != nil {
		return parallelQuick
	}
	return parallelSlow
}
