package container

import (
	"fmt"
	"strings"
)

// EngineError is the error for a machine on which no container engine responds. Nothing was
// started.
type EngineError struct {
	// Err is the error of the attempt to reach one.
	Err error
}

// Error says what to do about it.
func (e *EngineError) Error() string {
	return fmt.Sprintf("no container engine responds (%v): start Docker so that `docker info` succeeds, "+
		"or set DOCKER_HOST to where one listens", e.Err)
}

func (e *EngineError) Unwrap() error { return e.Err }

// StartError is the error for a container that did not start, or did not respond in time.
// Everything that was started for it has been removed.
type StartError struct {
	// Image is the image that failed: the implementation's or Redis's.
	Image string
	// Logs is what the container wrote to standard output and standard error.
	Logs string
	Err  error
}

// Error says what failed, and has the logs in full.
func (e *StartError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "image %s did not start: %v", e.Image, e.Err)
	if strings.Contains(e.Err.Error(), "reaper") {
		b.WriteString(" (if the image of the testcontainers reaper cannot be pulled, " +
			"set TESTCONTAINERS_RYUK_DISABLED=true)")
	}
	if e.Logs != "" {
		fmt.Fprintf(&b, "\nlogs of the container:\n%s", e.Logs)
	}
	return b.String()
}

func (e *StartError) Unwrap() error { return e.Err }
