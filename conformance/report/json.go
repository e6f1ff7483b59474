package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

//go:embed report.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of the JSON form of a report of this [Version].
func Schema() []byte { return slices.Clone(schema) }

// WriteJSON writes the report in the form of [Schema].
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(plain.NewWriter(w)) // still the same document
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Read reads a report that [Report.WriteJSON] wrote. It ignores fields that it does not know, and
// refuses a report of another [Version].
func Read(in io.Reader) (*Report, error) {
	var r Report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return nil, fmt.Errorf("not a JSON report of a conformance run: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("the report is of version %d; this suite reads version %d", r.Version, Version)
	}
	return &r, nil
}
