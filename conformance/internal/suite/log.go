package suite

import (
	"slices"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

const (
	maxLogged   = 2000 // exchanges of a case that are kept
	firstLogged = 5    // of the first ones, which are never dropped
)

// Logged is an exchange of a case, and the error that it ended with.
type Logged struct {
	Exchange *wire.Exchange
	Err      error
}

// exchangeLog keeps the exchanges of a case: the first few and the latest. Several goroutines may
// use it at once.
type exchangeLog struct {
	mu       sync.Mutex
	kept     []Logged
	requests int
	retries  int
	drops    int
	// uncertain is a request that was sent again although it may have been carried out.
	uncertain *wire.Exchange
}

// add appends an exchange, and drops old ones if there are too many.
func (l *exchangeLog) add(e *wire.Exchange, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if len(l.kept) >= maxLogged {
		l.kept = slices.Delete(l.kept, firstLogged, firstLogged+maxLogged/4)
	}
	l.kept = append(l.kept, Logged{e, err})
}

// addRetry counts a 429 response that was waited out.
func (l *exchangeLog) addRetry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retries++
}

// addDrop counts a request that was sent again, since its connection was dropped.
func (l *exchangeLog) addDrop(e *wire.Exchange, uncertain bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops++
	if uncertain && l.uncertain == nil {
		l.uncertain = e
	}
}

// Drops returns how many requests were sent again, since their connections were dropped before a
// byte of a response, and one of them that may have been carried out before that, nil if there is
// none.
func (l *exchangeLog) Drops() (n int, uncertain *wire.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drops, l.uncertain
}

// Snapshot returns the exchanges that are kept, how many there were, and how many 429 responses
// were waited out.
func (l *exchangeLog) Snapshot() (kept []Logged, requests, retries int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.kept), l.requests, l.retries
}
