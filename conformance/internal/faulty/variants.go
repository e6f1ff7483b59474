package faulty

import "slices"

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

// Variants lists the correct servers by what they are free in. The caller may keep and change what
// it gets.
func Variants() []Variant {
	variants := slices.Concat(
		connectionVariants(),
		headerVariants(),
		bodyVariants(),
		identityVariants(),
		surroundingVariants(),
		cacheVariants(),
		conditionVariants(),
	)
	for i := range variants {
		b := correctBehaviour()
		variants[i].apply(b)
		variants[i].Features = b.features
	}
	return variants
}

// strict is a variant that keeps every SHOULD.
func strict(name, summary string, apply func(*behaviour)) Variant {
	return Variant{Name: name, Summary: summary, Strict: true, apply: apply}
}

// lenient is a variant that keeps every MUST, and not every SHOULD.
func lenient(name, summary string, apply func(*behaviour)) Variant {
	return Variant{Name: name, Summary: summary, apply: apply}
}
