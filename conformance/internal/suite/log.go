package suite

import (
	"slices"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

const (
	// maxLogged is how many exchanges of a case are remembered.
	maxLogged = 2000
	// firstLogged is how many of the first are never forgotten.
	firstLogged = 5
)

// Logged is an exchange of a case and what was wrong with it.
type Logged struct {
	Exchange *wire.Exchange
	Err      error
}

// exchangeLog remembers the exchanges of a case: the first few and the latest. It may be used by several goroutines at once.
type exchangeLog struct {
	mu       sync.Mutex
	kept     []Logged
	requests int
	retries  int
}

// add remembers an exchange, and forgets old ones where there are too many.
func (l *exchangeLog) add(e *wire.Exchange, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if len(l.kept) >= maxLogged {
		l.kept = slices.Delete(l.kept, firstLogged, firstLogged+maxLogged/4)
	}
	l.kept = append(l.kept, Logged{e, err})
}

// addRetry counts a rate-limited response that was waited out.
func (l *exchangeLog) addRetry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retries++
}

// Snapshot returns what is remembered, how many exchanges there were, and how many rate-limited responses were waited out.
func (l *exchangeLog) Snapshot() (kept []Logged, requests, retries int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.kept), l.requests, l.retries
}
