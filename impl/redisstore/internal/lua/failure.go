package lua

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Failure turns what went wrong with Redis into the domain's error. Whatever Redis cannot or will
// not do at the moment is [track.Unavailable]: gone, loading, out of memory, unable to write its
// disk, a replica, a cluster without a slot, not letting us in. All of it may pass; the cause is
// kept for the logs. What does not pass is a key that holds something else than it should: that is
// no [track.Error].
func Failure(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*track.Error](err); ok {
		return err
	}
	if strings.Contains(err.Error(), "WRONGTYPE ") { // older servers put where in the script it happened before it
		return fmt.Errorf("what is stored is damaged: %w", err)
	}
	return &track.Error{Code: track.Unavailable, Err: err}
}

// outcome is what an error of Redis or of the client library says of a call.
type outcome int

const (
	decided outcome = iota // carried out, or refused for a reason that waiting does not change
	refused                // not carried out, by a server that cannot be reached or does not serve now
	unknown                // perhaps carried out: the reply is lost
)

// outcomeOf returns what err says; nil says that the call was carried out.
func outcomeOf(err error) outcome {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, redis.ErrClosed) || errors.Is(err, errClosed) {
		return decided
	}
	switch {
	case turnedAway(err) && !errors.Is(err, errOverdue):
		return refused
	case turnedAway(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return unknown
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return unknown
	}
	return decided
}

// isUnknownScript reports whether the server does not know a script by its name.
func isUnknownScript(err error) bool {
	return err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") // which allocates, also for nil
}

// turnedAway reports whether err says that no connection could be made, or that
// the server executes no scripts now, or not this one: the client has followed
// MOVED as often as it does, while nodes disagree about who has the slot.
func turnedAway(err error) bool {
	for _, code := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED"} {
		if redis.HasErrorPrefix(err, code) {
			return true
		}
	}
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial" || errors.Is(err, redis.ErrPoolTimeout)
}
