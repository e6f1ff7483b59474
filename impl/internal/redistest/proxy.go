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

// Proxy stands between a store and Redis and loses replies on purpose.
type Proxy struct {
	listener net.Listener
	server   string

	mu     sync.Mutex
	lose   int // replies to scripts still to be lost
	lost   int
	silent bool // do not even close the connection
}

// NewProxy returns a proxy to a Redis at an address.
func NewProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, server: server}
	t.Cleanup(func() { listener.Close() })
	go p.accept()
	return p
}

// Client returns a client that goes through the proxy.
func (p *Proxy) Client(t testing.TB) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open("redis://" + p.listener.Addr().String() + "?read_timeout=300ms")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// LoseReplies loses the next n replies to scripts, after Redis has executed
// them: the connection is closed, or stays silent.
func (p *Proxy) LoseReplies(n int, silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose, p.lost, p.silent = n, 0, silent
}

// LostReplies returns how many were lost since.
func (p *Proxy) LostReplies() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(conn)
	}
}

// serve forwards piece by piece: a request in one write, its reply in one
// read, as clients and Redis do with what is small.
func (p *Proxy) serve(conn net.Conn) {
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
		p.mu.Lock()
		drop := script && p.lose > 0
		if drop {
			p.lose--
			p.lost++
		}
		silent := p.silent
		p.mu.Unlock()
		if drop && silent {
			time.Sleep(2 * time.Second) // longer than the client waits
		}
		if drop {
			return
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}
