// Package config reads the gate's configuration, .mtrack-spec.yaml: the preset and the levels of
// rules, the documents of a repository, and the findings that it accepts.
//
// The file is read strictly: an unknown key, rule or level is an error at its place, which names
// what is nearest. Limits, and what may be read, are not in it: they protect who runs the gate
// from what is in the checkout, the configuration among it. The packages check and diff get from
// here what they apply, cmd/mtrack-spec finds and loads the file.
package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// FileName is how the configuration is called.
const FileName = ".mtrack-spec.yaml"

// The bounds on the sizes of a configuration and of a baseline. The findings of the largest
// documents that are known take a tenth of it.
const (
	maxBytes         = 1 << 20
	maxBaselineBytes = 32 << 20
)

// Preset names a choice of levels for all rules.
type Preset string

// The presets.
const (
	// Spec has as errors what OpenAPI forbids, and as warnings what it advises against. It is
	// the default.
	Spec Preset = "spec"
	// Recommended adds, as warnings, what makes a document better for those who read it.
	Recommended Preset = "recommended"
	// Strict has every rule as an error.
	Strict Preset = "strict"
)

// Presets returns all presets, the mildest first.
func Presets() []Preset { return []Preset{Spec, Recommended, Strict} }

// Config is a configuration. The zero value is the one of a repository that has none, but for its
// Dir. It is read-only once it is loaded, and safe for concurrent reading.
type Config struct {
	// Dir is the directory that paths in the configuration are relative to.
	Dir string
	// File is the configuration's file as messages call it, or "".
	File string
	// Preset is the preset of all documents, or "" where the file names none.
	Preset Preset
	// Rules are the levels of single rules.
	Rules map[string]finding.Level
	// Paths are other levels for some files; of two that match a file the later one wins.
	Paths []Override
	// Documents are globs of the documents, without the files that they refer to.
	Documents []string
	// Envelope names the schema that every error body has to follow, or is "".
	Envelope string
	// Accepted are findings of a check that stay as they are.
	Accepted []Acceptance
	// Diff is about the comparison of versions.
	Diff Diff
}

// Diff is what the configuration says about the comparison of versions.
type Diff struct {
	// Accepted are changes that are made knowingly.
	Accepted []Acceptance
}

// Override is other levels for the findings in some files.
type Override struct {
	// Files are globs.
	Files []string
	// Preset is the files' preset, or "" where they have that of all documents.
	Preset Preset
	Rules  map[string]finding.Level
}

// Default returns the configuration of a directory that has none.
func Default(dir string) *Config { return &Config{Dir: dir} }

// Known is the ids of the rules that a configuration may name.
type Known struct{ Check, Diff []string }

// Find returns the configuration for a working directory: the one in it, or in the nearest
// directory above it that is in the same git checkout. It returns "" where there is none.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	first, inside := filepath.Join(dir, FileName), ""
	for at := dir; ; at = filepath.Dir(at) {
		if name := filepath.Join(at, FileName); inside == "" && exists(name) {
			inside = name
		}
		if exists(filepath.Join(at, ".git")) {
			return inside, nil
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if inside == first { // without a checkout, no directory above is known to be the same project's
		return inside, nil
	}
	return "", nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// Load reads a configuration. An error names the file, and for each mistake its line and column.
func Load(name string, known Known) (*Config, error) {
	data, err := read(name, maxBytes)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	return Parse(name, dir, data, known)
}

// read reads a regular file of no more than max bytes.
func read(name string, max int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = fmt.Errorf("%s is larger than %d MiB: is it one of this tool?", name, max>>20)
	}
	return data, err
}
