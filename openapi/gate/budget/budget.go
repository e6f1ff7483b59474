// Package budget bounds the time and the memory of work that cannot be stopped: the
// OpenAPI libraries look at no context, and say of no document how much it will take.
package budget

import (
	"context"
	"fmt"
	"math"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

const (
	// DefaultMemory is how many bytes may be in use, some five times what the largest
	// accepted document needs.
	DefaultMemory = 2 << 30
	// timeAtLeast is how long anything may take, and timeForMiB how much longer each MiB
	// of documents: twenty times what a slow machine needs.
	timeAtLeast = 10 * time.Second
	timeForMiB  = 10 * time.Second
)

// Limit bounds work. Its zero value is the default.
type Limit struct {
	// Time is how much processor time the work may take, or on systems that do not tell it how
	// long; zero means ten seconds, and ten more for each MiB of the documents.
	Time time.Duration
	// Memory is how many bytes the process may have in use; zero means DefaultMemory.
	Memory int64
}

// Of returns the limit for documents of that many bytes together, without zeros.
func (l Limit) Of(size int) Limit {
	if l.Time <= 0 {
		l.Time = (timeAtLeast + timeForMiB*time.Duration(size)/(1<<20)).Round(time.Second)
	}
	if l.Memory <= 0 {
		l.Memory = DefaultMemory
	}
	return l
}

// ExceededError says which limit work went beyond.
type ExceededError struct {
	Limit Limit
	// Memory reports whether it was that of memory, and not that of time.
	Memory bool
}

func (e *ExceededError) Error() string {
	if e.Memory {
		return fmt.Sprintf("it takes more than %d MiB of memory", e.Limit.Memory>>20)
	}
	return fmt.Sprintf("it takes longer than %s", e.Limit.Time)
}

const (
	// every is how often time and memory are looked at.
	every = 20 * time.Millisecond
	// patience is how many times its limit work may last that gets no processor.
	patience = 20
)

var (
	// started is when the program was.
	started = time.Now()
	// running counts what is being done, also by those who have been given up.
	running atomic.Int64
)

// Run carries out work, which may go on after Run has returned an error: what it writes
// then must be read by nobody. The error is an *ExceededError, or that of the context. A
// panic of the work is one of the program.
func (l Limit) Run(ctx context.Context, work func()) error {
	if inUse() > l.Memory { // by what was given up before
		return &ExceededError{Limit: l, Memory: true}
	}
	done := make(chan struct{})
	running.Add(1)
	go func() {
		defer close(done)
		defer running.Add(-1)
		work()
	}()
	late := time.NewTimer(l.Time * min(patience, math.MaxInt64/max(l.Time, 1)))
	defer late.Stop()
	look := time.NewTicker(min(every, max(l.Time, time.Millisecond)))
	defer look.Stop()
	var own time.Duration
	before := used()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return &ExceededError{Limit: l}
		case <-look.C:
			// What others do meanwhile is not the fault of this work.
			now := used()
			own += (now - before) / time.Duration(max(running.Load(), 1))
			before = now
			switch {
			case own > l.Time:
				return &ExceededError{Limit: l}
			case inUse() > l.Memory:
				return &ExceededError{Limit: l, Memory: true}
			}
		}
	}
}

// inUse returns how many bytes the last collection of garbage found in use.
func inUse() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
