package container

import (
	"fmt"
	"strings"
)

// EngineError tells that no container engine answers on this machine. Nothing was started.
type EngineError struct {
	// Err is what the attempt to reach one ended with.
	Err error
}

// Error tells what to do about it, too.
func (e *EngineError) Error() string {
	return fmt.Sprintf("no container engine answers (%v): start Docker so that `docker info` succeeds, or set DOCKER_HOST to where one listens", e.Err)
}

func (e *EngineError) Unwrap() error { return e.Err }

// StartError tells that a container did not come up, or did not answer in time. Everything that was started for it has
// been removed again.
type StartError struct {
	// Image is the image that failed: the implementation's or Redis's.
	Image string
	// Logs is what the container wrote to standard output and standard error, empty if it never ran.
	Logs string
	Err  error
}

// Error holds the logs in full.
func (e *StartError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "image %s did not start: %v", e.Image, e.Err)
	if strings.Contains(e.Err.Error(), "reaper") {
		b.WriteString(" (where the image of the testcontainers reaper cannot be pulled, set TESTCONTAINERS_RYUK_DISABLED=true)")
	}
	if e.Logs != "" {
		fmt.Fprintf(&b, "\nlogs of the container:\n%s", e.Logs)
	}
	return b.String()
}

func (e *StartError) Unwrap() error { return e.Err }
