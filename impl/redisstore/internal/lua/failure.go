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

// replyLost reports whether err leaves open whether the command was executed,
// or says that the connection could not be made; both pass with a new
// connection.
func replyLost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, redis.ErrClosed) || errors.Is(err, errClosed) {
		return false
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, redis.ErrPoolTimeout) {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}
