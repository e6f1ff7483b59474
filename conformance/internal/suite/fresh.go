package suite

import (
	"slices"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

const (
	// freshTracks is how many histories of new tracks have to be alike before the next ones are taken
	// to be so.
	freshTracks = 12
	// freshWorlds is in how many scenes of an area of cases they are read all the same.
	freshWorlds = 2
)

// FreshHistories is what histories of new tracks are like, apart from their times. Where each is a
// message of its own, reading them before anything is done is half of all messages: once many were
// alike, that of a further track is known before it is read. Several goroutines may use it at once.
type FreshHistories struct {
	mu     sync.Mutex
	events []FreshEvent
	tracks int
	varied bool
	worlds map[string]int // by area
}

// FreshEvent is an event of a new track.
type FreshEvent struct {
	Type, Amount, Currency string
	Actor                  string // "" for the creator
}

// freshEvents are the events of a track of that creator.
func freshEvents(events []provision.Event, creator string) []FreshEvent {
	fresh := make([]FreshEvent, len(events))
	for i, e := range events {
		fresh[i] = FreshEvent{Type: e.Type, Amount: e.Amount, Currency: e.Currency, Actor: e.Actor}
		if e.Actor == creator {
			fresh[i].Actor = ""
		}
	}
	return fresh
}

// Learn takes in the history of a new track, and reports whether it is like the others.
func (f *FreshHistories) Learn(events []provision.Event, creator string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fresh := freshEvents(events, creator)
	if f.tracks > 0 && !slices.Equal(f.events, fresh) {
		f.varied = true
	}
	f.events = fresh
	f.tracks++
	return !f.varied
}

// Known returns what the history of a new track is like, for a scene of a case. It is nil where that
// is not known well enough, or has to be read all the same.
func (f *FreshHistories) Known(caseID string) []FreshEvent {
	area, _, _ := strings.Cut(caseID, "/")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.worlds == nil {
		f.worlds = map[string]int{}
	}
	f.worlds[area]++
	if f.varied || f.tracks < freshTracks || f.worlds[area] <= freshWorlds {
		return nil
	}
	return f.events
}
