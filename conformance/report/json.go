package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

//go:embed report.schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of the JSON report of version ReportVersion. The caller may change what it
// gets.
func Schema() []byte { return slices.Clone(schema) }

// WriteJSON writes the report in the form that ReportSchema describes.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// ReadReport reads what WriteJSON wrote. Fields that it does not know are ignored; a report of another version is refused.
func ReadReport(in io.Reader) (*Report, error) {
	var r Report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return nil, fmt.Errorf("not a JSON report of a conformance run: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("the report is of version %d; this suite reads version %d", r.Version, Version)
	}
	return &r, nil
}
