package registry

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// history is the history of a track as the store holds it, and what a batch
// adds to it.
//
// An event of a record says its place. The deletion of a track, which the
// server writes, may have overtaken events that an import brings: while it runs
// beside creators, or where a file was cut off. Then its place is theirs, and
// they go before it.
type history struct {
	found    int // how many events there are in the store; -1: no track either
	events   []string
	deletion int    // place of the track's deletion among the stored events, from 0; -1: none
	pivot    string // that event
	before   []string
	after    []string
}

// newHistory returns the history that the store holds of a track deleted by the
// request with that encoded id; it may be empty.
func newHistory(events []string, deletedBy string) (*history, error) {
	h := &history{found: len(events), events: events, deletion: -1}
	if deletedBy == "" {
		return h, nil
	}
	for i, text := range slices.Backward(events) {
		e, err := schema.DecodeEvent(text)
		if err != nil {
			return nil, err
		}
		if e.Type == track.EventDeleted {
			if string(schema.Encode(e.Request)) == deletedBy {
				h.deletion, h.pivot = i, text
			}
			break
		}
	}
	return h, nil
}

// add puts an event at its place, from 1, unless it is there. The error says
// why it cannot be there.
func (h *history) add(seq int, text string) error {
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
		event, err := schema.DecodeEvent(text)
		if err != nil {
			return err
		}
		if event.Type != track.EventDeleted { // a track is deleted once
			h.events = slices.Insert(slices.Clone(h.events), h.deletion, text)
			h.before = append(h.before, text)
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
	x, err := schema.DecodeEvent(a)
	if err != nil {
		return false, err
	}
	y, err := schema.DecodeEvent(b)
	return x == y, err
}
