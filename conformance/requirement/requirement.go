package requirement

import "strings"

// Level says how much a requirement binds.
type Level string

const (
	// Must marks what the documentation says or what follows from it. Breaking it is not
	// conforming.
	Must Level = "MUST"
	// Should marks good practice and this project's reading. Breaking it is a warning, and a
	// failure with WithStrict.
	Should Level = "SHOULD"
)

// Requirement is one statement of the documentation, or of a decision about what it leaves open,
// that an implementation keeps or breaks.
type Requirement struct {
	ID    ID    `json:"id"`
	Level Level `json:"level"`
	// Operation is "" where the statement is about every operation.
	Operation Operation `json:"operation,omitempty"`
	Statement string    `json:"statement"`
	Source    Source    `json:"source"`
	// Why says what goes wrong for a caller or an operator where it is broken.
	Why string `json:"why"`
}

// Source is where a requirement comes from.
type Source struct {
	Page    string `json:"page"`
	Section string `json:"section,omitempty"`
	// Quote is the fact in a few words of our own.
	Quote string `json:"quote,omitempty"`
	// Inferred is set where no page says it.
	Inferred bool `json:"inferred,omitempty"`
}

// String names the source in a line.
func (s Source) String() string {
	parts := []string{s.Page}
	if s.Section != "" {
		parts = append(parts, s.Section)
	}
	line := strings.Join(parts, ", ")
	if s.Quote != "" {
		line += ": " + s.Quote
	}
	if s.Inferred {
		line += " (inferred)"
	}
	return line
}
