package config

import (
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/typo"
)

// suggestion names what was meant by an unknown word, or all words where they are few.
func suggestion(word string, known []string) string {
	best, least := "", 1+len(word)/2
	for _, k := range known {
		if d := typo.Distance(word, k); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return ": did you mean " + best + "?"
	case len(known) <= 10:
		return ": use one of " + strings.Join(known, ", ")
	}
	return ": `mtrack-spec rules` lists them"
}
