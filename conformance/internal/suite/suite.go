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
	// BasePath begins every path of the contract. A target's URL ends in front of it.
	BasePath string
	// ProbePaths are the paths of the requests that find out whether there is a target, at least one.
	// The speed of the target is measured with the first.
	ProbePaths []string
	// EventTypes are the types of the events in a history that the cases know. Others are ignored.
	EventTypes []string
	// Serves finds out what the target serves beyond its profile.
	Serves Probe
}

// Catalog is the requirements of a suite by id.
type Catalog map[requirement.ID]requirement.Requirement

// Level is the level of a case: that of its requirements, which have one in common.
func (c Catalog) Level(of Case) requirement.Level { return c[of.Requirements[0]].Level }

// Catalog returns the suite's requirements. The error names a case that does not fit them.
func (s Suite) Catalog() (Catalog, error) {
	catalog := Catalog{}
	for _, r := range s.Requirements {
		catalog[r.ID] = r
	}
	seen := map[string]bool{}
	for _, c := range s.Cases {
		id := c.ID()
		if seen[id] || c.Area == "" || c.Slug == "" {
			return nil, fmt.Errorf("two cases are called %q, or one lacks its area or its slug", id)
		}
		seen[id] = true
		if len(c.Requirements) == 0 {
			return nil, fmt.Errorf("case %s names no requirement", id)
		}
		for _, required := range c.Requirements {
			if r, ok := catalog[required]; !ok || r.Level != catalog.Level(c) {
				return nil, fmt.Errorf("case %s names requirement %s, which is missing "+
					"or of another level than its others",
					id, required)
			}
		}
	}
	return catalog, nil
}
