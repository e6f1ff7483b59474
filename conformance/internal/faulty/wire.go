package faulty

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// wire is an HTTP/1.1 server that is small enough to be changed, or to be wrong, in ways that
// net/http cannot be. Its zero value is right: requests of a connection are answered in their
// order, bodies are read, and the connection is kept.
type wire struct {
	// Freedoms.
	version string                                  // instead of HTTP/1.1
	closing bool                                    // ends a connection after one response
	head    func(method, head string, n int) string // changes the status line and headers in front of n bytes

	// Faults.
	keepBodies    bool // leaves a body where it is, to be read as the next request
	respondTwice  bool // answers every DELETE twice
	dropPipelined bool // loses what came before a response was written
	swapPipelined bool // answers a request after the one that was sent with it
}

// serve answers connections until the listener is closed.
func (x wire) serve(l net.Listener, h http.Handler) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go x.converse(conn, h)
	}
}

func (x wire) converse(conn net.Conn, h http.Handler) {
	defer linger(conn)
	reader := bufio.NewReader(conn)
	var held []byte // with swapPipelined: the response that is kept back
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			conn.Write(held)
			return
		}
		request.RemoteAddr = conn.RemoteAddr().String()
		data, ok := x.respond(request, h)
		if !ok {
			return
		}
		if !x.keepBodies {
			io.Copy(io.Discard, request.Body)
		}
		if x.swapPipelined && held == nil && reader.Buffered() > 0 {
			held = data
			continue
		}
		if _, err := conn.Write(append(data, held...)); err != nil || request.Close || x.closing {
			return
		}
		held = nil
		if x.dropPipelined {
			reader.Discard(reader.Buffered())
		}
	}
}

// linger ends a connection so that what was written arrives, also where something of the caller's
// was left unread.
func linger(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		io.Copy(io.Discard, conn)
	}
	conn.Close()
}

// respond returns the bytes that answer one request; false where the handler gave none.
func (x wire) respond(request *http.Request, h http.Handler) (data []byte, ok bool) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	recorder := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(recorder, request)
	body := recorder.body.Bytes()
	if request.Method == http.MethodHead {
		body = nil
	}
	if x.closing {
		recorder.header.Set("Connection", "close")
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %d %s\r\n", cmp.Or(x.version, "HTTP/1.1"), recorder.status, http.StatusText(recorder.status))
	recorder.header.Write(&head)
	head.WriteString("\r\n")
	text := head.String()
	if x.head != nil {
		text = x.head(request.Method, text, len(body))
	}
	data = append([]byte(text), body...)
	if x.respondTwice && request.Method == http.MethodDelete {
		data = append(data, data...)
	}
	return data, true
}

// recorder keeps what a handler answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header                  { return r.header }
func (r *recorder) WriteHeader(status int)               { r.status = status }
func (r *recorder) Write(data []byte) (n int, err error) { return r.body.Write(data) }
