package suite

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire/wiretest"
)

// dropping drops the first n connections: every other one before it has read the request.
func dropping(t *testing.T, n int32) (url string, served *atomic.Int32) {
	served = &atomic.Int32{}
	return wiretest.Serve(t, func(conn net.Conn) {
		number := served.Add(1)
		if number <= n && number%2 == 0 {
			conn.(*net.TCPConn).SetLinger(0)
			return
		}
		wiretest.ReadHead(conn)
		if number > n {
			io.WriteString(conn, jsonResponse("200 OK", acknowledgement))
		}
	}), served
}

func TestDroppedConnectionsAreRepeated(t *testing.T) {
	for name, send := range map[string]func(c *Client, r wire.Request) (*wire.Exchange, error){
		"Do": func(c *Client, r wire.Request) (*wire.Exchange, error) { return c.Do(t.Context(), r) },
		"KeepAlive": func(c *Client, r wire.Request) (*wire.Exchange, error) {
			k := c.KeepAlive()
			defer k.Release()
			return k.Do(t.Context(), r)
		},
		"Finish": func(c *Client, r wire.Request) (*wire.Exchange, error) {
			conn := c.Prepare(t.Context(), r)
			conn.Flush(t.Context())
			return c.Finish(t.Context(), conn, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, served := dropping(t, 3)
			c := clientOf(t, url, nil)
			x, err := send(c, NewRequest("DELETE", songPath, someone))
			if err != nil || x.Status != 200 || served.Load() != 4 {
				t.Fatalf("%+v, %v after %d connections", x, err, served.Load())
			}
			n, uncertain := c.Log.Drops()
			if n != 3 || uncertain == nil || !uncertain.Repeated {
				t.Errorf("%d drops, uncertain %+v", n, uncertain)
			}
			if _, requests, _ := c.Log.Snapshot(); requests != 4 {
				t.Errorf("%d exchanges in the log, want all 4", requests)
			}
		})
	}
	t.Run("a get is certain", func(t *testing.T) {
		url, _ := dropping(t, 2)
		c := clientOf(t, url, nil)
		r := NewRequest("GET", songPath, someone, WithoutContract())
		if x, err := c.Do(t.Context(), r); err != nil || x.Status != 200 {
			t.Fatalf("%+v, %v", x, err)
		}
		if n, uncertain := c.Log.Drops(); n != 2 || uncertain != nil {
			t.Errorf("%d drops, uncertain %+v", n, uncertain)
		}
	})
}

// A target that drops a request each time has not responded to it.
func TestDroppedEachTime(t *testing.T) {
	url, served := dropping(t, 1000)
	_, err := clientOf(t, url, nil).Do(t.Context(), NewRequest(http.MethodGet, songPath, someone))
	var none *wire.NoResponse
	if !errors.As(err, &none) || none.Sent != maxSends || served.Load() != maxSends || !strings.Contains(err.Error(), "sent 8 times") {
		t.Errorf("%v after %d connections", err, served.Load())
	}
}

// A response that breaks off is the target's own: it has begun to respond.
func TestIncompleteResponsesAreNotRepeated(t *testing.T) {
	var served atomic.Int32
	url := wiretest.Serve(t, func(conn net.Conn) {
		served.Add(1)
		wiretest.ReadHead(conn)
		io.WriteString(conn, "HTTP/1.1 200")
	})
	if _, err := clientOf(t, url, nil).Do(t.Context(), NewRequest(http.MethodGet, songPath, someone)); err == nil || served.Load() != 1 {
		t.Errorf("%v after %d connections", err, served.Load())
	}
}
