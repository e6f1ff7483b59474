package faulty

import (
	"strings"
	"sync"
	"testing"
)

func transcript(t *testing.T, s *Server) []string {
	p := newProber(t, s)
	p.run()
	return p.transcript
}

// difference is where a server first answers the probe otherwise than wanted, or "".
func difference(t *testing.T, s *Server, want []string) string {
	p := newProber(t, s)
	p.want = want
	p.stopped()
	return p.difference
}

func TestProbeIsRepeatable(t *testing.T) {
	want := transcript(t, New())
	for range 3 {
		if d := difference(t, New(), want); d != "" {
			t.Fatalf("two correct servers differ: %s", d)
		}
	}
}

// unseenByProbe are the faults that show only in how long something takes, or on a connection. The tests of
// connections and of timing below see to them.
var unseenByProbe = []string{
	"404-slow-", "length-too-", "answers-twice", "pipelined-", "body-becomes-request", "body-waits",
}

func TestEveryFaultShows(t *testing.T) {
	want := transcript(t, New())
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	for _, f := range Faults() {
		if hasAnyPrefix(f.Name, unseenByProbe) {
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if difference(t, New(WithFault(f)), want) == "" {
				t.Errorf("%s: nothing shows of it: %s", f.Name, f.Summary)
			}
		})
	}
	wg.Wait()
}

func hasAnyPrefix(text string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}
