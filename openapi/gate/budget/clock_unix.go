//go:build unix

package budget

import (
	"syscall"
	"time"
)

// used returns the processor time that the process has taken. It does not go on while others have
// the processor: the verdict on a document must not depend on how busy the machine is.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return time.Since(started)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
