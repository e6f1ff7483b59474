package schema

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// History is the history of a track as the store holds it, and what a batch
// adds to it.
//
// An event of a record says its place. The deletion of a track, which the
// server writes, may have overtaken events that an import brings: while it runs
// beside creators, or where a file was cut off. Then its place is theirs, and
// they go before it.
type History struct {
	Found    int // how many events there are in the store; -1: no track either
	events   []string
	deletion int    // place of the track's deletion among the events, from 0; -1: none
	implied  string // that event, where it follows the stored ones without being one
	Pivot    string // that event, where it is stored
	// Before are the events that a batch adds in front of the deletion, after those that it adds
	// at the end.
	Before, after []string
}

// NoHistory is that of a track which the store does not hold.
func NoHistory() *History { return &History{Found: -1, deletion: -1} }

// NewHistory returns the history that the store holds of a track; the stored
// events may be none.
func NewHistory(stored []string, t Track) (*History, error) {
	h := &History{Found: len(stored), events: stored, deletion: -1}
	if t.DeletedBy == "" {
		return h, nil
	}
	for i, text := range slices.Backward(stored) {
		e, err := DecodeEvent(text)
		if err != nil {
			return nil, err
		}
		if isDeletionBy(e, t.DeletedBy) {
			h.deletion, h.Pivot = i, text
			return h, nil
		}
	}
	if h.implied = impliedDeletion(t); h.implied != "" {
		h.deletion = len(stored)
		h.events = append(slices.Clone(stored), h.implied)
	}
	return h, nil
}

// After returns the events that a batch adds at the end. An implied deletion
// that does not stay the last event becomes one of them.
func (h *History) After() []string {
	if h.implied != "" && len(h.after) > 0 {
		return append([]string{h.implied}, h.after...)
	}
	return h.after
}

// Add puts an event at its place, from 1, unless it is there. The error says
// why it cannot be there.
func (h *History) Add(seq int, text string) error {
	if h.deletion >= 0 && seq != h.deletion+1 {
		if same, err := equalEvents(text, h.events[h.deletion]); same || err != nil {
			return err // which has made room for others since
		}
	}
	switch {
	case seq > len(h.events)+1:
		return fmt.Errorf("comes after event %d; those between are missing", len(h.events))
	case seq == len(h.events)+1:
		h.events = append(h.events, text)
		h.after = append(h.after, text)
		return nil
	}
	same, err := equalEvents(text, h.events[seq-1])
	if same || err != nil {
		return err
	}
	if seq == h.deletion+1 {
		event, err := DecodeEvent(text)
		if err != nil {
			return err
		}
		if event.Type != track.EventDeleted { // a track is deleted once
			h.events = slices.Insert(slices.Clone(h.events), h.deletion, text)
			h.Before = append(h.Before, text)
			h.deletion++
			return nil
		}
	}
	return errors.New("is another one in the store; histories are never changed")
}

// equalEvents compares what two stored events say, however they are written.
func equalEvents(a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	x, err := DecodeEvent(a)
	if err != nil {
		return false, err
	}
	y, err := DecodeEvent(b)
	return x == y, err
}
