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

// Catalog returns the requirements by id. The error says which case does not fit to them.
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
