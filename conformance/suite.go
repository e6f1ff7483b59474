package conformance

import "slices"

// Cases lists the suite's cases, in the order in which reports show them. The caller may keep and change what it gets.
func Cases() []Case {
	return slices.Concat(
		deleteCases(),
		effectCases(),
		historyCases(),
		authorizationCases(),
		notFoundCases(),
		authenticationCases(),
		errorCases(),
		idCases(),
		pathCases(),
		bodyCases(),
		strayCases(),
		connectionCases(),
		getCases(),
		listCases(),
		unsaveCases(),
		concurrencyCases(),
		sequenceCases(),
		timingCases(),
	)
}
