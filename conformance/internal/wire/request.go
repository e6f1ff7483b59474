package wire

import (
	"fmt"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HeaderField is one line of a header, as it is written on the wire.
type HeaderField struct {
	Name, Value string
}

// Request is a request as it will be on the wire: nothing in it is cleaned, escaped or reordered.
// [Request.Complete] adds the fields that every request needs.
type Request struct {
	Method string
	// Path is raw, already escaped, and below the target's prefix: "/v1/things/a%2Fb".
	Path string
	// RawQuery is what follows the question mark. ForceQuery sends the question mark even if
	// RawQuery is empty.
	RawQuery   string
	ForceQuery bool
	// Header is written in this order, with its duplicates.
	Header []HeaderField
	// Omit names fields that [Request.Complete] must not add.
	Omit []string
	Body []byte
	// Chunked sends Body with Transfer-Encoding: chunked.
	Chunked bool
	// Proto is the protocol version; empty means "HTTP/1.1".
	Proto string
	// Unchecked exempts the response from the contract: for requests that the contract does not
	// describe.
	Unchecked bool
	// Timeout, if greater than zero, replaces the run's timeout of a request.
	Timeout time.Duration
}

// Has reports whether the header has a field of that name.
func (r Request) Has(name string) bool {
	_, ok := r.Field(name)
	return ok
}

// Field returns the value of the first field of that name.
func (r Request) Field(name string) (string, bool) {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// Target is the request target: the path below prefix, and the query.
func (r Request) Target(prefix string) string {
	t := prefix + r.Path
	if r.RawQuery != "" || r.ForceQuery {
		t += "?" + r.RawQuery
	}
	return t
}

// Complete returns the request with the fields that it needs on the wire and does not set itself:
// Host, User-Agent, Accept and Accept-Encoding; the length or the coding of a body; and, without
// keepAlive, Connection: close.
func (r Request) Complete(e *Endpoint, keepAlive bool) Request {
	if r.Proto == "" {
		r.Proto = "HTTP/1.1"
	}
	const most = 6 // fields that are added
	header := make([]HeaderField, 0, most+len(r.Header))
	add := func(name, value string) {
		if !r.Has(name) && !slices.Contains(r.Omit, name) {
			header = append(header, HeaderField{name, value})
		}
	}
	add("Host", e.Host)
	add("User-Agent", e.UserAgent)
	add("Accept", "application/json")
	// Without this field a response in any coding would be correct.
	add("Accept-Encoding", "identity")
	header = append(header, r.Header...)
	switch {
	case r.Chunked:
		add("Transfer-Encoding", "chunked")
	case len(r.Body) > 0 && !r.Has("Transfer-Encoding"):
		add("Content-Length", strconv.Itoa(len(r.Body)))
	}
	if !keepAlive {
		add("Connection", "close")
	}
	r.Header = header
	return r
}

// head is the request line and the header of a complete request, with space for a small body.
func (r Request) head(prefix string) []byte {
	target := r.Target(prefix)
	size := len(r.Method) + len(target) + len(r.Proto) + len("  \r\n\r\n") + len(r.Body)
	for _, f := range r.Header {
		size += len(f.Name) + len(f.Value) + len(": \r\n")
	}
	b := make([]byte, 0, size)
	for _, part := range []string{r.Method, " ", target, " ", r.Proto, "\r\n"} {
		b = append(b, part...)
	}
	for _, f := range r.Header {
		for _, part := range []string{f.Name, ": ", f.Value, "\r\n"} {
			b = append(b, part...)
		}
	}
	return append(b, "\r\n"...)
}

// chunkSize is small enough that a body of a few KiB comes in several chunks.
const chunkSize = 4 << 10

// Bytes is the request as it goes on the wire, for one write: a head and a small body make one
// TCP segment.
func (r Request) Bytes(prefix string) []byte {
	head := r.head(prefix)
	if !r.Chunked {
		return append(head, r.Body...)
	}
	for rest := r.Body; len(rest) > 0; {
		n := min(len(rest), chunkSize)
		head = fmt.Appendf(head, "%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	return append(head, "0\r\n\r\n"...)
}

// CheckLines returns an error if a line break in the request would make two requests of it.
func (r Request) CheckLines() error {
	for _, part := range []string{r.Method, r.Path, r.RawQuery, r.Proto} {
		if strings.ContainsAny(part, "\r\n") {
			return fmt.Errorf("a line break in the request line of %q", r.Method+" "+r.Path)
		}
	}
	for _, f := range r.Header {
		if strings.ContainsAny(f.Name+f.Value, "\r\n") {
			name := textproto.CanonicalMIMEHeaderKey(f.Name)
			return fmt.Errorf("a line break in the header field %s of %s %s", name, r.Method, r.Path)
		}
	}
	return nil
}
