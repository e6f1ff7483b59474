package runner

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Config is how the cases are run.
type Config struct {
	Profile      requirement.Profile
	Strict       bool
	Run, Skip    []string // globs over ids, as in Select
	Known        []KnownFailure
	Seed         uint64
	Parallel     int // cases at once; 0: see chooseParallel
	Timeout      time.Duration
	Patience     time.Duration // the least time before a case looks again at its scene; 0: no waiting
	Shrinking    time.Duration // how long a failing sequence may be shrunk; 0: the default
	AllExchanges bool          // of every case, not only the evidence of what did not pass
	// Progress is called at the beginning and after each case, by one goroutine at a time. It may
	// be nil.
	Progress func(done, total int, finished *report.Case, running []string)
	// Keys is called with the real key behind each variable of a report, by several goroutines at
	// once. It may be nil.
	Keys func(variable, key string)
	// Replay returns the command that runs a case alone. It may be nil.
	Replay func(id string, seed uint64, profile requirement.Profile) string
}

// Check returns a [*UsageError] for a value that cannot be used. Globs are checked by [Select].
func (c Config) Check() error {
	switch {
	case !c.Profile.Known():
		return &UsageError{"WithProfile", fmt.Sprintf(
			"unknown profile %q (want %s)", c.Profile, either(requirement.Profiles()))}
	case c.Parallel < 0:
		return &UsageError{"WithParallel", fmt.Sprintf(
			"must not be negative, and is %d: give 1 or more, or 0 to let the suite choose", c.Parallel)}
	case c.Timeout <= 0:
		return &UsageError{"WithTimeout", fmt.Sprintf(
			"must be greater than zero, and is %s: give a duration such as 10s", c.Timeout)}
	case c.Patience < 0:
		return &UsageError{"WithPatience", fmt.Sprintf(
			"must not be negative, and is %s: give a duration such as 1m, or 0 to wait for nothing", c.Patience)}
	}
	return nil
}

// either joins names for a message: "delete or full".
func either[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, " or ")
}

// Target is an implementation under test.
type Target struct {
	URL           string
	TLS           *tls.Config
	Provisioner   provision.Provisioner
	Name, Version string
}

// UsageError is the error for an option or a field of the target that cannot be used, and says what
// to give instead. Nothing was sent.
type UsageError struct {
	Option string // as the callers of package conformance know it: "WithRun", "Target.URL"
	Reason string
}

// Error names the option.
func (u *UsageError) Error() string { return u.Option + ": " + u.Reason }
