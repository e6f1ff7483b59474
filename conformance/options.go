package conformance

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// The defaults of a run.
const (
	DefaultParallel = 0 // the suite chooses: see WithParallel
	DefaultTimeout  = 30 * time.Second
)

// Option changes a run.
type Option func(*runner.Config)

// newConfig applies options to the defaults.
func newConfig(options []Option) runner.Config {
	c := runner.Config{
		Profile:  requirement.ProfileFull,
		Seed:     randomSeed(),
		Parallel: DefaultParallel,
		Timeout:  DefaultTimeout,
	}
	for _, option := range options {
		option(&c)
	}
	return c
}

// randomSeed is short enough to be typed.
func randomSeed() uint64 {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return uint64(binary.BigEndian.Uint32(b[:]))
}

// WithProfile says what the target claims to serve. The default is [requirement.Full].
func WithProfile(p requirement.Profile) Option { return func(c *runner.Config) { c.Profile = p } }

// WithStrict makes a broken SHOULD a failure.
func WithStrict(strict bool) Option { return func(c *runner.Config) { c.Strict = strict } }

// WithRun selects the cases whose ids match one of the globs: * stands for anything within a segment, ** for anything. Each
// glob has to match a case of the suite. The default is all of the profile.
func WithRun(globs ...string) Option {
	return func(c *runner.Config) { c.Run = append(c.Run, globs...) }
}

// WithSkip leaves the matching cases out of the selection. Each glob has to match a case of the suite.
func WithSkip(globs ...string) Option {
	return func(c *runner.Config) { c.Skip = append(c.Skip, globs...) }
}

// WithKnownFailing lists cases that must fail. One that passes fails the run. Each pattern has to match a case of the suite.
func WithKnownFailing(patterns ...Pattern) Option {
	return func(c *runner.Config) {
		for _, p := range patterns {
			c.Known = append(c.Known, runner.KnownFailure{Glob: p.Glob, Reason: p.Reason})
		}
	}
}

// WithSeed sets what all chance in the run derives from. The default differs from run to run, and is in the report.
func WithSeed(seed uint64) Option { return func(c *runner.Config) { c.Seed = seed } }

// WithParallel sets how many cases run at once. Those that mostly wait for time to pass run beside as many again; 1 means
// one after the other. 0, the default, lets the suite choose when it has met the target: few where that is quick or serves one
// connection at a time, more where it takes its time and serves others meanwhile.
func WithParallel(n int) Option { return func(c *runner.Config) { c.Parallel = n } }

// WithTimeout sets how long a request may take. The default is DefaultTimeout.
func WithTimeout(d time.Duration) Option { return func(c *runner.Config) { c.Timeout = d } }

// WithProgress is told about the beginning and about each case that is finished, by one goroutine at a time.
func WithProgress(f func(Progress)) Option {
	return func(c *runner.Config) {
		c.Progress = func(done, total int, finished *report.Case, running []string) {
			f(Progress{Done: done, Total: total, Case: finished, Running: running})
		}
	}
}

// WithAllExchanges puts all exchanges of all cases into the report, not only the evidence of what did not pass.
func WithAllExchanges() Option { return func(c *runner.Config) { c.AllExchanges = true } }

// WithKeys is told the real key behind each shell variable that stands for one in reports, by several goroutines at once.
// Nothing else of a run gives keys away.
func WithKeys(f func(variable, key string)) Option { return func(c *runner.Config) { c.Keys = f } }

// WithReplay writes the command that runs a case alone, for the report. Without it the report has none.
func WithReplay(f func(id string, seed uint64, profile requirement.Profile) string) Option {
	return func(c *runner.Config) { c.Replay = f }
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int
	// Case has just been finished. It is nil at the start.
	Case *report.Case
	// Running are the ids of the cases that are running, in no order.
	Running []string
}
