package schema

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// storedEvent is an entry of a history.
type storedEvent struct {
	Type     track.EventType `json:"type"`
	At       int64           `json:"at"` // microseconds since 1970
	Actor    EncodedID       `json:"actor"`
	Amount   string          `json:"amount,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Request  EncodedID       `json:"request,omitempty"`
}

// EncodeEvent returns an event as it stands in a history.
func EncodeEvent(r *record.Event) string {
	e := storedEvent{
		Type: r.Type, At: r.At.UnixMicro(), Actor: Encode(r.Actor), Amount: r.Amount, Currency: r.Currency,
	}
	if r.Request != "" {
		e.Request = Encode(r.Request)
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return string(text)
}

// DecodeEvent reads what EncodeEvent wrote.
func DecodeEvent(text string) (track.Event, error) {
	d := Decoder{What: "event " + text}
	var e storedEvent
	d.Note(json.Unmarshal([]byte(text), &e))
	event := track.Event{
		Type: e.Type, At: time.UnixMicro(e.At).UTC(), Actor: DecodeID[track.UserID](&d, string(e.Actor)),
		Amount: e.Amount, Currency: e.Currency,
	}
	if e.Request != "" {
		event.Request = DecodeID[string](&d, string(e.Request))
	}
	return event, d.Err
}

// DecodeHistory decodes the stored events of a track with those fields. A
// deletion by the server is written in the track alone, so that Redis cannot
// carry out half of it; its event follows the others, unless an import has put
// it among them since.
func DecodeHistory(stored []string, fields map[string]string) ([]track.Event, error) {
	events := make([]track.Event, len(stored), len(stored)+1)
	recorded := false
	for i, text := range stored {
		event, err := DecodeEvent(text)
		if err != nil {
			return nil, err
		}
		events[i] = event
		recorded = recorded || isDeletionBy(event, fields[FieldDeletedBy])
	}
	if implied := impliedDeletion(fields); implied != "" && !recorded {
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
func impliedDeletion(fields map[string]string) string {
	if fields[FieldDeletedActor] == "" {
		return ""
	}
	return fmt.Sprintf(`{"type":%q,"at":%s,"actor":%q,"request":%q}`, track.EventDeleted,
		fields[FieldDeletedAt], fields[FieldDeletedActor], fields[FieldDeletedBy])
}

// isDeletionBy reports whether an event is the deletion by the request with
// that encoded id.
func isDeletionBy(e track.Event, request string) bool {
	return e.Type == track.EventDeleted && string(Encode(e.Request)) == request
}
