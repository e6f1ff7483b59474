// Package budget bounds the time and the memory of work that cannot be stopped: the
// OpenAPI libraries look at no context, and say of no document how much it will take.
package budget

import (
	"context"
	"fmt"
	"runtime/metrics"
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
	// Time is how long the work may take; zero means ten seconds, and ten more for each
	// MiB of the documents.
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

// every is how often memory is looked at.
const every = 20 * time.Millisecond

// Run carries out work, which may go on after Run has returned an error: what it writes
// then must be read by nobody. The error is an *ExceededError, or that of the context. A
// panic of the work is one of the program.
func (l Limit) Run(ctx context.Context, work func()) error {
	if inUse() > l.Memory { // by what was given up before
		return &ExceededError{Limit: l, Memory: true}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	late := time.NewTimer(l.Time)
	defer late.Stop()
	look := time.NewTicker(every)
	defer look.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return &ExceededError{Limit: l}
		case <-look.C:
			if inUse() > l.Memory {
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
