package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// Fault is what becomes of a reply to scripts, after Redis has executed them.
type Fault int

// The faults.
const (
	Cut     Fault = iota // the connection is closed
	Silence              // it stays open, and nothing more comes
	Half                 // half of the reply comes, then the connection is closed
)

// Proxy stands between a store and Redis, loses replies on purpose, and is
// slow. Its methods may be called concurrently.
type Proxy struct {
	listener net.Listener
	server   string
	ended    chan struct{}

	mu        sync.Mutex
	fault     Fault
	lose      int // replies to scripts still to be lost
	lost      int
	delay     time.Duration
	swallowed int // connections up to this number swallow what they are given
	conns     int // so far
}

// NewProxy returns a proxy to a Redis at an address.
func NewProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, server: server, ended: make(chan struct{})}
	t.Cleanup(func() {
		close(p.ended)
		listener.Close()
	})
	go p.accept()
	return p
}

// Client returns a client that goes through the proxy.
func (p *Proxy) Client(t testing.TB) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open("redis://" + p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// LoseReplies loses the next n replies to scripts, after Redis has executed
// them.
func (p *Proxy) LoseReplies(n int, fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose, p.lost, p.fault = n, 0, fault
}

// LostReplies returns how many were lost since.
func (p *Proxy) LostReplies() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// Delay holds every reply up from now on.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Swallow lets the connections that there are swallow what they are given from
// now on, as those through a router that was replaced. New ones work.
func (p *Proxy) Swallow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallowed = p.conns
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conns++
		number := p.conns
		p.mu.Unlock()
		go p.serve(conn, number)
	}
}

// serve forwards piece by piece: a request in one write, its reply in one
// read, as clients and Redis do with what is small.
func (p *Proxy) serve(conn net.Conn, number int) {
	defer conn.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	buffer := make([]byte, 1<<20)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if p.swallows(number) {
			continue
		}
		request := bytes.ToLower(buffer[:n])
		script := bytes.Contains(request, []byte("\r\nevalsha\r\n")) || bytes.Contains(request, []byte("\r\neval\r\n"))
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if n, err = server.Read(buffer); err != nil {
			return
		}
		if bytes.HasPrefix(buffer[:n], []byte("-NOSCRIPT")) {
			script = false // nothing was executed
		}
		fault, lost, delay := p.judge(script)
		switch {
		case lost && fault == Cut:
			return
		case lost && fault == Silence:
			<-p.ended
			return
		case lost && fault == Half:
			conn.Write(buffer[:n/2]) // whoever does not get even that has lost it as well
			return
		}
		time.Sleep(delay)
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// swallows reports whether a connection swallows what it is given.
func (p *Proxy) swallows(number int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return number <= p.swallowed
}

// judge decides what becomes of a reply.
func (p *Proxy) judge(script bool) (fault Fault, lost bool, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lost = script && p.lose > 0; lost {
		p.lose--
		p.lost++
	}
	return p.fault, lost, p.delay
}
