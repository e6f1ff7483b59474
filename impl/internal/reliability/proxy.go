package main

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// loss is what a proxy does to replies.
type loss string

const (
	none  loss = ""
	cut   loss = "cut"   // every connection at once, and new ones
	reset loss = "reset" // instead of a reply
	half  loss = "half"  // of a reply, then a reset
	hole  loss = "hole"  // no reply, ever, on this connection
	slow  loss = "slow"  // replies come late
)

// proxy stands between the server and Redis. What is asked always arrives; replies may not.
type proxy struct {
	listener net.Listener
	to       string

	mu          sync.Mutex
	loss        loss
	share       float64 // of the replies that are lost
	delay       time.Duration
	connections map[net.Conn]bool
}

func newProxy(to string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, to: to, connections: make(map[net.Conn]bool)}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(connection.(*net.TCPConn))
		}
	}()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// lose begins or, with none, ends.
func (p *proxy) lose(kind loss, share float64, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loss, p.share, p.delay = kind, share, delay
	if kind == cut {
		for connection := range p.connections {
			connection.Close()
		}
	}
}

func (p *proxy) close() {
	p.listener.Close()
	p.lose(cut, 1, 0)
}

func (p *proxy) serve(client *net.TCPConn) {
	client.SetLinger(0) // its end is a reset
	defer client.Close()
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	if p.loss == cut {
		p.mu.Unlock()
		return
	}
	p.connections[client] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.connections, client)
		p.mu.Unlock()
	}()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for swallow := false; ; {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		kind, delay := p.loss, p.delay
		if rand.Float64() >= p.share {
			kind = none
		}
		p.mu.Unlock()
		switch kind {
		case cut, reset:
			return
		case half:
			client.Write(buffer[:n/2]) // whether it arrives is all the same
			time.Sleep(time.Millisecond)
			return
		case hole:
			swallow = true
		case slow:
			time.Sleep(delay)
		}
		if swallow {
			continue
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
