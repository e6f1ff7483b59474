package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// The part of SARIF 2.1.0 that code scanning services read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
		// ColumnKind is a promise about how columns are counted.
		ColumnKind string `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string       `json:"id"`
		ShortDescription     sarifText    `json:"shortDescription"`
		FullDescription      sarifText    `json:"fullDescription"`
		Help                 sarifText    `json:"help"`
		DefaultConfiguration sarifDefault `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifDefault struct {
		Level Level `json:"level"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           *int              `json:"ruleIndex,omitempty"`
		Level               Level             `json:"level"`
		Message             sarifText         `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

func writeSARIF(w io.Writer, r Report) error {
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: r.Tool, Version: r.Version, Rules: []sarifRule{}}},
		Results:    []sarifResult{},
		ColumnKind: "unicodeCodePoints",
	}
	index := map[string]int{}
	for i, rule := range r.Rules {
		index[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: rule.ID, ShortDescription: sarifText{rule.Title}, FullDescription: sarifText{rule.Why},
			Help: sarifText{rule.Fix}, DefaultConfiguration: sarifDefault{rule.Level},
		})
	}
	seen := map[string]int{}
	for _, f := range r.Findings {
		text := f.Message
		for _, d := range f.details() {
			text += "\n" + d.label + ": " + d.text
		}
		result := sarifResult{
			RuleID: f.Rule, Level: f.Level, Message: sarifText{text},
			PartialFingerprints: map[string]string{"mtrackSpec/v1": fingerprint(f, seen)},
		}
		if i, ok := index[f.Rule]; ok {
			result.RuleIndex = &i
		}
		physical := sarifPhysical{ArtifactLocation: sarifArtifact{URI: uri(r.locate(f.File))}}
		if f.Line > 0 {
			physical.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column}
		}
		result.Locations = []sarifLocation{{physical}}
		run.Results = append(run.Results, result)
	}
	return WriteJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// uri writes a path as a URI reference.
func uri(file string) string {
	u := url.URL{Path: filepath.ToSlash(file)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// fingerprint identifies a finding across edits that only move lines: it leaves
// line and column out, and counts equal findings.
func fingerprint(f Finding, seen map[string]int) string {
	key := strings.Join([]string{f.Rule, filepath.ToSlash(f.File), f.Pointer, f.Operation, f.Message}, "\x00")
	seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	return hex.EncodeToString(sum[:16])
}
