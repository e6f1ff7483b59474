package report

import (
	"fmt"
	"strings"
)

// group is cases of one outcome that found the same.
type group struct {
	Finding string // what they found
	Cases   []Case
}

// groups are the cases of an outcome by what they found, in the order of the first of each.
func (r *Report) groups(outcome Outcome) []group {
	everywhere := ""
	if outcome == Failed {
		everywhere = r.sameEverywhere()
	}
	var groups []group
	index := map[string]int{}
	for _, c := range r.Cases {
		if c.Outcome != outcome {
			continue
		}
		finding := c.finding()
		if everywhere != "" {
			finding = everywhere
		}
		i, known := index[finding]
		if finding == "" || !known {
			i = len(groups)
			groups = append(groups, group{Finding: finding})
			index[finding] = i
		}
		groups[i].Cases = append(groups[i].Cases, c)
	}
	return groups
}

// finding is what a case found, "" if that is not known.
func (c Case) finding() string {
	if c.Outcome != Errored || c.Finding != "" {
		return c.Finding
	}
	line, _, _ := strings.Cut(c.Reason, "\n")
	return line
}

// manyExchanges is how many of them say something of the target as a whole.
const manyExchanges = 30

// sameEverywhere says which status all responses had, if they had the same to every operation: that
// is one cause, whatever the cases expected. Otherwise it is "".
func (r *Report) sameEverywhere() string {
	exchanges := 0
	for _, c := range r.Coverage {
		if c.Status != r.Coverage[0].Status {
			return ""
		}
		exchanges += c.Exchanges
	}
	if exchanges < manyExchanges {
		return ""
	}
	return fmt.Sprintf("every response was %d, whoever asked for what", r.Coverage[0].Status)
}

// Title is what a group is called: "96 cases: outsider's GET expected 404, got 200".
func (g group) Title() string { return plural(len(g.Cases), "case") + ": " + g.Finding }
