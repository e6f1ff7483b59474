// Package suite is what a case is and what it works with: [Case], [Client] and the errors by which
// a case ends, and the [Suite] of cases for one contract.
//
// The cases, and the packages that help to write them (expect, oracle, explore), call it, and so
// does the runner. It imports wire, contract, requirement and provision.
package suite

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Suite is everything that a run needs to know of one contract.
type Suite struct {
	// Name and Version identify the suite, in reports and in the User-Agent of its requests.
	Name, Version string
	Cases         []Case
	Requirements  []requirement.Requirement
	// Contract is the OpenAPI document that every response is judged by; ContractName is how
	// messages name it.
	Contract     []byte
	ContractName string
	// ProbePath is the path of the requests that find out whether there is a target.
	ProbePath string
	// Serves finds out what the target serves beyond its profile.
	Serves Probe
}

// Catalog returns the requirements by id. The error names a case that does not fit them.
func (s Suite) Catalog() (map[string]requirement.Requirement, error) {
	catalog := map[string]requirement.Requirement{}
	for _, r := range s.Requirements {
		catalog[r.ID] = r
	}
	seen := map[string]bool{}
	for _, c := range s.Cases {
		if seen[c.ID] || c.ID == "" {
			return nil, fmt.Errorf("two cases are called %q, or one has no id", c.ID)
		}
		seen[c.ID] = true
		if len(c.Requirements) == 0 {
			return nil, fmt.Errorf("case %s names no requirement", c.ID)
		}
		for _, id := range c.Requirements {
			if r, ok := catalog[id]; !ok || r.Level != catalog[c.Requirements[0]].Level {
				return nil, fmt.Errorf("case %s names requirement %s, which is missing or of another level than its others", c.ID, id)
			}
		}
	}
	return catalog, nil
}
