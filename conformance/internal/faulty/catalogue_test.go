package faulty

import (
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is acts of the probe, and how many tracks there are besides.
type script struct {
	hoard int
	acts  []func(*prober)
}

// scripts are those in which the faults of an area are to show.
var scripts = map[Area]script{
	Acknowledgement: {0, []func(*prober){(*prober).deletes}},
	Envelope:        {0, []func(*prober){(*prober).refusals, (*prober).keys}},
	Authentication:  {12, []func(*prober){(*prober).keys, (*prober).refusals, (*prober).deletes, (*prober).tricks}},
	Authorization:   {0, []func(*prober){(*prober).refusals, (*prober).deletes}},
	NotFound:        {0, []func(*prober){(*prober).refusals, (*prober).oddities, (*prober).deletes}},
	Effect:          {0, []func(*prober){(*prober).refusals, (*prober).deletes}},
	History:         {0, []func(*prober){(*prober).refusals, (*prober).deletes}},
	Concurrency:     {80, []func(*prober){(*prober).atOnce, (*prober).deletes}},
	HostileInput:    {12, []func(*prober){(*prober).oddities, (*prober).tricks, (*prober).refusals}},
	List:            {104, []func(*prober){(*prober).lists, (*prober).deletes}},
	Get:             {0, []func(*prober){(*prober).refusals, (*prober).deletes}},
	Unsave:          {0, []func(*prober){(*prober).unsaves, (*prober).refusals, (*prober).deletes}},
}

func transcript(t *testing.T, s *Server, script script) []string {
	p := newProber(t, s, script.hoard)
	p.play(script.acts...)
	return p.transcript
}

// difference is where a server first answers otherwise than wanted, or "".
func difference(t *testing.T, s *Server, script script, want []string) string {
	p := newProber(t, s, script.hoard)
	p.want, p.patience = want, 350*time.Millisecond
	p.play(script.acts...)
	return p.difference
}

func TestProbeIsRepeatable(t *testing.T) {
	for area, script := range scripts {
		want := transcript(t, New(), script)
		if d := difference(t, New(), script, want); d != "" {
			t.Errorf("%s: two correct servers differ: %s", area, d)
		}
	}
}

// shownOnConnections are the faults that the probe cannot see, since it calls the handler: they are in the bytes of a
// connection, or only in how long something takes.
var shownOnConnections = []string{"404-slow-", "length-too-", "answers-twice", "pipelined-", "body-becomes-request", "body-waits"}

// TestProofEveryFaultShows plays the probe to every fault, and, where the race detector makes that slow, to one of ten.
func TestProofEveryFaultShows(t *testing.T) {
	want := map[Area][]string{}
	for area, script := range scripts {
		want[area] = transcript(t, New(), script)
	}
	shows := func(f Fault) bool {
		return difference(t, New(WithFault(f)), scripts[f.Area], want[f.Area]) != ""
	}
	var mu sync.Mutex
	var hidden []Fault
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, f := range Faults() {
		if raceDetector && i%10 != 0 {
			continue
		}
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

func TestEveryCatcherIsAsked(t *testing.T) {
	asked := map[string]bool{}
	for _, f := range Faults() {
		found := false
		for _, c := range catchers() {
			if ok, err := path.Match(c.faults, f.Name); err != nil {
				t.Errorf("%s: %v", c.faults, err)
			} else if ok {
				asked[c.faults], found = true, true
				break
			}
		}
		if !found {
			t.Errorf("%s: no catcher: %s", f.Name, f.Summary)
		}
	}
	for _, c := range catchers() {
		if !asked[c.faults] {
			t.Errorf("%s: matches no fault that is left for it", c.faults)
		}
	}
}
