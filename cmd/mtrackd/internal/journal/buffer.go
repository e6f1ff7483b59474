// Package journal writes the log of a server: the lines of requests many at a
// time, so that they do not cost a system call each, and in the form that package
// slog gives them. A log that nobody reads keeps no request waiting.
package journal

import (
	"errors"
	"io"
	"sync"
	"time"
)

// Bounds of a [Buffer].
const (
	// delay is how long a line waits for others at most.
	delay = 100 * time.Millisecond
	// fill is how much waits for others at most.
	fill = 16 << 10
	// most is how much is kept while it cannot be written.
	most = 1 << 20
	// patience is how long is waited for a line that is to be out at once.
	patience = 100 * time.Millisecond
)

// ErrBlocked says that a log takes nothing, but refuses nothing either, as a pipe
// that nobody reads: what waits was not written in time.
var ErrBlocked = errors.New("the log takes no more lines: nobody reads it")

// Buffer collects lines and writes them together. It may be used concurrently.
type Buffer struct {
	w        io.Writer
	missing  func(lines int) []byte // returns the line that tells of lines that are missing; may be nil
	patience time.Duration

	mu      sync.Mutex // of what follows; is not held while writing
	lines   []byte
	spare   []byte       // the space of what was written last
	leaving int          // bytes that are being written, and come back if w refuses them
	waiting []chan error // of those who wait until lines are written
	working bool         // there is a goroutine that writes
	due     bool         // it has to write what waits
	timer   *time.Timer  // makes what waits due
	armed   bool
	direct  bool
	stuck   bool // w has refused what is at the beginning of lines
	blocked bool // somebody has waited in vain for what is being written
	lost    int  // lines that there was no room for
}

// NewBuffer returns a buffer that writes to w, by one goroutine at a time, which
// lives while there is something to be written. What w refuses is kept and offered
// again with what follows, and what comes while w blocks is kept too, up to a
// megabyte together.
func NewBuffer(w io.Writer) *Buffer {
	b := &Buffer{w: w, patience: patience}
	b.timer = time.AfterFunc(time.Hour, func() {
		b.mu.Lock()
		b.armed = false
		b.wake()
		b.mu.Unlock()
	})
	b.timer.Stop()
	return b
}

// Write adds whole lines. They are written within 100 milliseconds, which it does
// not wait for; after [Buffer.Direct] it does as [Buffer.Flush] does.
func (b *Buffer) Write(lines []byte) (int, error) {
	b.mu.Lock()
	if b.leaving+len(b.lines)+len(lines) > most {
		b.lost++
	} else {
		b.lines = append(b.lines, lines...)
	}
	if b.direct && !b.stuck {
		return len(lines), b.await(b.patience)
	}
	if !b.stuck && len(b.lines) >= fill {
		b.wake()
	} else if !b.due && !b.armed {
		b.armed = true
		b.timer.Reset(delay)
	}
	b.mu.Unlock()
	return len(lines), nil
}

// Flush writes what waits at once, and waits until it is written, but for 100
// milliseconds at most: then it returns [ErrBlocked], and so it does without waiting
// until the log goes on. Other errors are those of the writer.
func (b *Buffer) Flush() error {
	b.mu.Lock()
	return b.await(b.patience)
}

// End is [Buffer.Flush] for the end of a process, with a limit of its own.
func (b *Buffer) End(limit time.Duration) error {
	b.mu.Lock()
	b.blocked = false
	return b.await(limit)
}

// Direct flushes what waits, and from now on every line as it comes: a process that
// is told to end may be ended at any moment.
func (b *Buffer) Direct() error {
	b.mu.Lock()
	b.direct = true
	return b.await(b.patience)
}

// await lets what waits be written, and waits for that, but no longer than the
// limit. It is called with b.mu, and unlocks it.
func (b *Buffer) await(limit time.Duration) error {
	if !b.working && len(b.lines) == 0 {
		b.mu.Unlock()
		return nil
	}
	b.wake()
	if b.blocked {
		b.mu.Unlock()
		return ErrBlocked
	}
	written := make(chan error, 1)
	b.waiting = append(b.waiting, written)
	b.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-written:
		return err
	case <-timer.C:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case err := <-written:
		return err
	default:
		b.blocked = true
		return ErrBlocked
	}
}

// wake lets what waits be written. It is called with b.mu.
func (b *Buffer) wake() {
	b.due = true
	if !b.working {
		b.working = true
		go b.work()
	}
}

// work writes what waits, as often as that is due.
func (b *Buffer) work() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.due {
		b.due = false
		if b.armed {
			b.armed = false
			b.timer.Stop()
		}
		batch, waiting := b.lines, b.waiting
		b.lines, b.spare, b.waiting = b.spare[:0], nil, nil
		var n int
		var err error
		if len(batch) > 0 {
			b.leaving = len(batch)
			b.mu.Unlock()
			n, err = b.w.Write(batch)
			b.mu.Lock()
		}
		b.leaving, b.blocked, b.stuck = 0, false, err != nil
		switch {
		case err != nil:
			b.lines = append(batch[n:], b.lines...)
			if b.due = len(b.waiting) > 0; !b.due {
				b.armed = true
				b.timer.Reset(delay)
			}
		case b.lost > 0:
			// Those who wait do so for this line too: a process may end behind it.
			b.spare = batch
			b.lines = append(b.lines, b.tell()...)
			b.waiting = append(waiting, b.waiting...)
			b.due, waiting = true, nil
		default:
			b.spare = batch
		}
		for _, w := range waiting {
			w <- err
		}
	}
	b.working = false
}

// tell returns the line that says how many are missing, and forgets them.
func (b *Buffer) tell() []byte {
	lost := b.lost
	b.lost = 0
	if b.missing == nil {
		return nil
	}
	return b.missing(lost)
}
