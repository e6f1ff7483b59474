// Command mtrack-spec keeps an OpenAPI 3.0 contract right: it checks the document,
// compares two versions of it, traces the documentation page of this project
// through contract and conformance cases, and tells what a conformance run really
// exercised. `mtrack-spec help` shows how.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
