package faulty

import "slices"

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
)

// Fault is one way to get the contract wrong.
type Fault struct {
	Name    string // kebab-case and stable
	Area    Area
	Summary string // one sentence: what this server does wrong

	// Advisory is set where only a SHOULD is broken: a run shows it as a warning, and fails with --strict.
	Advisory bool
	// Needs is the optional part of the provisioning protocol without which the fault cannot be seen, or "".
	Needs string
	// CaughtBy holds the ids of the cases that are made for this fault. At least one of them is to fail.
	CaughtBy []string

	apply func(*behaviour)
}

// Variant is a correct server that uses a freedom of the contract.
type Variant struct {
	Name    string // kebab-case and stable
	Summary string // one sentence: what this server does differently
	// Strict is set where every SHOULD is kept too: such a server is clean with --strict.
	Strict bool
	// Features are the optional parts of the provisioning protocol that it offers.
	Features []string

	apply func(*behaviour)
}

// Faults lists the catalogue, area by area. The caller may keep and change what it gets.
func Faults() []Fault {
	faults := slices.Concat(
		acknowledgementFaults(),
		envelopeFaults(),
		authenticationFaults(),
		authorizationFaults(),
		notFoundFaults(),
		effectFaults(),
		historyFaults(),
		concurrencyFaults(),
		hostilePathFaults(),
		hostileRequestFaults(),
		listFaults(),
		windowFaults(),
		getFaults(),
		unsaveFaults(),
	)
	table := catchers()
	for i := range faults {
		faults[i].CaughtBy = caughtBy(faults[i].Name, table)
	}
	return faults
}

// Variants lists the correct servers. The caller may keep and change what it gets.
func Variants() []Variant {
	variants := allVariants()
	for i := range variants {
		b := correctBehaviour()
		variants[i].apply(b)
		variants[i].Features = b.features
	}
	return variants
}

// onAnswer edits the answers with that status of one operation; "" stands for all operations and 0 for every status.
func (b *behaviour) onAnswer(op operation, status int, edit func(c *call, a *answer)) {
	b.edits = append(b.edits, func(c *call, a *answer) {
		if (op == "" || op == c.operation) && (status == 0 || status == a.status) {
			edit(c, a)
		}
	})
}

// onCause edits the answers that were refused for that reason.
func (b *behaviour) onCause(why cause, edit func(c *call, a *answer)) {
	b.edits = append(b.edits, func(c *call, a *answer) {
		if c.cause == why {
			edit(c, a)
		}
	})
}
