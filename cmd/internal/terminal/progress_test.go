package terminal

import (
	"bytes"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// newTestProgress returns a progress on a buffer that is taken for a terminal
// of this many columns; 0 is none.
func newTestProgress(columns int) (*Progress, *bytes.Buffer, *clock) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	interval := Interval{Terminal: 200 * time.Millisecond, Log: 5 * time.Second}
	p := NewProgress(&out, func(string) string { return "" }, c.read, interval)
	if columns > 0 {
		p.width, p.interval = columns, interval.Terminal
	}
	return p, &out, c
}

// step shows a line after some time has passed.
func (c *clock) step(p *Progress, d time.Duration, line string) {
	c.now = c.now.Add(d)
	p.Show(func() string { return line })
}

func TestProgress_Log(t *testing.T) {
	t.Parallel()
	p, out, c := newTestProgress(0)
	c.step(p, time.Second, "too early")
	c.step(p, 5*time.Second, "one")
	c.step(p, time.Second, "too early again")
	p.Print("a line that remains")
	c.step(p, 4500*time.Millisecond, "too early after it")
	p.Clear()
	if want := "one\na line that remains\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestProgress_Terminal(t *testing.T) {
	t.Parallel()
	p, out, c := newTestProgress(30)
	c.step(p, 300*time.Millisecond, "one")
	c.step(p, 10*time.Millisecond, "too early")
	c.step(p, 200*time.Millisecond, "äöü that is longer than the terminal is wide")
	p.Print("done")
	p.Clear() // nothing stands there any more
	want := "\r\x1b[Kone\r\x1b[Käöü that is longer than the t\r\x1b[Kdone\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestProgress_Clear(t *testing.T) {
	t.Parallel()
	p, out, c := newTestProgress(80)
	p.Clear()
	c.step(p, time.Second, "one")
	p.Clear()
	p.Clear()
	if want := "\r\x1b[Kone\r\x1b[K"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
