package main

import (
	"fmt"
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/terminal"
)

// progress tells how many things a long command has done, and how fast.
type progress struct {
	terminal *terminal.Progress
	now      func() time.Time
	began    time.Time
}

func newProgress(out io.Writer, getenv func(string) string, now func() time.Time) *progress {
	interval := terminal.Interval{Terminal: 200 * time.Millisecond, Log: 5 * time.Second}
	return &progress{terminal: terminal.NewProgress(out, getenv, now, interval), now: now, began: now()}
}

// show tells of count things done, if it is time to. What goes before it, and
// may be empty, is how far that is.
func (p *progress) show(count int, what, far string) {
	p.terminal.Show(func() string { return far + grouped(count) + " " + what + ", " + p.rate(count) })
}

// line writes a line that remains.
func (p *progress) line(text string) { p.terminal.Print(text) }

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
