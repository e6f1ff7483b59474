package finding

import (
	"encoding/json"
	"io"
)

// jsonReport is the JSON form of a report. Fields are only ever added.
type jsonReport struct {
	Tool     string    `json:"tool"`
	Version  string    `json:"version"`
	Files    []string  `json:"files"`
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Notes    int       `json:"notes"`
	Findings []Finding `json:"findings"`
}

func writeJSON(w io.Writer, r Report) error {
	out := jsonReport{
		Tool: r.Tool, Version: r.Version, Files: r.Files,
		Errors: Count(r.Findings, Error), Warnings: Count(r.Findings, Warning), Notes: Count(r.Findings, Note),
		Findings: r.Findings,
	}
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	if out.Files == nil {
		out.Files = []string{}
	}
	return WriteJSON(w, out)
}

// WriteJSON writes a value in the way in which all JSON of the gate is written:
// indented, and with <, > and & as they are.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
