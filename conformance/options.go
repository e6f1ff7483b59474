package conformance

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// DefaultTimeout is how long a request may take. See [WithTimeout].
const DefaultTimeout = 30 * time.Second

// Option changes a run. If several options set the same thing the last one counts, except that the
// globs of [WithRun], [WithSkip] and [WithKnownFailing] add up.
type Option func(*config)

// config is what options change.
type config = runner.Config

// newConfig is the defaults, changed by options.
func newConfig(options []Option) config {
	c := config{
		Profile: requirement.ProfileFull,
		Seed:    randomSeed(),
		Timeout: DefaultTimeout,
	}
	for _, option := range options {
		option(&c)
	}
	return c
}

// randomSeed is short enough to be typed again.
func randomSeed() uint64 {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return uint64(binary.BigEndian.Uint32(b[:]))
}

// WithProfile sets what the target claims to serve. The default is [requirement.ProfileFull].
func WithProfile(p requirement.Profile) Option { return func(c *config) { c.Profile = p } }

// WithStrict makes a broken SHOULD a failure. By default it is a warning.
func WithStrict(strict bool) Option { return func(c *config) { c.Strict = strict } }

// WithRun selects the cases whose ids match one of the globs: * matches within a segment, ** across
// segments. Each glob has to match a case of the suite. By default all cases of the profile run.
func WithRun(globs ...string) Option {
	return func(c *config) { c.Run = append(c.Run, globs...) }
}

// WithSkip leaves out the cases whose ids match one of the globs. Each glob has to match a case of
// the suite.
func WithSkip(globs ...string) Option {
	return func(c *config) { c.Skip = append(c.Skip, globs...) }
}

// WithKnownFailing lists cases that are known to fail. Such a case fails the run if it passes. Each
// glob has to match a case of the suite.
func WithKnownFailing(patterns ...Pattern) Option {
	return func(c *config) {
		for _, p := range patterns {
			c.Known = append(c.Known, runner.KnownFailure{Glob: p.Glob, Reason: p.Reason})
		}
	}
}

// WithSeed sets the seed of everything random in the run. The default is another one each time,
// which the report has.
func WithSeed(seed uint64) Option { return func(c *config) { c.Seed = seed } }

// WithParallel sets how many cases run at once. Cases that mostly wait for time to pass run beside
// as many others; 1 runs all cases one by one. The default, 0, measures the target: few cases if it
// responds fast or serves one connection at a time, more if its responses take long and it serves
// others meanwhile.
func WithParallel(n int) Option { return func(c *config) { c.Parallel = n } }

// WithTimeout sets how long a request to the target may take, which has to be more than zero. The
// default is [DefaultTimeout].
func WithTimeout(d time.Duration) Option { return func(c *config) { c.Timeout = d } }

// WithPatience sets the least time that passes before the cases that look at their scenes again do
// so, at the end of the run: what is undone or carried out late may come after a minute. By default
// the run waits for nothing, and they look again when all other cases have ended.
func WithPatience(d time.Duration) Option { return func(c *config) { c.Patience = d } }

// WithProgress sets a function that is called at the beginning and after each case, by one
// goroutine at a time.
func WithProgress(f func(Progress)) Option {
	return func(c *config) {
		c.Progress = func(done, total int, finished *report.Case, running []string) {
			f(Progress{Done: done, Total: total, Case: finished, Running: running})
		}
	}
}

// WithAllExchanges puts all exchanges of all cases into the report. By default it has those of
// cases that did not pass.
func WithAllExchanges() Option { return func(c *config) { c.AllExchanges = true } }

// WithKeys sets a function that is called with each API key of the run and the shell variable that
// stands for it in the report, by several goroutines at once. Nothing else reveals keys.
func WithKeys(f func(variable, key string)) Option { return func(c *config) { c.Keys = f } }

// WithReplay sets a function that returns the command that runs a case alone, for the report. By
// default the report has none.
func WithReplay(f func(id string, seed uint64, profile requirement.Profile) string) Option {
	return func(c *config) { c.Replay = f }
}

// Progress is how far a run is.
type Progress struct {
	// Done is the number of cases that have ended, Total that of the selected ones.
	Done, Total int
	// Case is the one that has just ended, nil at the beginning of the run.
	Case *report.Case
	// Running are the ids of the cases that are running, in no order.
	Running []string
}
