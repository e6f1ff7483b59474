package listener

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// pair returns two ends of a TCP connection, ours first.
func pair(t *testing.T) (*connection, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := newConnection(near.(*net.TCPConn), func() {})
	t.Cleanup(func() { c.Close(); far.Close() })
	return c, far.(*net.TCPConn)
}

// A deadline is kept to the letter, whatever stood before it.
func TestConnection_Deadlines(t *testing.T) {
	t.Parallel()
	read := func(c *connection) error { _, err := c.Read(make([]byte, 8)); return err }
	for name, act := range map[string]func(*testing.T, *connection, *net.TCPConn){
		"put off again and again": func(t *testing.T, c *connection, far *net.TCPConn) {
			for n := range 5 {
				c.SetReadDeadline(time.Now().Add(time.Duration(n+1) * 10 * time.Millisecond))
			}
			begin := time.Now()
			if err := read(c); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) < 25*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		},
		"brought forward": func(t *testing.T, c *connection, far *net.TCPConn) {
			c.SetReadDeadline(time.Now().Add(time.Hour))
			c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if err := read(c); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
		},
		"taken back": func(t *testing.T, c *connection, far *net.TCPConn) {
			c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			c.SetReadDeadline(time.Time{})
			time.AfterFunc(50*time.Millisecond, func() { io.WriteString(far, "late") })
			if err := read(c); err != nil {
				t.Error(err)
			}
		},
		"passed while nobody read": func(t *testing.T, c *connection, far *net.TCPConn) {
			c.SetReadDeadline(time.Now().Add(time.Millisecond))
			time.Sleep(10 * time.Millisecond)
			if err := read(c); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			c.SetReadDeadline(time.Now().Add(time.Hour))
			io.WriteString(far, "x")
			if err := read(c); err != nil {
				t.Error(err)
			}
		},
		"of a read in progress": func(t *testing.T, c *connection, far *net.TCPConn) {
			time.AfterFunc(20*time.Millisecond, func() { c.SetReadDeadline(time.Unix(1, 0)) })
			if err := read(c); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			c.SetReadDeadline(time.Time{})
			io.WriteString(far, "x")
			if err := read(c); err != nil {
				t.Error(err)
			}
		},
		"of writing": func(t *testing.T, c *connection, far *net.TCPConn) {
			c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
			c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			begin, wrote := time.Now(), 0
			for {
				n, err := c.Write(make([]byte, 1<<20)) // until no buffer takes more
				wrote += n
				if err != nil {
					if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) < 80*time.Millisecond {
						t.Errorf("%v after %v", err, time.Since(begin))
					}
					break
				}
			}
			c.SetWriteDeadline(time.Now().Add(20 * time.Second))
			go c.Write([]byte("the end"))
			got, err := io.ReadAll(io.LimitReader(far, int64(wrote+7)))
			if err != nil || !strings.HasSuffix(string(got), "\x00the end") {
				t.Errorf("of %d bytes %d came: %v", wrote+7, len(got), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, far := pair(t)
			act(t, c, far)
		})
	}
}

// A single byte is not read while a handler is busy, and not lost either.
func TestConnection_Disregard(t *testing.T) {
	t.Parallel()
	c, far := pair(t)
	one := func() (string, error) {
		p := make([]byte, 1)
		n, err := c.Read(p)
		return string(p[:n]), err
	}
	io.WriteString(far, "ab")
	for _, want := range []string{"a", "b"} {
		c.disregard()
		if got, err := one(); got != "" || err != nil {
			t.Fatalf("read %q, %v, while a handler is busy", got, err)
		}
		c.SetReadDeadline(time.Now().Add(time.Hour))
		if got, err := one(); got != want || err != nil {
			t.Fatalf("read %q, %v, want %q", got, err, want)
		}
	}
}

// What net/http does for a request changes hardly a deadline of a connection that
// is kept, beyond the first.
func TestConnection_SparesDeadlines(t *testing.T) {
	t.Parallel()
	var set atomic.Int64
	s := serveAs(t, Spec{Heedless: true, Connections: 10, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(connectionKey{}).(*connection)
		if set.Add(1) == 1 {
			for _, d := range []*deadline{&c.readable, &c.writable} {
				own := d.set
				d.mu.Lock()
				d.set = func(t time.Time) error { set.Add(1000); return own(t) }
				d.mu.Unlock()
			}
		}
		time.Sleep(time.Millisecond) // for the read behind the request to begin
		io.WriteString(w, "ok")
	})}, Ending{})
	c := s.dial(t)
	for range 50 {
		c.ask(t)
	}
	// A read that begins before the handler does is given up by a deadline, which is one, and
	// another to go on: net/http alone would set 350.
	if n := set.Load(); n > 50+100*1000 {
		t.Errorf("50 requests set %d deadlines", n/1000)
	}
}

// Requests that are sent at once are all served, and a caller who has closed its
// half while they are gets its responses.
func TestConnection_RequestsAtOnce(t *testing.T) {
	t.Parallel()
	gone := make(chan bool, 3)
	s := serveAs(t, Spec{Heedless: true, Connections: 10, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			gone <- true
		case <-time.After(20 * time.Millisecond):
			gone <- false
		}
		io.WriteString(w, r.URL.Path)
	})}, Ending{})
	c := s.dial(t)
	io.WriteString(c, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
	c.CloseWrite()
	in := bufio.NewReader(c)
	for _, want := range []string{"/1", "/2", "/3"} {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("no response to %s: %v", want, err)
		}
		body, _ := io.ReadAll(response.Body)
		if string(body) != want {
			t.Errorf("the response to %s is that to %s", want, body)
		}
		<-gone
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the connection goes on: %v", err)
	}
}

// Who is not heedless hears of a caller who hangs up.
func TestConnection_Hangup(t *testing.T) {
	t.Parallel()
	heard := make(chan error, 1)
	s := serve(t, 10, Ending{}, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			heard <- context.Cause(r.Context())
		case <-time.After(10 * time.Second):
			heard <- nil
		}
	})
	c := s.dial(t)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	time.Sleep(20 * time.Millisecond)
	c.Close()
	if err := <-heard; err == nil {
		t.Error("the handler does not hear of it")
	}
}
