package track

import "time"

// EventType names what happened to a track.
type EventType string

// The events that the service writes itself. Histories may hold others.
const (
	EventCreated EventType = "track.created"
	EventBilled  EventType = "track.billed"
	EventDeleted EventType = "track.deleted"
)

// Event is one entry of a track's audit and billing history. Entries are
// appended and never changed.
type Event struct {
	Type     EventType
	At       time.Time // UTC
	Actor    UserID
	Amount   string // decimal, with EventBilled
	Currency string // ISO 4217, with EventBilled
	// Request is the id of the request that caused the event, where one did.
	Request string
}
