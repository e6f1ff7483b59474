package faulty

import (
	"slices"
	"time"
)

// Area is the part of the contract that a fault is in.
type Area string

const (
	Acknowledgement Area = "acknowledgement"
	Envelope        Area = "envelope"
	Authentication  Area = "authentication"
	Authorization   Area = "authorization"
	NotFound        Area = "not found"
	Effect          Area = "effect"
	History         Area = "history"
	Concurrency     Area = "concurrency"
	HostileInput    Area = "hostile input"
	List            Area = "list"
	Get             Area = "get"
	Unsave          Area = "unsave"
	Architecture    Area = "architecture"
)

// Fault is one way to get the contract wrong.
type Fault struct {
	Name    string // kebab-case and stable
	Area    Area
	Summary string // one sentence: what this server does wrong

	// Advisory is set where only a SHOULD is broken: a run shows it as a warning, and fails with
	// --strict.
	Advisory bool
	// Needs is the optional part of the provisioning protocol without which the fault cannot be
	// seen, or "".
	Needs string
	// Patience is how long a run has to wait to see the fault, 0 where it does not.
	Patience time.Duration
	// DetectedBy holds the ids of the cases that are made for this fault. One of them has to fail.
	DetectedBy []string

	apply func(*behaviour)
}

// Faults lists the catalogue, area by area. The caller may keep and change what it gets.
func Faults() []Fault {
	return slices.Concat(
		acknowledgementFaults(),

		envelopeFaults(),
		traceFaults(),

		authenticationFaults(),
		keyFaults(),
		credentialFaults(),
		keyOrderFaults(),

		authorizationFaults(),
		membershipFaults(),

		notFoundFaults(),

		effectFaults(),
		collateralFaults(),
		refusedEffectFaults(),

		historyFaults(),

		repeatFaults(),
		raceFaults(),
		staleFaults(),
		mixupFaults(),

		hostilePathFaults(),
		nearlyIDFaults(),
		brokenIDFaults(),
		bodyFaults(),
		methodFaults(),
		wireFaults(),

		listFaults(),
		listResponseFaults(),
		windowFaults(),
		filterFaults(),

		getFaults(),

		unsaveFaults(),

		sharedResponseFaults(),
		connectionStateFaults(),
		cacheRefillFaults(),
		pageFaults(),
		conditionFaults(),
		idempotencyFaults(),
		lateEffectFaults(),
		thresholdFaults(),
		valueFaults(),
		overrideFaults(),
		singleOperationFaults(),
		provisionedFaults(),
		mediaFaults(),
	)
}

// faultList collects the faults of one area, in the order in which they are added.
type faultList struct {
	area   Area
	faults []Fault
}

func faultsOf(area Area) *faultList { return &faultList{area: area} }

// add adds a fault: its name, one sentence about what is wrong, the cases that have to see it,
// and the change to a correct server that makes it wrong. That call is all that a fault needs.
func (l *faultList) add(name, summary string, seen detection, apply func(*behaviour)) {
	l.faults = append(l.faults, Fault{
		Name:       name,
		Area:       l.area,
		Summary:    summary,
		Advisory:   seen.advisory,
		Needs:      seen.needs,
		Patience:   seen.patience,
		DetectedBy: seen.cases,
		apply:      apply,
	})
}

// detection says how the suite is to see a fault.
type detection struct {
	cases    []string
	advisory bool
	needs    string
	patience time.Duration
}

// detectedBy names the cases that fail. A run fails where at least one of them does.
func detectedBy(cases ...string) detection { return detection{cases: cases} }

// warnedBy names the cases that warn, of a fault that breaks a SHOULD only.
func warnedBy(cases ...string) detection { return detection{cases: cases, advisory: true} }

// needing adds the optional part of the provisioning protocol that those cases need.
func (d detection) needing(feature string) detection {
	d.needs = feature
	return d
}

// after adds how long a run has to wait before it looks again.
func (d detection) after(patience time.Duration) detection {
	d.patience = patience
	return d
}
