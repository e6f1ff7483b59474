package listener

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Ending is how a group ends once it is told to.
type Ending struct {
	// Delay is how long it goes on as before, for those who send it requests to
	// notice that they should not. Each response closes its connection.
	Delay time.Duration
	// Grace is how long requests in progress may still take after that, on all
	// listeners together.
	Grace time.Duration
}

// Serve serves on all listeners until the context ends or one of them fails.
// At that moment it calls draining. After the delay, which a failure cuts
// short, it takes no new requests and lets those in progress finish, listener
// by listener in their order. It returns nil after an orderly end. A group is
// served once.
func (g *Group) Serve(ctx context.Context, ending Ending, draining func()) error {
	failed := make(chan error, len(g.listeners))
	for _, l := range g.listeners {
		go func() {
			if err := l.server.Serve(l.socket); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s on %s: %w", l.name, l.socket.Addr(), err)
			}
		}()
	}
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	draining()
	g.ending.Store(true)
	if cause == nil && ending.Delay > 0 {
		g.logger.Info("told to end; requests are still taken", "delay", ending.Delay.String())
		select {
		case <-g.after(ending.Delay):
		case cause = <-failed:
		}
	}
	g.logger.Info("shutting down", "grace", ending.Grace.String())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending.Grace)
	defer cancel()
	errs := []error{cause}
	for _, l := range g.listeners {
		if err := l.server.Shutdown(ctx); err != nil {
			l.server.Close()
			errs = append(errs, fmt.Errorf("%s: requests were still in progress after %v and were cut off", l.name, ending.Grace))
		}
	}
	return errors.Join(errs...)
}
