// Package reach finds out whether a Redis can be used, waits for one that is
// still starting, and says what to try where it cannot be used.
package reach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const (
	askTimeout = 3 * time.Second        // bounds one question
	askPause   = 100 * time.Millisecond // between two
	tellPause  = time.Second            // between two that are told of
)

// Redis is a Redis that may be there or not.
type Redis struct {
	Client redis.UniversalClient
	URL    string // for errors, which show it without its passwords
}

// Wait returns nil once Redis answers and lets us in. One that cannot be
// reached, or that loads its data, it asks again and again for as long as
// patience says, once where that is 0, and tells the reason, at most once a
// second, from the goroutine of the caller. What waiting does not change is
// returned at once. The error says what to try.
func (r Redis) Wait(ctx context.Context, patience time.Duration, tell func(reason error)) error {
	began := time.Now()
	var told time.Time
	for {
		reason, passing := r.ask(ctx)
		if reason == nil || ctx.Err() != nil {
			return reason
		}
		waited := time.Since(began)
		if !passing || patience <= 0 {
			return reason
		}
		if waited >= patience {
			return fmt.Errorf("waited %v: %w", patience, reason)
		}
		if now := time.Now(); now.Sub(told) >= tellPause {
			told = now
			tell(reason)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(askPause, patience-waited)):
		}
	}
}

// ask asks once. Passing is set where the same question may be answered later.
func (r Redis) ask(ctx context.Context) (reason error, passing bool) {
	bounded, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	store := redisstore.New(r.Client, redisstore.WithoutSweeping())
	defer store.Close()
	err := store.Ping(bounded)
	if err == nil {
		return nil, false
	}
	if ctx.Err() != nil {
		return ctx.Err(), false // interrupted: that says nothing about Redis
	}
	if e, ok := errors.AsType[*track.Error](err); ok {
		err = e.Err // the code adds nothing to what follows
	}
	if strings.Contains(err.Error(), "NOPERM") {
		if missing := redisstore.CheckPermissions(bounded, r.Client); missing != nil {
			return missing, false
		}
	}
	shown := redisurl.Redact(r.URL)
	_, network := errors.AsType[net.Error](err)
	switch text := err.Error(); {
	case strings.Contains(text, "NOAUTH"):
		return fmt.Errorf("the Redis at %s asks for a password: write it into the URL, redis://:PASSWORD@HOST:PORT, best in MTRACK_REDIS", shown), false
	case strings.Contains(text, "WRONGPASS"), strings.Contains(text, "invalid password"):
		return fmt.Errorf("the Redis at %s refuses the password: check user and password in the URL, redis://USER:PASSWORD@HOST:PORT", shown), false
	case network, errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF):
		return fmt.Errorf("the Redis at %s cannot be reached: %w; is it running there, and do scheme, host and port of --redis match?", shown, err), true
	case strings.Contains(text, "can't parse"):
		return fmt.Errorf("what answers at %s is not a Redis: %w; do host and port of --redis match?", shown, err), false
	case notNow(text):
		return fmt.Errorf("the Redis at %s is not ready: %w; try again when it is", shown, err), true
	default:
		return fmt.Errorf("the Redis at %s refuses: %w; check that --redis names the right server, database and user, and how the server is set up", shown, err), false
	}
}

// notNow reports whether Redis says that it does not answer now: while it
// loads its data, has lost its master or its cluster, or runs a long script.
func notNow(text string) bool {
	for _, code := range []string{"LOADING ", "MASTERDOWN ", "CLUSTERDOWN ", "BUSY ", "TRYAGAIN "} {
		if strings.HasPrefix(text, code) {
			return true
		}
	}
	return false
}
