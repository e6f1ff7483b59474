package conformance

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"strings"
)

// Pattern is a glob over case ids, as with [WithRun], and a reason.
type Pattern struct {
	Glob string
	// Reason says why the cases are listed, or where that is tracked. It may be empty.
	Reason string
}

// ReadPatterns reads a file with a pattern on each line. Its reason is the comment after #, or the
// comment lines right above it. A file without patterns is an error.
func ReadPatterns(path string) ([]Pattern, error) {
	lines, err := readLines(path)
	if err != nil {
		return nil, err
	}
	var patterns []Pattern
	var above []string
	for _, l := range lines {
		switch {
		case l.text == "" && l.comment == "":
			above = nil
		case l.text == "":
			above = append(above, l.comment)
		default:
			patterns = append(patterns, Pattern{Glob: l.text, Reason: cmp.Or(l.comment, strings.Join(above, " "))})
		}
	}
	if len(patterns) == 0 {
		return nil, fmt.Errorf("%s has no pattern: write one on each line, or leave the file out", path)
	}
	return patterns, nil
}

// patternLine is a line of a file of patterns, with its comment apart.
type patternLine struct{ text, comment string }

// readLines reads a file of patterns.
func readLines(path string) ([]patternLine, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []patternLine
	scanner := bufio.NewScanner(f)
	for number := 1; scanner.Scan(); number++ {
		text, comment, _ := strings.Cut(scanner.Text(), "#")
		text = strings.TrimSpace(text)
		if strings.ContainsAny(text, " \t") {
			return nil, fmt.Errorf("%s:%d: %q has spaces: write one pattern on each line, and a reason after #",
				path, number, text)
		}
		lines = append(lines, patternLine{text, strings.TrimSpace(comment)})
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return lines, nil
}
