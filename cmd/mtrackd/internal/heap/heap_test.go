package heap

import (
	"runtime"
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live, roots, least uint64
		want               int
	}{
		{0, 0, 32 << 20, 800}, {4 << 20, 0, 32 << 20, 700}, {4 << 20, 3 << 20, 32 << 20, 400}, {15 << 20, 0, 32 << 20, 113},
		{15 << 20, 20 << 20, 32 << 20, 100}, {16 << 20, 0, 32 << 20, 100}, {1 << 30, 1 << 30, 32 << 20, 100},
	} {
		if got := percent(c.live, c.roots, c.least); got != c.want {
			t.Errorf("%d of %d bytes beside roots of %d: %d %%, want %d", c.live, c.least, c.roots, got, c.want)
		}
	}
}

var held []byte

// TestAtLeast throws 512 MB away, which Go collects in more than a hundred times.
func TestAtLeast(t *testing.T) {
	t.Setenv("GOGC", "")
	AtLeast(64 << 20)
	var before, after runtime.MemStats
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		runtime.GC()
		runtime.ReadMemStats(&before)
		if before.NextGC > 48<<20 && before.NextGC < 80<<20 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("the next collection stays at %d bytes", before.NextGC)
		}
	}
	for range 512 << 4 {
		held = make([]byte, 64<<10)
	}
	runtime.ReadMemStats(&after)
	if n := after.NumGC - before.NumGC; n > 30 {
		t.Errorf("%d collections", n)
	}
	held = nil
}
