//go:build !unix

package budget

import "time"

// used returns how long the process has been running: the system does not tell its processor time.
func used() time.Duration { return time.Since(started) }
