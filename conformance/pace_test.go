package conformance

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { time.Sleep(4 * slowFrom) })
	quick := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, tc := range map[string]struct {
		handler http.Handler
		wrap    func(net.Listener) net.Listener
		want    int
	}{
		"slow, and others are served meanwhile": {slow, nil, parallelSlow},
		"slow, one connection at a time":        {slow, func(l net.Listener) net.Listener { return &oneAtATime{Listener: l, free: make(chan struct{}, 1)} }, parallelQuick},
		"quick, one connection at a time":       {quick, func(l net.Listener) net.Listener { return &oneAtATime{Listener: l, free: make(chan struct{}, 1)} }, parallelQuick},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(tc.handler)
			if tc.wrap != nil {
				server.Listener = tc.wrap(server.Listener)
			}
			server.Start()
			defer server.Close()
			e, err := parseEndpoint(server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := pace(t.Context(), e, 5*time.Second); got != tc.want {
				t.Errorf("%d cases at once, want %d", got, tc.want)
			}
		})
	}
}

// oneAtATime accepts the next connection when the last one was closed.
type oneAtATime struct {
	net.Listener
	free chan struct{}
}

func (l *oneAtATime) Accept() (net.Conn, error) {
	l.free <- struct{}{}
	conn, err := l.Listener.Accept()
	return &freeing{conn, l.free}, err
}

type freeing struct {
	net.Conn
	free chan struct{}
}

func (c *freeing) Close() error {
	select {
	case <-c.free:
	default:
	}
	return c.Conn.Close()
}
