// Command mtrackd serves the music track API over Redis, and looks after what
// is stored there. "mtrackd help" tells how.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; the second one, no longer
	// caught, ends the process at once.
	context.AfterFunc(ctx, stop)
	// What the Redis library reports by itself comes back as the error of a
	// call too, and that is where it is told.
	redisstore.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(run(ctx, environment{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		getenv: os.Getenv,
	}, os.Args[1:]))
}
