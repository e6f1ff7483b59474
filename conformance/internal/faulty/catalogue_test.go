package faulty

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// acts of the probe in which the faults of an area are to show.
var acts = map[Area][]func(*prober){
	Acknowledgement: {(*prober).deletes},
	Envelope:        {(*prober).refusals, (*prober).keys},
	Authentication:  {(*prober).keys, (*prober).refusals, (*prober).deletes, (*prober).tricks},
	Authorization:   {(*prober).refusals, (*prober).deletes},
	NotFound:        {(*prober).refusals, (*prober).oddities, (*prober).deletes},
	Effect:          {(*prober).refusals, (*prober).deletes},
	History:         {(*prober).refusals, (*prober).deletes},
	Concurrency:     {(*prober).atOnce, (*prober).deletes},
	HostileInput:    {(*prober).oddities, (*prober).tricks, (*prober).refusals},
	List:            {(*prober).lists, (*prober).deletes},
	Get:             {(*prober).refusals, (*prober).deletes},
	Unsave:          {(*prober).unsaves, (*prober).refusals, (*prober).deletes},
}

var allActs = []func(*prober){
	(*prober).keys, (*prober).lists, (*prober).refusals, (*prober).oddities, (*prober).unsaves, (*prober).tricks, (*prober).deletes, (*prober).atOnce,
}

func transcript(t *testing.T, s *Server, acts []func(*prober)) []string {
	p := newProber(t, s)
	p.play(acts...)
	return p.transcript
}

// difference is where a server first answers the acts otherwise than wanted, or "".
func difference(t *testing.T, s *Server, acts []func(*prober), want []string) string {
	p := newProber(t, s)
	p.want, p.patience = want, 350*time.Millisecond
	p.play(acts...)
	return p.difference
}

func TestProbeIsRepeatable(t *testing.T) {
	want := transcript(t, New(), allActs)
	for range 3 {
		if d := difference(t, New(), allActs, want); d != "" {
			t.Fatalf("two correct servers differ: %s", d)
		}
	}
}

// shownOnConnections are the faults that the probe cannot see, since it calls the handler: they are in the bytes of a
// connection, or only in how long something takes.
var shownOnConnections = []string{"404-slow-", "length-too-", "answers-twice", "pipelined-", "body-becomes-request", "body-waits"}

func TestEveryFaultShows(t *testing.T) {
	want := map[Area][]string{}
	for area, acts := range acts {
		want[area] = transcript(t, New(), acts)
	}
	shows := func(f Fault) bool {
		return difference(t, New(WithFault(f)), acts[f.Area], want[f.Area]) != ""
	}
	var mu sync.Mutex
	var hidden []Fault
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, f := range Faults() {
		if slices.ContainsFunc(shownOnConnections, func(prefix string) bool { return strings.HasPrefix(f.Name, prefix) }) {
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if !shows(f) {
				mu.Lock()
				defer mu.Unlock()
				hidden = append(hidden, f)
			}
		})
	}
	wg.Wait()
	for _, f := range hidden { // a race or a short delay may pass unseen on a busy machine: again, with nothing beside it
		seen := false
		for range 5 {
			seen = seen || shows(f)
		}
		if !seen {
			t.Errorf("%s: nothing shows of it: %s", f.Name, f.Summary)
		}
	}
	if len(hidden) > 20 {
		t.Errorf("%d faults had to be looked for more than once", len(hidden))
	}
}
