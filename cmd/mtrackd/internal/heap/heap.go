// Package heap keeps the garbage collector from running all the time in a process
// that keeps little and throws away much.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// usual is Go's own setting: the heap may grow by so many percent of what is in use
// until it is collected.
const usual = 100

// smallest is the size to which Go, by its own setting, lets every heap grow.
const smallest = 4 << 20

// AtLeast lets the heap grow to so many bytes before it is collected, where it
// would by Go's own setting be collected sooner. By that a server which keeps 4 MB
// collects after every 4 MB, some fifty times a second under load. A heap of more
// than half as many bytes is left to Go, and so is everything where the environment
// sets GOGC. A limit by GOMEMLIMIT holds as always.
//
// It stays in force as long as the process runs: only the first call counts.
func AtLeast(bytes uint64) {
	once.Do(func() {
		if os.Getenv("GOGC") == "" {
			watch(&governor{least: bytes, percent: usual})
		}
	})
}

var once sync.Once

// governor sets the percentage after each collection.
type governor struct {
	least   uint64
	percent int
}

// watch has adjust called after each collection: what nobody holds is found by it.
func watch(g *governor) {
	mark := new([16]byte) // large enough to have memory of its own
	runtime.SetFinalizer(mark, func(*[16]byte) {
		g.adjust()
		watch(g)
	})
}

// adjust sets the percentage by what the last collection left.
func (g *governor) adjust() {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() != metrics.KindUint64 {
			return
		}
	}
	live, roots := samples[0].Value.Uint64(), samples[1].Value.Uint64()+samples[2].Value.Uint64()
	// Setting it stops the process for a moment: only where it makes a difference.
	if p := percent(live, roots, g.least); p < g.percent*9/10 || p > g.percent*11/10 {
		g.percent = p
		debug.SetGCPercent(p)
	}
}

// percent returns by how much a heap with so many bytes in use grows to the least.
// Go counts the roots, stacks and globals, with what is in use, and lets every heap
// grow to a smallest size that it multiplies by the percentage as well.
func percent(live, roots, least uint64) int {
	live = max(live, 1<<20)
	if live >= least/2 {
		return usual
	}
	return max(usual, int(min((least-live)*100/(live+roots), least*usual/smallest)))
}
