package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// How often a progress is shown.
const (
	progressOnTerminal = 200 * time.Millisecond
	progressInLog      = 5 * time.Second
)

// progress tells how far a long command has come: on a terminal in one line
// that is written over, elsewhere in a line of its own from time to time. It
// is for one goroutine.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	began    time.Time
	shown    time.Time
	standing bool // a line stands on the terminal, without its end
}

func newProgress(out io.Writer, now func() time.Time) *progress {
	file, ok := out.(*os.File)
	return &progress{
		out: out, terminal: ok && term.IsTerminal(int(file.Fd())), now: now, began: now(), shown: now(),
	}
}

// show tells of count things done, if it is time to. What goes before it, and
// may be empty, is how far that is.
func (p *progress) show(count int, what, far string) {
	every := progressInLog
	if p.terminal {
		every = progressOnTerminal
	}
	now := p.now()
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	line := far + grouped(count) + " " + what + ", " + p.rate(count)
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K"+line)
		p.standing = true
		return
	}
	fmt.Fprintln(p.out, line)
}

// line writes a whole line, in the place of what stands on the terminal.
func (p *progress) line(text string) {
	if p.standing {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.standing = false
	}
	fmt.Fprintln(p.out, text)
}

// rate is how many things a second were done since the beginning.
func (p *progress) rate(count int) string {
	seconds := p.now().Sub(p.began).Seconds()
	if seconds < 0.001 {
		return "at once"
	}
	return grouped(int(float64(count)/seconds)) + " a second"
}

// grouped writes a number with its thousands set apart.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
