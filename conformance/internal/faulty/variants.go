package faulty

import "slices"

// allVariants lists the correct servers by what they are free in.
func allVariants() []Variant {
	return slices.Concat(
		connectionVariants(),
		headerVariants(),
		bodyVariants(),
		identityVariants(),
		surroundingVariants(),
	)
}

func strict(name, summary string, apply func(*behaviour)) Variant {
	return Variant{Name: name, Summary: summary, Strict: true, apply: apply}
}
