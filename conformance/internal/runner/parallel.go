package runner

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// How many cases run at once where nobody said so. A target that keeps a processor busy is limited by that, and a target that
// serves one connection at a time by itself: neither gains from more, and each response would only take longer.
const (
	parallelFast    = 8
	parallelDefault = 4
	parallelSlow    = 16
)

const (
	probes = 5
	// fastBelow is the response time below which a target has hardly anything to compute.
	fastBelow = time.Millisecond
	// slowFrom is the time of a response from which on waiting is most of a run.
	slowFrom = 5 * time.Millisecond
	// besidePatience is how long a response beside an idle connection may take at least.
	besidePatience = 300 * time.Millisecond
)

// chooseParallel finds out how many cases are best run at once: many where answers take their time and others are served meanwhile.
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
	// What waits for time to pass answers many in the time of one; what computes does not.
	begin := time.Now()
	var together sync.WaitGroup
	for range parallelSlow {
		together.Go(func() { probe(ctx, e, r) })
	}
	together.Wait()
	return parallelFor(single, time.Since(begin))
}

// parallelFor decides by how long one response takes, and how long parallelSlow answers at once, which counts where one is slow.
func parallelFor(single, together time.Duration) int {
	if single < fastBelow {
		return parallelFast
	}
	if single < slowFrom || together > parallelSlow/4*single {
		return parallelDefault
	}
	return parallelSlow
}
