package runner

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

func TestParallelFor(t *testing.T) {
	for _, tc := range []struct {
		single, together time.Duration
		starved          bool
		want             int
	}{
		{100 * time.Microsecond, 0, false, parallelFast},                        // next to nothing to do
		{2 * time.Millisecond, 0, false, parallelDefault},                       // quick
		{20 * time.Millisecond, 22 * time.Millisecond, false, parallelSlow},     // slow, and others are served meanwhile
		{20 * time.Millisecond, 60 * time.Millisecond, false, parallelDefault},  // they come one behind the other
		{20 * time.Millisecond, 320 * time.Millisecond, false, parallelDefault}, // slow because it computes
		{20 * time.Millisecond, 22 * time.Millisecond, true, parallelDefault},   // slow because others compute
		{100 * time.Microsecond, 0, true, parallelFast},
	} {
		if got := parallelFor(tc.single, tc.together, tc.starved); got != tc.want {
			t.Errorf("%v for one and %v for many: %d cases at once, want %d", tc.single, tc.together, got, tc.want)
		}
	}
}

// TestChooseParallelEnds is about targets that never respond beside an idle connection.
func TestChooseParallelEnds(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(4 * slowFrom) }))
	server.Listener = &oneAtATime{Listener: server.Listener, free: make(chan struct{}, 1)}
	server.Start()
	defer server.Close()
	e, err := wire.ParseEndpoint(server.URL, "mtrack-conformance/test", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := chooseParallel(t.Context(), e, "/", 20*time.Second); got != parallelDefault {
		t.Errorf("%d cases at once at a target that serves one connection at a time", got)
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
