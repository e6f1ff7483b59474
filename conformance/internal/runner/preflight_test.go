package runner

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire/wiretest"
)

// A target that does not respond is an error of one sentence with the next step; what responds at
// all is for the cases.
func TestPreflight(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	raw := func(serve func(net.Conn)) string { return wiretest.Serve(t, serve) }
	first := make(chan struct{}, 1)
	for name, tc := range map[string]struct {
		url     string
		tls     *tls.Config
		want    string // "" where there is a target to judge
		foreign string // what is said of one that may not be the API
	}{
		"nothing there":         {url: "http://" + closed.Addr().String(), want: "nothing listens there: start the implementation"},
		"no such name":          {url: "http://no-such-host.invalid", want: "check the URL"},
		"unknown authority":     {url: secure.URL, want: "Target.TLS"},
		"TLS where there is no": {url: "https" + strings.TrimPrefix(raw(func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), "http"), want: "use http://"},
		"TLS that breaks off":   {url: "https" + strings.TrimPrefix(raw(func(c net.Conn) {}), "http"), want: "TLS fails"},
		"other name":            {url: secure.URL, tls: otherName(secure), want: "for another name"},
		"hangs":                 {url: raw(func(c net.Conn) { time.Sleep(3 * time.Second) }), want: "no response within 600ms"},
		"TLS that hangs":        {url: "https" + strings.TrimPrefix(raw(func(c net.Conn) { time.Sleep(3 * time.Second) }), "http"), want: "no response within 600ms"},
		"closes":                {url: raw(func(c net.Conn) { wiretest.ReadHead(c) }), want: "closes the connection without a response"},
		"trusted":               {url: secure.URL, tls: &tls.Config{InsecureSkipVerify: true}, foreign: "got 404, text/plain, a body of 19 bytes"},
		"answers HTML":          {url: raw(func(c net.Conn) { wiretest.ReadHead(c); io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n<html>") }), foreign: "none of its responses is JSON"},
		"answers JSON":          {url: raw(func(c net.Conn) { wiretest.ReadHead(c); io.WriteString(c, "HTTP/1.1 500 No\r\n\r\n{}") })},
		"drops the first":       {url: raw(droppingFirst(2))},
		"answers nonsense":      {url: raw(func(c net.Conn) { wiretest.ReadHead(c); io.WriteString(c, "nonsense") }), foreign: "it does not speak HTTP"},
		"hangs for one of two": {url: raw(func(c net.Conn) {
			wiretest.ReadHead(c)
			select {
			case first <- struct{}{}:
				time.Sleep(3 * time.Second)
			default:
				io.WriteString(c, "HTTP/1.1 404 Not Found\r\n\r\n{}")
			}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := wire.ParseEndpoint(tc.url, "mtrack-conformance/test", tc.tls)
			if err != nil {
				t.Fatal(err)
			}
			timeout := 10 * time.Second
			if strings.Contains(name, "hangs") {
				timeout = 600 * time.Millisecond
			}
			foreign, err := preflight(t.Context(), e, []string{"/", "/other"}, timeout)
			if (foreign != nil) != (tc.foreign != "") || foreign != nil && !strings.Contains(notTheAPI(foreign), tc.foreign) {
				t.Errorf("responded %+v, want %q", foreign, tc.foreign)
			}
			var unreachable *Unreachable
			switch {
			case tc.want == "" && err != nil:
				t.Error(err)
			case tc.want != "" && (!errors.As(err, &unreachable) || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "target "+tc.url) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// droppingFirst drops the first n connections without a response.
func droppingFirst(n int32) func(net.Conn) {
	var served atomic.Int32
	return func(c net.Conn) {
		wiretest.ReadHead(c)
		if served.Add(1) > n {
			io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\n\r\n{}")
		}
	}
}

// otherName trusts a server's authority and expects another name.
func otherName(server *httptest.Server) *tls.Config {
	c := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	c.ServerName = "music.example.org"
	return c
}
