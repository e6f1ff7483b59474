package conformance

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// How many cases run at once where nobody said so. A target that keeps a processor busy is limited by that, and a target that
// serves one connection at a time by itself: neither gains from more, and each answer would only take longer.
const (
	parallelSwift = 8
	parallelQuick = 4
	parallelSlow  = 16
)

const (
	paceKnocks = 5
	// swiftBelow is the time of an answer of a target that has next to nothing to do.
	swiftBelow = time.Millisecond
	// slowFrom is the time of an answer from which on waiting is most of a run.
	slowFrom = 5 * time.Millisecond
	// besidePatience is how long an answer beside an idle connection may take at least.
	besidePatience = 300 * time.Millisecond
)

// pace finds out how many cases are best run at once: many where answers take their time and others are served meanwhile.
func pace(ctx context.Context, e *endpoint, path string, timeout time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := Request{Method: http.MethodGet, Path: path}
	var times []time.Duration
	for range paceKnocks {
		begin := time.Now()
		if knock(ctx, e, r) != nil {
			return parallelQuick
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	single := times[len(times)/2]
	if single < slowFrom {
		return paceFor(single, 0)
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
	// What waits for time to pass answers many in the time of one; what computes does not.
	begin := time.Now()
	var together sync.WaitGroup
	for range parallelSlow {
		together.Go(func() { knock(ctx, e, r) })
	}
	together.Wait()
	return paceFor(single, time.Since(begin))
}

// paceFor decides by how long one answer takes, and how long parallelSlow answers at once, which counts where one is slow.
func paceFor(single, together time.Duration) int {
	if single < swiftBelow {
		return parallelSwift
	}
	if single < slowFrom || together > parallelSlow/4*single {
		return parallelQuick
	}
	return parallelSlow
}
