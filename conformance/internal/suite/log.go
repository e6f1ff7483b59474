package suite

import (
	"slices"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

const (
	maxLogged   = 2000    // exchanges of a case that are kept
	maxSize     = 4 << 20 // of them together, in bytes
	firstLogged = 5       // of the first ones, which are never dropped
)

// Logged is an excerpt of an exchange of a case, and the error that it ended with, "" for none.
type Logged struct {
	Exchange *wire.Exchange
	Error    string
}

// size is about how much memory it takes, in bytes.
func (l Logged) size() int { return l.Exchange.Size() + len(l.Error) }

// exchangeLog keeps excerpts of the exchanges of a case: the first few and the latest. Several
// goroutines may use it at once.
type exchangeLog struct {
	mu       sync.Mutex
	kept     []Logged
	size     int // of those kept, in bytes
	numbered int // exchanges that have begun
	requests int
	retries  int
	drops    int
	// uncertain is a request that was sent again although it may have been carried out.
	uncertain *wire.Exchange
}

// number returns the number of an exchange that begins.
func (l *exchangeLog) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.numbered++
	return l.numbered
}

// add appends an exchange, and drops old ones if there are too many or they are too large.
func (l *exchangeLog) add(e *wire.Exchange, err error) {
	logged := Logged{Exchange: e.Excerpt()}
	if err != nil {
		logged.Error = err.Error() // the error itself has the whole exchange
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.kept = append(l.kept, logged)
	l.size += logged.size()
	for end := len(l.kept); end > maxLogged || l.size > maxSize && end > firstLogged+1; end = len(l.kept) {
		// Many at once, as each time the others are moved.
		dropped := l.kept[firstLogged : firstLogged+(end-firstLogged+3)/4]
		for _, old := range dropped {
			l.size -= old.size()
		}
		l.kept = slices.Delete(l.kept, firstLogged, firstLogged+len(dropped))
	}
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
	if e == nil {
		return
	}
	for _, logged := range slices.Backward(l.kept) {
		if logged.Exchange.Is(e) {
			logged.Exchange.Repeated = true
			break
		}
	}
	if uncertain && l.uncertain == nil {
		l.uncertain = e.Excerpt()
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
