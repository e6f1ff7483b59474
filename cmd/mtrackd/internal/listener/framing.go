package listener

import (
	"bytes"
	"net/http"
)

// codingLine begins a line with the name of the header, in lower case.
const codingLine = "\ntransfer-encoding"

// look searches what was read for codingLine, which may be in several parts.
func (c *connection) look(read []byte) {
	if c.coded.Load() {
		return
	}
	for i := 0; i < len(read); i++ {
		if c.matched == 0 {
			next := bytes.IndexByte(read[i:], '\n')
			if next < 0 {
				return
			}
			i += next
		}
		b := read[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		switch {
		case b == codingLine[c.matched]:
			c.matched++
		case b == '\n':
			c.matched = 1
		default:
			c.matched = 0
		}
		if c.matched == len(codingLine) {
			c.coded.Store(true)
			return
		}
	}
}

// framed stands before a handler. Where a request's end may be seen in two
// ways, or the server is ending, it is the last of its connection.
//
// HTTP/1.0 has no transfer codings, and net/http drops the header: the coded
// body would be the next request, although somebody in front may have read it
// as a body (RFC 9112, 6.1). Such a request is refused. What the connection has
// brought in before counts too, its bodies included: whoever mixes both has no
// claim to better.
//
// After chunks the connection is closed. With a length beside them, which
// net/http does not tell of, somebody in front may have seen another end.
//
// Heedless is for a handler that does not care whether its caller is gone.
func (g *Group) framed(next http.Handler, heedless bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || g.ending.Load() {
			w.Header().Set("Connection", "close")
		}
		c, ok := r.Context().Value(connectionKey{}).(*connection)
		if ok && !r.ProtoAtLeast(1, 1) && c.coded.Load() {
			w.Header().Set("Connection", "close")
			http.Error(w, "400 Bad Request: HTTP/1.0 with Transfer-Encoding", http.StatusBadRequest)
			return
		}
		if ok && heedless && r.Body == http.NoBody {
			c.disregard()
		}
		next.ServeHTTP(w, r)
	})
}
