package wire

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// HeaderField is one line of a header, as it is written on the wire.
type HeaderField struct {
	Name, Value string
}

// Request is a request as it will be on the wire: nothing in it is cleaned, escaped or reordered.
//
// Added where Header has no field of that name: Host, User-Agent, Accept, Connection (`close` outside of Connect), and
// Content-Length where there is a Body or BodyLength.
type Request struct {
	Method string
	// Path is raw, escaped, and below the target's prefix: "/v1/music/…". PathOf* and EscapeSegment make one of ids.
	Path string
	// RawQuery is what follows the question mark, raw. ForceQuery sends the mark with nothing behind it.
	RawQuery   string
	ForceQuery bool
	// Header is written in this order, duplicates included.
	Header []HeaderField
	Body   []byte
	// Chunked sends Body with Transfer-Encoding: chunked.
	Chunked bool
	// Proto is "HTTP/1.1" where empty.
	Proto string
	// Unchecked leaves the answer unjudged by the contract: for requests that the contract says nothing about.
	Unchecked bool
	// Timeout overrides the run's request timeout where it is above zero.
	Timeout time.Duration
}

// Exchange is a request and what came back.
type Exchange struct {
	Request Request
	// URL is where the request went, without credentials.
	URL string

	Status int
	Proto  string // of the answer: "HTTP/1.1"
	Reason string // the text behind the status
	// Header is the answer's, by canonical name; Fields the same as it came, in order.
	Header http.Header
	Fields []HeaderField
	// Body is decoded of its transfer and content codings.
	Body []byte

	Start           time.Time
	TimeToFirstByte time.Duration
	Duration        time.Duration
	// Retries counts the answers 429 that were waited out before this one.
	Retries int
	// Closed is set where the target ended the connection with this answer, or said so.
	Closed bool

	// Operation is the operationId that the contract gives to the request's method and path, "" where it has none.
	Operation string
}

// Summary names the request in a line.
func (e *Exchange) Summary() string {
	if e == nil {
		return "a request"
	}
	return e.Request.Method + " " + e.Request.Path
}

// StatusText is the status in words, with where a redirection leads.
func StatusText(e *Exchange) string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if location := e.Header.Get("Location"); location != "" {
		text += " to " + location
	}
	return strings.TrimSpace(text)
}
