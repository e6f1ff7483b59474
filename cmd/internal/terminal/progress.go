package terminal

import (
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// eraseLine goes to the beginning of the line and erases it.
const eraseLine = "\r\x1b[K"

// Progress shows how far a long command has come: on a terminal in one line
// that is written over, elsewhere in a line of its own from time to time. It
// is for one goroutine.
type Progress struct {
	out      io.Writer
	width    int // of the line that is written over, 0 where there is none
	interval time.Duration
	now      func() time.Time
	last     time.Time // when something was written
	standing bool      // a line stands on the terminal, without its end
}

// Interval is how long a [Progress] is silent between two lines. Zero: never.
type Interval struct {
	Terminal time.Duration // where the line is written over
	Log      time.Duration // where lines remain
}

// NewProgress returns a progress that writes to out. Getenv is as
// [os.Getenv], now is as [time.Now].
func NewProgress(out io.Writer, getenv func(string) string, now func() time.Time, interval Interval) *Progress {
	p := &Progress{out: out, interval: interval.Log, now: now, last: now()}
	if Escapes(out, getenv) {
		p.width, p.interval = width(out), interval.Terminal
	}
	return p
}

// Overwrites reports whether the progress is one line that is written over.
func (p *Progress) Overwrites() bool { return p.width > 0 }

// Show writes what line returns, if it is time to.
func (p *Progress) Show(line func() string) {
	if p.now().Sub(p.last) < p.interval {
		return
	}
	if !p.Overwrites() {
		p.Print(line())
		return
	}
	text := []rune(plain.Line(line()))
	// The last column stays free: some terminals begin a new line there.
	p.write(eraseLine + string(text[:min(len(text), p.width-1)]))
	p.standing = true
}

// Print writes a line that remains, in the place of what stands on the
// terminal.
func (p *Progress) Print(line string) {
	p.Clear()
	p.write(plain.Line(line) + "\n")
}

// Clear erases what stands on the terminal, to make room for other output.
func (p *Progress) Clear() {
	if p.standing {
		p.write(eraseLine)
		p.standing = false
	}
}

// write writes text, in which only what this package adds moves the cursor.
// Progress that cannot be written is no reason to stop.
func (p *Progress) write(text string) {
	io.WriteString(plain.Raw(p.out), text)
	p.last = p.now()
}
