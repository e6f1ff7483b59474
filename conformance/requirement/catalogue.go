package requirement

import "slices"

// The pages that requirements come from. What no page says is a decision of the contract, and
// marked as inferred.
const (
	pageDelete   = "/docs/api-reference/music/delete-track"
	pageGet      = "/docs/api-reference/music/get-track"
	pageList     = "/docs/api-reference/music/list-tracks"
	pageUnsave   = "/docs/api-reference/music/unsave-track"
	pageContract = "openapi/music.yaml"
)

// All lists the catalogue: every statement that the suite holds an implementation to, in the order
// in which reports show them. The caller may keep and change what it gets.
func All() []Requirement {
	return slices.Concat(
		deleteRequirements(),
		historyRequirements(),
		accessRequirements(),
		authenticationRequirements(),
		errorRequirements(),
		getRequirements(),
		listRequirements(),
		unsaveRequirements(),
		inputRequirements(),
	)
}

// documented is the source of what a page says.
func documented(page, section, quote string) Source {
	return Source{Page: page, Section: section, Quote: quote}
}

// decided is the source of what no page says and the contract does.
func decided(section, quote string) Source {
	return Source{Page: pageContract, Section: section, Quote: quote, Inferred: true}
}
