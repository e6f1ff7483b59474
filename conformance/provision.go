package conformance

import "time"

// Event is an entry of a track's history.
type Event struct {
	Type     string    `json:"type"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`
	Amount   string    `json:"amount,omitempty"`
	Currency string    `json:"currency,omitempty"`
}
