package schema

import (
	"errors"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// EncodeEvent returns an event as it stands in a history: a text of fields with
// a space between them, without the empty ones at its end.
//
//	TYPE AT ACTOR [REQUEST [AMOUNT CURRENCY]]
//
// Type, actor and request are encoded; the time is in microseconds since 1970.
func EncodeEvent(r *record.Event) string {
	var request EncodedID
	if r.Request != "" {
		request = Encode(r.Request)
	}
	text := eventText(r.Type, FormatTime(r.At), Encode(r.Actor), request)
	if r.Amount == "" && r.Currency == "" {
		return text
	}
	if request == "" {
		text += " "
	}
	return text + " " + r.Amount + " " + r.Currency
}

// eventText returns an event without an amount as it stands in a history.
func eventText(kind track.EventType, at string, actor, request EncodedID) string {
	text := string(Encode(kind)) + " " + at + " " + string(actor)
	if request != "" {
		text += " " + string(request)
	}
	return text
}

// DecodeEvent reads what EncodeEvent wrote.
func DecodeEvent(text string) (track.Event, error) {
	d := Decoder{What: "event " + text}
	kind, rest, _ := strings.Cut(text, " ")
	at, rest, _ := strings.Cut(rest, " ")
	actor, rest, _ := strings.Cut(rest, " ")
	request, rest, _ := strings.Cut(rest, " ")
	amount, currency, both := strings.Cut(rest, " ")
	if both != (amount != "") {
		d.Note(errors.New("it has an amount or a currency alone"))
	}
	event := track.Event{
		Type: DecodeID[track.EventType](&d, kind), At: d.Time(at), Actor: DecodeID[track.UserID](&d, actor),
		Amount: amount, Currency: currency,
	}
	if request != "" {
		event.Request = DecodeID[string](&d, request)
	}
	return event, d.Err
}

// DecodeHistory decodes the stored events of a track. A deletion by the server
// is written in the track alone, so that Redis cannot carry out half of it; its
// event follows the others, unless an import has put it among them since.
func DecodeHistory(stored []string, t Track) ([]track.Event, error) {
	events := make([]track.Event, len(stored), len(stored)+1)
	recorded := false
	for i, text := range stored {
		event, err := DecodeEvent(text)
		if err != nil {
			return nil, err
		}
		events[i] = event
		recorded = recorded || isDeletionBy(event, t.DeletedBy)
	}
	if implied := impliedDeletion(t); implied != "" && !recorded {
		event, err := DecodeEvent(implied)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// impliedDeletion returns the event that a track deleted by the server stands
// for, as it would stand in its history; empty for any other track.
func impliedDeletion(t Track) string {
	if t.DeletedActor == "" {
		return ""
	}
	return eventText(track.EventDeleted, t.DeletedAt, t.DeletedActor, t.DeletedBy)
}

// isDeletionBy reports whether an event is the deletion by the request with
// that encoded id.
func isDeletionBy(e track.Event, request EncodedID) bool {
	return e.Type == track.EventDeleted && Encode(e.Request) == request
}
