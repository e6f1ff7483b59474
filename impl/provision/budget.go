package provision

import (
	"context"
	"slices"
	"sync"
)

// budget is a number of bytes that requests share: a request takes as many as
// its body has before it is read, and waits for them in the order of arrival.
// It may be used concurrently.
type budget struct {
	mu      sync.Mutex
	free    int64
	waiting []*claim
}

// claim is what somebody waits for.
type claim struct {
	bytes   int64
	granted chan struct{} // closed once the bytes are taken
}

// take waits until that many bytes are free, and takes them. Where the context
// ends first it takes none and returns the context's error. There must be as
// many in all.
func (b *budget) take(ctx context.Context, bytes int64) error {
	b.mu.Lock()
	c := &claim{bytes, make(chan struct{})}
	b.waiting = append(b.waiting, c)
	b.grant()
	b.mu.Unlock()
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-c.granted: // in the meantime
		return nil
	default:
	}
	b.waiting = slices.DeleteFunc(b.waiting, func(w *claim) bool { return w == c })
	b.grant()
	return ctx.Err()
}

// give puts back what was taken.
func (b *budget) give(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free += bytes
	b.grant()
}

// grant gives those that wait what is free. The lock is held.
func (b *budget) grant() {
	for len(b.waiting) > 0 && b.waiting[0].bytes <= b.free {
		b.free -= b.waiting[0].bytes
		close(b.waiting[0].granted)
		b.waiting = b.waiting[1:]
	}
}
