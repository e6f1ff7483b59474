package conformance

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"strings"
)

// Pattern is a case id or a glob over ids: * stands for anything within a segment, ** for anything.
type Pattern struct {
	Glob string
	// Reason is for people: why a case is known to fail, or where that is tracked. It may be empty.
	Reason string
}

// ReadPatterns reads a file with one pattern on each line. The reason is the comment behind it, or the comment lines right
// above it. A file without a pattern is an error.
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
		return nil, fmt.Errorf("%s holds no pattern: write one on each line, or leave the file out", path)
	}
	return patterns, nil
}

// patternLine is a line of a file of patterns.
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
			return nil, fmt.Errorf("%s:%d: %q holds spaces: write one pattern on each line, and a reason behind #", path, number, text)
		}
		lines = append(lines, patternLine{text, strings.TrimSpace(comment)})
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return lines, nil
}
