package lua

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// The states of a [pending] call, in their order.
const (
	callWaits   = iota // certainly not sent
	callSent           // at least once
	callSettled        // answered, or given up by its caller
)

// errOverdue accompanies the error of a call of which another flight may still
// bring a reply, or has brought it to the server: its outcome is unknown.
var errOverdue = errors.New("sent once more")

// pending is a call on its way. Several flights may carry it at the same time:
// the first that has something to say settles it.
type pending struct {
	Call
	deadline time.Time // of its caller; zero: none
	state    atomic.Int32
	overdue  atomic.Bool   // a flight carries it that may take for ever
	done     chan struct{} // of one value, which says that reply and err are set; see settlements
	reply    any
	err      error
}

// settlements are the channels of calls that nobody waits for any more. A call is settled
// once, by a flight or by its caller: whoever was told takes the value out, and where
// the caller gave up there is none and never will be.
var settlements = sync.Pool{New: func() any { return make(chan struct{}, 1) }}

// claim adds a call to the batch unless it is settled. From then on it counts
// as sent.
func claim(batch []*pending, c *pending) []*pending {
	if c.state.CompareAndSwap(callWaits, callSent) || c.state.Load() == callSent {
		batch = append(batch, c)
	}
	return batch
}

// settle tells the caller how the call went, unless it knows already or has
// given up.
func (c *pending) settle(reply any, err error) {
	if c.state.Swap(callSettled) != callSettled {
		if err != nil && c.overdue.Load() {
			err = fmt.Errorf("%w: %w", errOverdue, err)
		}
		c.reply, c.err = reply, err
		c.done <- struct{}{} // it has room: nobody else settles the call
	}
}

// abandon settles a call whose caller gives up for a reason. Where the call was
// settled meanwhile it returns how.
func (c *pending) abandon(reason error) (any, error) {
	switch c.state.Swap(callSettled) {
	case callWaits:
		return nil, errors.Join(errNotSent, reason)
	case callSent:
		return nil, reason
	default:
		<-c.done
		return c.reply, c.err
	}
}
