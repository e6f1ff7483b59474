// Command mtrackd serves the music track API over Redis, and looks after what
// is stored there. "mtrackd help" tells how.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; the second one, no longer
	// caught, ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, environment{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		getenv: os.Getenv,
	}, os.Args[1:]))
}
