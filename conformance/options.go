package conformance

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"time"
)

// The defaults of a run.
const (
	DefaultParallel = 0 // as the target bears: see WithParallel
	DefaultTimeout  = 30 * time.Second
)

// Target is an implementation under test.
type Target struct {
	// URL is the origin plus any prefix in front of /v1: "http://127.0.0.1:8080".
	URL string
	// TLS is used where URL is https. It may be nil.
	TLS *tls.Config
	// Provisioner puts the implementation into known states.
	Provisioner Provisioner
	// Name and Version of the implementation, for the report.
	Name, Version string
}

// Option changes a run.
type Option func(*config)

// config holds the options of a run.
type config struct {
	profile      Profile
	strict       bool
	run, skip    []string
	known        []KnownFailure
	seed         uint64
	parallel     int
	timeout      time.Duration
	progress     func(Progress)
	everything   bool
	shrinking    time.Duration
	keys         func(variable, key string)
	cases        []Case
	requirements []Requirement
}

func newConfig(options []Option) config {
	c := config{
		profile:      ProfileFull,
		seed:         randomSeed(),
		parallel:     DefaultParallel,
		timeout:      DefaultTimeout,
		shrinking:    shrinkBudget,
		cases:        Cases(),
		requirements: Requirements(),
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

func (c config) check() error {
	switch {
	case !c.profile.known():
		return &OptionError{"--profile", fmt.Sprintf("%q is none: give one of %q", c.profile, Profiles())}
	case c.parallel < 0:
		return &OptionError{"--parallel", fmt.Sprintf("%d cases at once run nothing: give 1 or more, or 0 to let the suite choose", c.parallel)}
	case c.timeout <= 0:
		return &OptionError{"--timeout", fmt.Sprintf("%s is over before it begins: give a duration such as 10s", c.timeout)}
	}
	return nil
}

// WithProfile says what the target claims to serve. The default is ProfileFull.
func WithProfile(p Profile) Option { return func(c *config) { c.profile = p } }

// WithStrict makes a broken SHOULD a failure.
func WithStrict(strict bool) Option { return func(c *config) { c.strict = strict } }

// WithRun selects the cases whose ids match one of the globs: * stands for anything within a segment, ** for anything. Each
// glob has to match a case of the suite. The default is all of the profile.
func WithRun(globs ...string) Option { return func(c *config) { c.run = append(c.run, globs...) } }

// WithSkip leaves the matching cases out of the selection. Each glob has to match a case of the suite.
func WithSkip(globs ...string) Option { return func(c *config) { c.skip = append(c.skip, globs...) } }

// WithKnownFailing lists cases that must fail. One that passes fails the run. Each entry has to match a case of the suite.
func WithKnownFailing(entries ...KnownFailure) Option {
	return func(c *config) { c.known = append(c.known, entries...) }
}

// WithSeed sets what all chance in the run derives from. The default differs from run to run, and is in the report.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithParallel sets how many cases run at once. Those that mostly wait for time to pass run beside as many again; 1 means
// one after the other. 0, the default, lets the suite choose when it has met the target: few where that is quick or serves one
// connection at a time, more where it takes its time and serves others meanwhile.
func WithParallel(n int) Option { return func(c *config) { c.parallel = n } }

// WithTimeout sets how long a request may take. The default is DefaultTimeout.
func WithTimeout(d time.Duration) Option { return func(c *config) { c.timeout = d } }

// WithProgress is told about each case that is finished, by one goroutine at a time.
func WithProgress(f func(Progress)) Option { return func(c *config) { c.progress = f } }

// WithEveryExchange puts all exchanges of all cases into the report, not only the evidence of what did not pass.
func WithEveryExchange() Option { return func(c *config) { c.everything = true } }

// WithKeys is told the real key behind each shell variable that stands for one in reports, by several goroutines at once.
// Nothing else of a run gives keys away.
func WithKeys(f func(variable, key string)) Option { return func(c *config) { c.keys = f } }

// WithCases replaces the suite's cases, and the requirements that they name. For testing the runner, and for suites that
// are built on this one.
func WithCases(cases []Case, requirements []Requirement) Option {
	return func(c *config) { c.cases, c.requirements = cases, requirements }
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int
	// Case has just been finished. It is nil at the start.
	Case *CaseReport
	// Running are the ids of the cases that are running, in no order.
	Running []string
}

// OptionError says that an option cannot be used, and what to give instead. It is a usage error: nothing was sent.
type OptionError struct {
	Option string // as a flag of mtrack-conformance: "--run"
	Reason string
}

// Error names the option.
func (o *OptionError) Error() string { return fmt.Sprintf("%s: %s", o.Option, o.Reason) }
