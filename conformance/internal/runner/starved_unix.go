//go:build unix

package runner

import (
	"syscall"
	"time"
)

// processorTime is how long the process has run on processors, all together.
func processorTime() (time.Duration, bool) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
