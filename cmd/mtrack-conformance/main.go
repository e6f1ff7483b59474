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
	// collectAt is how much memory has to be allocated before it is collected, in percent of what
	// is in use: that is little, and a target on the same machine has use for the processors.
	collectAt = 400
	// collectAbove is when there is no more waiting, in bytes, as with a target that sends
	// megabytes.
	collectAbove = 256 << 20
)

// spareCollections has the runtime collect garbage less often, unless the environment says how
// often.
func spareCollections() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectAt)
		debug.SetMemoryLimit(collectAbove)
	}
}
