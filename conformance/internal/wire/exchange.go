package wire

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Exchange is a request and the response to it.
type Exchange struct {
	Request Request
	// URL is where the request went, without credentials.
	URL string

	Status int
	Proto  string // of the response: "HTTP/1.1"
	Reason string // the text behind the status
	// Header is the response's, by canonical name; Fields the same as it came, in order.
	Header http.Header
	Fields []HeaderField
	// Body has its transfer and content codings removed.
	Body []byte
	// Document is the body of a response that the contract describes, decoded once for all that
	// look at it: nil, or as strictjson.Decode returns it. It must not be changed.
	Document any

	Start           time.Time
	TimeToFirstByte time.Duration
	Duration        time.Duration
	// Retries counts the 429 responses that were waited out before this response.
	Retries int
	// Repeated is set if the connection was dropped before a byte of a response, and the request
	// was sent once more, by another exchange.
	Repeated bool
	// Closed is set if the target closed the connection after this response, or said that it would.
	Closed bool

	// Operation is the operationId of the request's method and path, "" if the contract has none.
	Operation string
}

// Summary names the request: "GET /v1/things".
func (e *Exchange) Summary() string {
	if e == nil {
		return "a request"
	}
	return e.Request.Method + " " + e.Request.Path
}

// Describe says in a few words what came back: "500, text/html, empty body".
func Describe(e *Exchange) string {
	text := fmt.Sprint(e.Status)
	if location := e.Header.Get("Location"); location != "" {
		text += " to " + location
	}
	media, _, _ := strings.Cut(e.Header.Get("Content-Type"), ";")
	body := fmt.Sprintf("a body of %d bytes", len(e.Body))
	if len(e.Body) == 0 {
		body = "empty body"
	}
	return fmt.Sprintf("%s, %s, %s", text, cmp.Or(strings.TrimSpace(media), "no media type"), body)
}

// StatusText is the status in words, with the target of a redirection: "302 Found to /login".
func StatusText(e *Exchange) string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if location := e.Header.Get("Location"); location != "" {
		text += " to " + location
	}
	return strings.TrimSpace(text)
}
