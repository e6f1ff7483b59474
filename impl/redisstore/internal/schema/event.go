package schema

import (
	"encoding/json"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// storedEvent is an entry of a history. Actor and request are encoded ids, so
// that delete.lua can write one without escaping.
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

// DecodeEvent reads what EncodeEvent or delete.lua wrote.
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

// DecodeEvents decodes a list of stored events.
func DecodeEvents(list []string) ([]track.Event, error) {
	events := make([]track.Event, len(list))
	for i, text := range list {
		event, err := DecodeEvent(text)
		if err != nil {
			return nil, err
		}
		events[i] = event
	}
	return events, nil
}
