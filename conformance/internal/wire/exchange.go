package wire

import (
	"bytes"
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
	// cut is how many bytes of the body are not in Body.
	cut int
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
	// Number counts the exchanges of a case from 1; 0 is an exchange of none.
	Number int
}

// MaxExcerpt is how much of a body an [Exchange.Excerpt] has, in bytes.
const MaxExcerpt = 16 << 10

// Excerpt returns a copy of an exchange to keep: with the beginning of a long body, and without the
// document.
func (e *Exchange) Excerpt() *Exchange {
	kept := *e
	kept.Document = nil
	if more := len(e.Body) - MaxExcerpt; more > 0 {
		kept.Body, kept.cut = bytes.Clone(e.Body[:MaxExcerpt]), e.cut+more
	}
	return &kept
}

// BodySize is the length of the body that was received, in bytes.
func (e *Exchange) BodySize() int { return len(e.Body) + e.cut }

// Size is about how much memory an exchange takes, in bytes.
func (e *Exchange) Size() int {
	const itself = 1 << 10
	size := itself + len(e.Request.Body) + len(e.URL) + 2*len(e.Body)
	for _, f := range e.Fields {
		size += len(f.Name) + len(f.Value)
	}
	return size
}

// Is reports whether two exchanges of a case are the same one, of which one may be an excerpt.
func (e *Exchange) Is(other *Exchange) bool {
	return e == other || e != nil && other != nil && e.Number != 0 && e.Number == other.Number
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
	body := fmt.Sprintf("a body of %d bytes", e.BodySize())
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
