package wire

import (
	"fmt"
	"net/textproto"
	"strconv"
	"strings"
)

// Has tells whether the header has a field of that name.
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

// Target is the request target as it is written behind the method.
func (r Request) Target(prefix string) string {
	t := prefix + r.Path
	if r.RawQuery != "" || r.ForceQuery {
		t += "?" + r.RawQuery
	}
	return t
}

// Complete returns the request with the fields that it needs on the wire and does not set itself.
func (r Request) Complete(e *Endpoint, keepAlive bool) Request {
	if r.Proto == "" {
		r.Proto = "HTTP/1.1"
	}
	var first, last []HeaderField
	add := func(to *[]HeaderField, name, value string) {
		if !r.Has(name) {
			*to = append(*to, HeaderField{name, value})
		}
	}
	add(&first, "Host", e.Host)
	add(&first, "User-Agent", e.UserAgent)
	add(&first, "Accept", "application/json")
	// Without this field any coding would be acceptable, and an answer in one nobody's fault.
	add(&first, "Accept-Encoding", "identity")
	switch {
	case r.Chunked:
		add(&last, "Transfer-Encoding", "chunked")
	case len(r.Body) > 0 && !r.Has("Transfer-Encoding"):
		add(&last, "Content-Length", strconv.Itoa(len(r.Body)))
	}
	if !keepAlive {
		add(&last, "Connection", "close")
	}
	header := make([]HeaderField, 0, len(first)+len(r.Header)+len(last))
	r.Header = append(append(append(header, first...), r.Header...), last...)
	return r
}

// head is the request line and the header as bytes. The request is complete.
func (r Request) head(prefix string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\r\n", r.Method, r.Target(prefix), r.Proto)
	for _, f := range r.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}

// chunkSize is small enough that a body of a few KiB comes in several chunks.
const chunkSize = 4 << 10

// Bytes is the request as it goes on the wire. It is written at once, so that head and small bodies are one segment.
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

// CheckLines refuses what would not be one request but several: a line break within a line.
func (r Request) CheckLines() error {
	for _, part := range []string{r.Method, r.Path, r.RawQuery, r.Proto} {
		if strings.ContainsAny(part, "\r\n") {
			return fmt.Errorf("the request line of %q would break in two", r.Method+" "+r.Path)
		}
	}
	for _, f := range r.Header {
		if strings.ContainsAny(f.Name+f.Value, "\r\n") {
			return fmt.Errorf("the header field %s of %s %s would break in two", textproto.CanonicalMIMEHeaderKey(f.Name), r.Method, r.Path)
		}
	}
	return nil
}
