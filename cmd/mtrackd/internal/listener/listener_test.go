package listener

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// served is a group in progress.
type served struct {
	*Group
	address  string         // of its one listener
	end      func()         // tells it to end
	delay    chan time.Time // a value ends the delay
	draining chan struct{}  // is closed when draining was called
	result   chan error
}

// serve serves the handler on a free port until the end of the test, with that
// many connections.
func serve(t *testing.T, connections int, ending Ending, handler http.HandlerFunc) *served {
	t.Helper()
	return serveAs(t, Spec{Handler: handler, Connections: connections}, ending)
}

// serveAs is serve with the rest of a spec.
func serveAs(t *testing.T, spec Spec, ending Ending) *served {
	t.Helper()
	spec.Name, spec.Flag, spec.Address = "test", "listen", "127.0.0.1:0"
	g, err := Open(slog.New(slog.DiscardHandler), spec)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	s := &served{
		Group: g, address: strings.TrimPrefix(g.URL("test"), "http://"), end: end,
		delay: make(chan time.Time, 1), draining: make(chan struct{}), result: make(chan error, 1),
	}
	g.after = func(time.Duration) <-chan time.Time { return s.delay }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.result <- g.Serve(ctx, ending, func() { close(s.draining) })
	}()
	t.Cleanup(func() {
		end()
		select {
		case s.delay <- time.Time{}:
		default:
		}
		<-ended
	})
	return s
}

// dial connects, for the length of the test.
func (s *served) dial(t *testing.T) *caller {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &caller{c.(*net.TCPConn), bufio.NewReader(c)}
}

// caller is the other end of a connection.
type caller struct {
	*net.TCPConn
	reader *bufio.Reader
}

// ask sends a request and returns its response, without the body.
func (c *caller) ask(t *testing.T) *http.Response {
	t.Helper()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		t.Fatalf("no response: %v", err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response
}

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }

// TestGroup_Delay wants no request refused during the delay: neither on new
// connections nor on those that were idle. Each response is the last of its
// connection. Afterwards nothing is taken.
func TestGroup_Delay(t *testing.T) {
	t.Parallel()
	s := serve(t, 100, Ending{Delay: time.Hour, Grace: 10 * time.Second}, ok)
	var kept []*caller
	for range 5 {
		c := s.dial(t)
		if c.ask(t).Close {
			t.Error("a response closes its connection although nothing ends")
		}
		kept = append(kept, c)
	}
	s.end()
	<-s.draining
	for !s.ending.Load() {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		kept = append(kept, s.dial(t))
	}
	for _, c := range kept {
		if r := c.ask(t); r.StatusCode != http.StatusOK || !r.Close {
			t.Errorf("during the delay: %d, close %v", r.StatusCode, r.Close)
		}
		if rest, err := io.ReadAll(c.reader); len(rest) > 0 || err != nil {
			t.Errorf("the connection goes on: %q, %v", rest, err)
		}
	}
	s.delay <- time.Time{}
	if err := <-s.result; err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", s.address); err == nil {
		c.Close()
		t.Error("connections are taken after the delay")
	}
}

// TestGroup_DelayCutShort wants a listener's failure to end the delay.
func TestGroup_DelayCutShort(t *testing.T) {
	t.Parallel()
	s := serve(t, 10, Ending{Delay: time.Hour, Grace: 10 * time.Second}, ok)
	s.dial(t).ask(t)
	s.end()
	<-s.draining
	s.listeners[0].socket.Listener.Close()
	if err := <-s.result; err == nil || !strings.Contains(err.Error(), "test on 127.0.0.1") {
		t.Errorf("the end: %v", err)
	}
}

// TestGroup_Connections fills a listener. Those who are connected go on; the
// next one gets its response when one of them is gone.
func TestGroup_Connections(t *testing.T) {
	t.Parallel()
	s := serve(t, 3, Ending{Grace: 10 * time.Second}, ok)
	var kept []*caller
	for range 3 {
		c := s.dial(t)
		c.ask(t)
		kept = append(kept, c)
	}
	waiting := s.dial(t)
	io.WriteString(waiting, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	for range 3 {
		for _, c := range kept {
			c.ask(t)
		}
	}
	s.Connections(func(name string, open, most int) {
		if name != "test" || open != 3 || most != 3 {
			t.Errorf("%s has %d connections of %d", name, open, most)
		}
	})
	kept[0].Close()
	response, err := http.ReadResponse(waiting.reader, nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the fourth connection, once there is room: %v, %v", response, err)
	}
}

// TestGroup_EndsFull ends a listener whose connections are all taken.
func TestGroup_EndsFull(t *testing.T) {
	t.Parallel()
	s := serve(t, 1, Ending{Grace: 10 * time.Second}, ok)
	s.dial(t).ask(t)
	s.dial(t) // waits
	s.end()
	if err := <-s.result; err != nil {
		t.Error(err)
	}
}

// seenRequests is a handler that notes what it is asked.
type seenRequests struct {
	mu   sync.Mutex
	seen []string
}

func (s *seenRequests) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, strings.TrimSpace(r.URL.Path+" "+string(body)))
	s.mu.Unlock()
}

var statusLine = regexp.MustCompile(`(?:^|\n)HTTP/1\.[01] (\d{3}) `)

// TestFraming sends requests whose end can be seen in more than one way, and
// behind each a second request. Nothing may be taken for a request that
// somebody else could see as a part of another one. What net/http does of this
// by itself is held here too.
func TestFraming(t *testing.T) {
	t.Parallel()
	const (
		next    = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		chunked = "Transfer-Encoding: chunked\r\n"
		chunks  = "3\r\nabc\r\n0\r\n\r\n"
	)
	for name, row := range map[string]struct {
		request  string
		statuses string
		seen     []string // paths and bodies
	}{
		"no body":                      {"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "200 200", []string{"/a", "/next"}},
		"a length":                     {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "200 200", []string{"/a abc", "/next"}},
		"one length twice":             {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "200 200", []string{"/a abc", "/next"}},
		"1.0, kept":                    {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", "200 200", []string{"/a abc", "/next"}},
		"a folded line":                {"GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\nContent-Length:\r\n 3\r\n\r\nabc", "200 200", []string{"/a abc", "/next"}},
		"lines that end with LF alone": {"GET /a HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc", "200 200", []string{"/a abc", "/next"}},

		"chunks":                         {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n" + chunks, "200", []string{"/a abc"}},
		"a chunk extension":              {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n3;a=\"b\r\nabc\r\n0\r\n\r\n", "200", []string{"/a abc"}},
		"a chunk extension with CR":      {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n3;a\rb\r\nabc\r\n0\r\n\r\n", "400", nil},
		"chunk lines that end with LF":   {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n3\nabc\n0\n\n", "400", nil},
		"a chunk that is too long":       {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n3\r\nabcd\r\n0\r\n\r\n", "400", nil},
		"a chunk size with a sign":       {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n+3\r\nabc\r\n0\r\n\r\n", "400", nil},
		"a chunk size with 0x":           {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n0x3\r\nabc\r\n0\r\n\r\n", "400", nil},
		"an endless chunk size":          {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "\r\n10000000000000003\r\nabc\r\n0\r\n\r\n", "400", nil},
		"both, the length first":         {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + chunked + "\r\n0\r\n\r\n", "200", []string{"/a"}},
		"both, the length behind":        {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "Content-Length: 13\r\n\r\n" + chunks, "200", []string{"/a abc"}},
		"a folded coding":                {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + chunks, "200", []string{"/a abc"}},
		"another coding":                 {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + chunks, "501", nil},
		"identity":                       {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", "501", nil},
		"no coding":                      {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc", "501", nil},
		"chunked, identity":              {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n" + chunks, "501", nil},
		"chunked, chunked":               {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n" + chunks, "501", nil},
		"two codings":                    {"GET /a HTTP/1.1\r\nHost: x\r\n" + chunked + "Transfer-Encoding: identity\r\n\r\n" + chunks, "501", nil},
		"a vertical tab in the coding":   {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n" + chunks, "400", nil},
		"two lengths":                    {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400", nil},
		"a list of lengths":              {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", "400", nil},
		"a length with a sign":           {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", "400", nil},
		"a negative length":              {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc", "400", nil},
		"a length with 0x":               {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc", "400", nil},
		"an endless length":              {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551619\r\n\r\nabc", "400", nil},
		"an empty length":                {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", "400", nil},
		"a blank before the colon":       {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", "400", nil},
		"a blank before the first name":  {"GET /a HTTP/1.1\r\n Host: x\r\nContent-Length: 3\r\n\r\nabc", "400", nil},
		"a coding with a blank behind":   {"GET /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n" + chunks, "400", nil},
		"a CR within a line":             {"GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\rContent-Length: 3\r\n\r\n", "400", nil},
		"a NUL within a line":            {"GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\x00\r\n\r\n", "400", nil},
		"a line without a colon":         {"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length\r\n\r\n", "400", nil},
		"two hosts":                      {"GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400", nil},
		"no host":                        {"GET /a HTTP/1.1\r\n\r\n", "400", nil},
		"a strange version":              {"GET /a HTTP/1.1.1\r\nHost: x\r\n\r\n", "400", nil},
		"1.0 with a coding":              {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n" + chunked + "\r\n" + chunks, "400", nil},
		"1.0 with a coding and a length": {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 13\r\n" + chunked + "\r\n" + chunks, "400", nil},
		"1.0 with another coding":        {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\ntRANSFER-eNCODING: gzip\r\n\r\n", "400", nil},
		"1.0 with a folded coding":       {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + chunks, "400", nil},
		"1.0 with a coding, LF alone":    {"GET /a HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n" + chunks, "400", nil},
		"1.0 with a coding, second":      {"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.0\r\nConnection: keep-alive\r\n" + chunked + "\r\n" + chunks, "200 400", []string{"/a"}},
		"1.0 that speaks of a coding":    {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\nX-A: Transfer-Encoding: chunked\r\nX-Transfer-Encoding: chunked\r\n\r\n", "200 200", []string{"/a", "/next"}},
	} {
		for how, parts := range map[string]int{"whole": 1 << 20, "byte by byte": 1} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				var requests seenRequests
				s := serve(t, 10, Ending{Grace: 10 * time.Second}, requests.ServeHTTP)
				c := s.dial(t)
				for part := range slices.Chunk([]byte(row.request+next), parts) {
					if _, err := c.Write(part); err != nil {
						break // it said what it had to say
					}
				}
				c.CloseWrite()
				said, err := io.ReadAll(c.reader)
				if err != nil && len(said) == 0 {
					t.Fatal(err)
				}
				var statuses []string
				for _, found := range statusLine.FindAllStringSubmatch(string(said), -1) {
					statuses = append(statuses, found[1])
				}
				requests.mu.Lock()
				defer requests.mu.Unlock()
				if got := strings.Join(statuses, " "); got != row.statuses || !slices.Equal(requests.seen, row.seen) {
					t.Errorf("statuses %s, want %s; the handler saw %q, want %q\n%s", got, row.statuses, requests.seen, row.seen, said)
				}
			})
		}
	}
}

// TestConnection_Look cuts what is searched everywhere.
func TestConnection_Look(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n": true,
		"GET / HTTP/1.0\n\ntransfer-encoding:":             true,
		"\n\n\nTRANSFER-ENCODING":                          true,
		"\ntransfer\ntransfer-encoding":                    true,
		"\ntransfer-encodin\ng":                            false,
		"Transfer-Encoding: x":                             false, // no head begins so
		"\n Transfer-Encoding: x":                          false,
		"":                                                 false,
	} {
		for cut := range len(text) + 1 {
			var c connection
			c.look([]byte(text[:cut]))
			c.look([]byte(text[cut:]))
			if c.coded.Load() != want {
				t.Errorf("%q, cut at %d: %v", text, cut, !want)
			}
		}
	}
}

// TestCapacity holds the default to the limit of open files, whatever it is
// here.
func TestCapacity(t *testing.T) {
	t.Parallel()
	limit, known := descriptors()
	if n := Capacity(0); n < 1 || n > mostByDefault || known && uint64(n) > limit {
		t.Errorf("%d connections of %d files", n, limit)
	}
	if n := Capacity(1 << 30); known && limit < mostByDefault && uint64(n) != limit/4 || n < 1 {
		t.Errorf("%d connections beside a reserve that does not fit in %d files", n, limit)
	}
	if !Fits(1, 0) || known && Fits(int(min(limit, 1<<30)), 0) && limit <= 1<<30 {
		t.Error("what fits does not, or the reverse")
	}
}
