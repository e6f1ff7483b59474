package explore

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// checkTimeout is how long the search for an order may take.
const checkTimeout = 5 * time.Second

// judgeHistoryOrder fails, with a drawing, if a part of a history has no order.
func judgeHistoryOrder(scene provision.Request, records []event) error {
	for _, part := range splitHistory(scene, records) {
		result, info := porcupine.CheckOperationsVerbose(part.model(), part.operations, checkTimeout)
		switch result {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			return fmt.Errorf("no order of %d concurrent requests was found or ruled out in %v: "+
				"the machine is too busy, run the case again", len(part.operations), checkTimeout)
		}
		failure := &suite.Failure{
			Expected: fmt.Sprintf("an order of the requests about %s, each between its sending and its response, "+
				"that explains every response (seen through %s)", part.track, part.through),
			Actual: "none:\n" + part.describe(),
		}
		slices.SortFunc(part.records, func(a, b event) int { return int(a.sent - b.sent) })
		for _, r := range part.records {
			failure.Exchanges = append(failure.Exchanges, r.exchange)
		}
		var drawing bytes.Buffer
		if err := porcupine.Visualize(part.model(), info, &drawing); err == nil {
			name := "history-of-" + part.track + ".html"
			failure.Attachments = []suite.Attachment{{Name: name, MediaType: "text/html", Data: drawing.Bytes()}}
		}
		return failure
	}
	return nil
}

// splitHistory splits a history into the parts that are checked by themselves.
func splitHistory(scene provision.Request, records []event) []*trackHistory {
	var parts []*trackHistory
	for _, name := range historyTracks {
		isTrack := func(t provision.TrackRequest) bool { return t.Name == name }
		t := scene.Tracks[slices.IndexFunc(scene.Tracks, isTrack)]
		initial := trackState{live: true}
		for _, saver := range t.SavedBy {
			initial.saved |= 1 << slices.Index(historyActors, saver)
		}
		direct := &trackHistory{track: name, through: "get, delete and unsave", initial: initial}
		listed := &trackHistory{track: name, through: "lists", initial: initial}
		for _, r := range records {
			in := trackCall{
				r.action.Operation, slices.Index(historyActors, r.action.As), r.action.As == t.Creator,
			}
			switch {
			case r.action.Operation == requirement.ListSavedTracks:
				if !r.unknown {
					listed.add(in, trackResult{200, slices.Contains(r.listed, name)}, r)
				}
			case r.action.Track != name:
			case r.unknown && r.action.Operation == requirement.GetTrack: // says nothing
			case r.unknown:
				direct.add(in, trackResult{}, r)
				listed.add(in, trackResult{}, r)
			default:
				out := trackResult{status: r.exchange.Status}
				direct.add(in, out, r)
				if r.action.Operation != requirement.GetTrack {
					listed.add(in, out, r)
				}
			}
		}
		parts = append(parts, direct, listed)
	}
	return parts
}

// trackHistory is a part of a history that is checked by itself.
type trackHistory struct {
	track      string
	through    string // the operations that it has: "lists"
	initial    trackState
	operations []porcupine.Operation
	records    []event
}

// model is the history's for porcupine.
func (h *trackHistory) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return h.initial },
		Step: func(state, input, output any) (bool, any) {
			ok, next := state.(trackState).step(input.(trackCall), output.(trackResult))
			return ok, next
		},
		DescribeOperation: func(input, output any) string {
			return nameOperation(input.(trackCall), output.(trackResult))
		},
		DescribeState: func(state any) string { return state.(trackState).String() },
	}
}

// add appends an event, as the call and the result that it is for this part.
func (h *trackHistory) add(in trackCall, out trackResult, r event) {
	received := r.received.Nanoseconds()
	if r.unknown {
		received = math.MaxInt64 // it may take effect at any later time
	}
	h.operations = append(h.operations, porcupine.Operation{
		ClientId: r.client, Input: in, Output: out, Call: r.sent.Nanoseconds(), Return: received,
	})
	h.records = append(h.records, r)
}

// describe writes the history in the order in which its requests were sent.
func (h *trackHistory) describe() string {
	lines := make([]string, len(h.operations))
	order := make([]int, len(h.operations))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(h.operations[a].Call - h.operations[b].Call) })
	for i, at := range order {
		o := h.operations[at]
		until := "…"
		if o.Return != math.MaxInt64 {
			until = inMilliseconds(o.Return)
		}
		lines[i] = fmt.Sprintf("%9s – %9s ms  %s",
			inMilliseconds(o.Call), until, describeOperation(o.Input.(trackCall), o.Output.(trackResult)))
	}
	return strings.Join(lines, "\n")
}

func inMilliseconds(ns int64) string { return fmt.Sprintf("%.2f", float64(ns)/1e6) }

// A history is checked track by track, and for each track in two parts: what get, delete and unsave
// say of it, and what lists say. A list counts as one reading of each track. That is weaker than
// linearizability, on purpose: a target may read a library track by track, and a get may see a
// delete in progress before a list does; only after its response everybody has to see it. It is
// sound all the same: a history that fails has no order at all.

// trackCall is an action on one track: what porcupine calls an input.
type trackCall struct {
	operation requirement.Operation
	actor     int  // the first index in historyActors of who acts
	creator   bool // of the track
}

// trackResult is what the response to a call said of the track: an output of porcupine.
type trackResult struct {
	status int  // 0 if it is unknown
	seen   bool // for a list: it shows the track
}

// trackState is whether a track lives, and who has saved it, as a bit for each index of
// historyActors.
type trackState struct {
	live  bool
	saved uint32
}

// step reports whether a result is right in a state, and returns the state after it.
func (s trackState) step(in trackCall, out trackResult) (bool, trackState) {
	bit := uint32(1) << in.actor
	access := s.live && (in.creator || s.saved&bit != 0)
	next, status := s, 200
	switch {
	case in.operation == requirement.ListSavedTracks:
		return out.seen == (s.live && s.saved&bit != 0), s
	case !access:
		status = 404
	case in.operation == requirement.DeleteTrack && !in.creator:
		status = 403
	case in.operation == requirement.DeleteTrack:
		next.live = false
	case in.operation == requirement.UnsaveTrack:
		next.saved &^= bit
	}
	return out.status == 0 || out.status == status, next
}

// String is the state in words, for the drawing.
func (s trackState) String() string {
	if !s.live {
		return "deleted"
	}
	var savers []string
	for i, name := range historyActors {
		if s.saved&(1<<i) != 0 {
			savers = append(savers, name)
		}
	}
	return "live, saved by " + strings.Join(savers, ", ")
}

// nameOperation is an action in a few letters, for the drawing.
func nameOperation(in trackCall, out trackResult) string {
	verb := map[requirement.Operation]string{
		requirement.DeleteTrack:     "delete",
		requirement.GetTrack:        "get",
		requirement.ListSavedTracks: "list",
		requirement.UnsaveTrack:     "unsave",
	}[in.operation]
	result := fmt.Sprint(out.status)
	switch {
	case in.operation == requirement.ListSavedTracks && out.seen:
		result = "seen"
	case in.operation == requirement.ListSavedTracks:
		result = "not"
	case out.status == 0:
		result = "?"
	}
	return historyActors[in.actor] + " " + verb + " " + result
}

// describeOperation is an action in words.
func describeOperation(in trackCall, out trackResult) string {
	line := fmt.Sprintf("%s: %s", historyActors[in.actor], in.operation)
	switch {
	case in.operation == requirement.ListSavedTracks && out.seen:
		return line + " shows it"
	case in.operation == requirement.ListSavedTracks:
		return line + " does not show it"
	case out.status == 0:
		return line + " without a response"
	default:
		return fmt.Sprintf("%s is %d", line, out.status)
	}
}
