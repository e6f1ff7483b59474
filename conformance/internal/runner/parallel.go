package runner

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// How many cases run at once if nobody said so. It is worth choosing: the whole suite takes 67
// seconds with 4 at once and 27 with 16 if every response takes 20 ms, while a target that
// computes, or serves one connection at a time, gains nothing from more than a few. Neither does one
// that is slow because others take its processors: its responses come late too, and more of them at
// once only come later.
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
	// spin is how long it is tried what the machine gives us of its processors, and enough the share
	// of them from which on they are free.
	spin   = 15 * time.Millisecond
	enough = 0.7
	// besidePatience is the least time that a response beside an idle connection is given.
	besidePatience = 300 * time.Millisecond
)

// chooseParallel finds out how many cases are best run at once: many if responses take long, the
// target serves others meanwhile, and it is not for want of processors.
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
	// One that waits does so each time. One that is starved gets a processor at once now and then, and
	// the least of a few times may be luck.
	single := times[1]
	if single < slowFrom || processors() < enough {
		return parallelFor(single, 0, true)
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
	return parallelFor(single, time.Since(begin), false)
}

// parallelFor decides by the time of a single response and, if that is slow without want of
// processors, by the time of parallelSlow responses together.
func parallelFor(single, together time.Duration, starved bool) int {
	switch {
	case single < fastBelow:
		return parallelFast
	case single < slowFrom, starved, together > 2*single+slowFrom:
		return parallelDefault
	default:
		return parallelSlow
	}
}

// processors is the share of the machine's processors that it gives us when we want all of them: 1
// where nothing else wants one, or where that cannot be measured.
func processors() float64 {
	before, known := processorTime()
	if !known {
		return 1
	}
	begin := time.Now()
	n := runtime.GOMAXPROCS(0)
	var spinning sync.WaitGroup
	for range n {
		spinning.Go(func() {
			for time.Since(begin) < spin {
			}
		})
	}
	spinning.Wait()
	after, _ := processorTime()
	return float64(after-before) / (float64(time.Since(begin)) * float64(n))
}
