// Package journal writes the log of a server: the lines of requests many at a
// time, so that they do not cost a system call each, and in the form that package
// slog gives them.
package journal

import (
	"io"
	"sync"
	"time"
)

// Bounds of a [Buffer].
const (
	// delay is how long a line waits for others at most.
	delay = 100 * time.Millisecond
	// fill is how much waits at most: more is written at once, by whoever adds it.
	fill = 16 << 10
	// most is how much is kept while it cannot be written.
	most = 1 << 20
)

// Buffer collects lines and writes them together. It may be used concurrently.
type Buffer struct {
	out     sync.Mutex // is held while writing; before mu, where both are
	w       io.Writer
	written []byte          // what is being written
	missing func(lines int) // tells of lines that are

	mu      sync.Mutex // of what follows
	lines   []byte
	leaving int         // bytes that are being written, and come back if w refuses them
	timer   *time.Timer // writes what waits
	armed   bool
	direct  bool
	stuck   bool // w has refused what is at the beginning of lines
	lost    int  // lines that there was no room for
}

// NewBuffer returns a buffer that writes to w. What w refuses is kept and offered
// again with what follows, up to a megabyte.
func NewBuffer(w io.Writer) *Buffer {
	b := &Buffer{w: w}
	b.timer = time.AfterFunc(time.Hour, func() { b.Flush() })
	b.timer.Stop()
	return b
}

// Write adds whole lines. They are written within 100 milliseconds, and at once
// after [Buffer.Direct].
func (b *Buffer) Write(lines []byte) (int, error) {
	b.mu.Lock()
	if b.leaving+len(b.lines)+len(lines) > most {
		b.lost++
	} else {
		b.lines = append(b.lines, lines...)
	}
	now := !b.stuck && (b.direct || len(b.lines) >= fill)
	if !now && !b.armed {
		b.armed = true
		b.timer.Reset(delay)
	}
	b.mu.Unlock()
	if now {
		return len(lines), b.Flush()
	}
	return len(lines), nil
}

// Flush writes what waits.
func (b *Buffer) Flush() error {
	lost, err := b.flush()
	if lost > 0 && b.missing != nil {
		b.missing(lost)
	}
	return err
}

// flush writes what waits, and returns how many lines are missing behind it.
func (b *Buffer) flush() (lost int, err error) {
	b.out.Lock()
	defer b.out.Unlock()
	b.mu.Lock()
	b.armed = false
	b.timer.Stop()
	b.written, b.lines = b.lines, b.written[:0]
	b.leaving = len(b.written)
	b.mu.Unlock()
	if len(b.written) == 0 {
		return 0, nil
	}
	n, err := b.w.Write(b.written)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaving, b.stuck = 0, err != nil
	if err != nil {
		b.lines = append(b.written[n:], b.lines...)
		b.written = nil
		b.armed = true
		b.timer.Reset(delay)
		return 0, err
	}
	lost, b.lost = b.lost, 0
	return lost, nil
}

// Direct writes what waits, and from now on every line as it comes: a process that
// is told to end may be ended at any moment.
func (b *Buffer) Direct() error {
	b.mu.Lock()
	b.direct = true
	b.mu.Unlock()
	return b.Flush()
}
