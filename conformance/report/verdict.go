package report

// Outcome is what became of a case.
type Outcome string

const (
	// Passed: the target kept the requirements.
	Passed Outcome = "passed"
	// Failed: the target broke a MUST, or a SHOULD in a strict run, or passed a case that is listed as known to fail.
	Failed Outcome = "failed"
	// Warning: the target broke a SHOULD in a run that is not strict.
	Warning Outcome = "warning"
	// Skipped: the case proves nothing against this target; the reason is given. It never counts as passed.
	Skipped Outcome = "skipped"
	// Errored: the case could not be carried out: the provisioner or the network failed, or the suite itself.
	Errored Outcome = "error"
	// KnownFailing: the case failed as the list of known failures says.
	KnownFailing Outcome = "known-failing"
)

// Outcomes lists the outcomes, the worst first.
func Outcomes() []Outcome {
	return []Outcome{Failed, Errored, Warning, KnownFailing, Skipped, Passed}
}

// Verdict is the last word of a run.
type Verdict string

const (
	// Conforming: everything that was selected passed.
	Conforming Verdict = "conforming"
	// ConformingWithWarnings: no MUST was broken; a SHOULD was.
	ConformingWithWarnings Verdict = "conforming with warnings"
	// ConformingWithSkips: nothing was broken, and something could not be judged or is known to fail.
	ConformingWithSkips Verdict = "conforming with skips"
	// NotConforming: a case failed.
	NotConforming Verdict = "not conforming"
	// Undecided: nothing failed, but something could not be carried out, nothing passed, or the run was interrupted.
	Undecided Verdict = "undecided"
)

// ExitStatus is the exit status of a command that ran the suite: 0 conforming (with warnings or skips too), 1 not
// conforming, 2 where the run decides nothing.
func (v Verdict) ExitStatus() int {
	switch v {
	case Conforming, ConformingWithWarnings, ConformingWithSkips:
		return 0
	case NotConforming:
		return 1
	default:
		return 2
	}
}
