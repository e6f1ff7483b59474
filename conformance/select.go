package conformance

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// pattern is a glob over case ids: * stands for anything within a segment, ** for anything at all.
type pattern struct {
	text   string
	regexp *regexp.Regexp
}

// parsePattern reads a glob. The option is for messages.
func parsePattern(option, text string) (pattern, error) {
	if strings.TrimSpace(text) == "" {
		return pattern{}, &OptionError{option, "an empty pattern selects nothing: give a case id or a glob such as 'delete-track/*'"}
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "**"):
			b.WriteString(".*")
			i++
		case text[i] == '*':
			b.WriteString("[^/]*")
		case text[i] == '?':
			b.WriteString("[^/]")
		default:
			b.WriteString(regexp.QuoteMeta(text[i : i+1]))
		}
	}
	b.WriteString("$")
	compiled, err := regexp.Compile(b.String())
	if err != nil {
		return pattern{}, &OptionError{option, fmt.Sprintf("%q is no pattern", text)}
	}
	return pattern{text, compiled}, nil
}

// parsePatterns reads globs, of which each has to match a case of the suite: no typing error silently changes a run.
func parsePatterns(option string, texts []string, cases []Case) ([]pattern, error) {
	var patterns []pattern
	for _, text := range texts {
		p, err := parsePattern(option, text)
		if err != nil {
			return nil, err
		}
		if !p.matchesAny(cases) {
			return nil, &OptionError{option, fmt.Sprintf("%q matches no case: `mtrack-conformance list` lists them", text)}
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

func (p pattern) matches(id string) bool { return p.regexp.MatchString(id) }

func (p pattern) matchesAny(cases []Case) bool {
	for _, c := range cases {
		if p.matches(c.ID) {
			return true
		}
	}
	return false
}

func anyMatches(patterns []pattern, id string) bool {
	for _, p := range patterns {
		if p.matches(id) {
			return true
		}
	}
	return false
}

// ExpandPatterns reads the value of an option that takes globs separated by commas, or @FILE with one on each line and
// comments behind #.
func ExpandPatterns(option, value string) ([]string, error) {
	var patterns []string
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		path, isFile := strings.CutPrefix(item, "@")
		if !isFile {
			patterns = append(patterns, item)
			continue
		}
		lines, err := readLines(option, path)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if text := l.text; text != "" {
				patterns = append(patterns, text)
			}
		}
	}
	if len(patterns) == 0 {
		return nil, &OptionError{option, fmt.Sprintf("%q holds no pattern", value)}
	}
	return patterns, nil
}

// patternLine is a line of a file of patterns.
type patternLine struct{ text, comment string }

// readLines reads a file of patterns.
func readLines(option, path string) ([]patternLine, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &OptionError{option, err.Error()}
	}
	defer f.Close()
	var lines []patternLine
	scanner := bufio.NewScanner(f)
	for number := 1; scanner.Scan(); number++ {
		text, comment, _ := strings.Cut(scanner.Text(), "#")
		text = strings.TrimSpace(text)
		if strings.ContainsAny(text, " \t") {
			return nil, &OptionError{option, fmt.Sprintf("%s:%d: %q holds spaces: one pattern on each line, a reason behind #", path, number, text)}
		}
		lines = append(lines, patternLine{text, strings.TrimSpace(comment)})
	}
	if err := scanner.Err(); err != nil {
		return nil, &OptionError{option, fmt.Sprintf("%s: %v", path, err)}
	}
	return lines, nil
}
