package report

// Outcome is what became of a case.
type Outcome string

const (
	// Passed: the target keeps the requirements of the case.
	Passed Outcome = "passed"
	// Failed: the target breaks a MUST, or a SHOULD in a strict run, or it passed a case that is
	// listed as known to fail.
	Failed Outcome = "failed"
	// Warning: the target breaks a SHOULD, in a run that is not strict.
	Warning Outcome = "warning"
	// Skipped: the case proves nothing about this target, for a reason that is given. It never
	// counts as passed.
	Skipped Outcome = "skipped"
	// Errored: the case could not be carried out, since the provisioner, the network or the suite
	// itself failed.
	Errored Outcome = "error"
	// KnownFailing: the case failed, and is listed as known to fail.
	KnownFailing Outcome = "known-failing"
)

// Outcomes lists the outcomes, the worst first.
func Outcomes() []Outcome {
	return []Outcome{Failed, Errored, Warning, KnownFailing, Skipped, Passed}
}

// Verdict is what a run says of the target as a whole.
type Verdict string

const (
	// Conforming: everything that was selected passed.
	Conforming Verdict = "conforming"
	// ConformingWithWarnings: no MUST is broken, but a SHOULD is.
	ConformingWithWarnings Verdict = "conforming with warnings"
	// ConformingWithSkips: nothing is broken, but a case was skipped or is known to fail.
	ConformingWithSkips Verdict = "conforming with skips"
	// NotConforming: a case failed.
	NotConforming Verdict = "not conforming"
	// Undecided: no case failed, but one could not be carried out, none passed, or the run was
	// interrupted.
	Undecided Verdict = "undecided"
)

// ExitStatus is the exit status of a command that ran the suite: 0 for conforming, with warnings or
// skips too, 1 for not conforming, 2 for inconclusive.
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

// label is what texts for people say: the word that goes with exit status 2. JSON keeps the value.
func (v Verdict) label() string {
	if v == Undecided {
		return "inconclusive"
	}
	return string(v)
}

// outcome is the outcome that a verdict has the colour of.
func (v Verdict) outcome() Outcome {
	switch v {
	case Conforming:
		return Passed
	case ConformingWithWarnings:
		return Warning
	case ConformingWithSkips:
		return Skipped
	case NotConforming:
		return Failed
	default:
		return Errored
	}
}

// VerdictOf is the verdict on cases whose outcomes were counted, in a run that may be incomplete.
func VerdictOf(counts map[Outcome]int, incomplete bool) Verdict {
	switch {
	case counts[Failed] > 0:
		return NotConforming
	case counts[Errored] > 0 || counts[Passed] == 0 || incomplete:
		return Undecided
	case counts[Warning] > 0:
		return ConformingWithWarnings
	case counts[Skipped] > 0 || counts[KnownFailing] > 0:
		return ConformingWithSkips
	default:
		return Conforming
	}
}
