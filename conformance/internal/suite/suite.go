package suite

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Suite is what a run is made of for one contract. The runner knows a contract by nothing else.
type Suite struct {
	// Name and version identify the suite: in reports, and as the User-Agent of its requests.
	Name, Version string
	Cases         []Case
	Requirements  []requirement.Requirement
	// Contract is the OpenAPI document that every exchange is judged by, and contractName how messages name it.
	Contract     []byte
	ContractName string
	// ProbePath is asked for before the first case, to see whether there is a target at all.
	ProbePath string
	// Serves finds out what a target serves beyond its profile.
	Serves Probe
}

// Catalog is the requirements of a suite by id.
type Catalog map[requirement.ID]requirement.Requirement

// Level is the level of a case: that of its requirements, which have one in common.
func (c Catalog) Level(of Case) requirement.Level { return c[of.Requirements[0]].Level }

// Catalog returns the suite's requirements. The error says which case does not fit to them.
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
				return nil, fmt.Errorf("case %s names requirement %s, which is missing or of another level than its others",
					id, required)
			}
		}
	}
	return catalog, nil
}
