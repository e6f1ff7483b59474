// Command mtrack-conformance checks an implementation of the music track API.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	spareCollections()
	os.Exit(program().Main())
}

const (
	// collectAt is how much is allocated before garbage is collected, in percent of what is in use:
	// that is little, and a target on the same machine has use for the processors.
	collectAt = 400
	// collectAbove is when there is no more waiting, in bytes: a target may send megabytes.
	collectAbove = 256 << 20
)

// spareCollections has garbage collected less often, unless the environment says how often.
func spareCollections() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectAt)
		debug.SetMemoryLimit(collectAbove)
	}
}
