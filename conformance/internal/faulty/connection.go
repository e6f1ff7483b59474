package faulty

import (
	"net/http"
	"sync"
)

// perConnection remembers one text for each connection, which it tells from others by the caller's port.
type perConnection struct {
	mu    sync.Mutex
	texts map[string]string
	draw  func() string
}

func newPerConnection(draw func() string) *perConnection {
	return &perConnection{texts: map[string]string{}, draw: draw}
}

// of returns the text of the connection that a request came on.
func (p *perConnection) of(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.texts[r.RemoteAddr] == "" {
		p.texts[r.RemoteAddr] = p.draw()
	}
	return p.texts[r.RemoteAddr]
}

// first returns the first text that was offered for the connection that a request came on.
func (p *perConnection) first(r *http.Request, offered string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.texts[r.RemoteAddr] == "" {
		p.texts[r.RemoteAddr] = offered
	}
	return p.texts[r.RemoteAddr]
}
