package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// BaselineName is how the baseline is called, which stands beside the configuration.
const BaselineName = ".mtrack-spec-baseline.yaml"

// baselineHead explains the file to those who find it.
const baselineHead = `# Findings that were there when the gate was adopted, and are not reported. The list may only
# shrink: "%s" takes out what has been fixed, and adds nothing.
`

// Baseline is the findings that were there when the gate was adopted. The nil baseline has none.
type Baseline struct{ entries []entry }

// entry is findings of one rule at one place.
type entry struct {
	File, Rule string
	// At is the JSON pointer of the place, in which an entry of a list has no number: what is put
	// before it moves it. It has a name if it is a parameter, and else is *.
	At    string
	Count int

	position finding.Position
}

// key is what is the same for all findings of an entry.
type key struct{ file, rule, at string }

func (e entry) key() key { return key{e.File, e.Rule, e.At} }

func (e entry) place() string { return strings.TrimSuffix(e.File+"#"+e.At, "#") }

func keyOf(f finding.Finding, seen Seen) key {
	numbers := strings.Split(f.Pointer, "/")
	steps := slices.Clone(numbers)
	for i, step := range numbers {
		// A status is a key, with three digits.
		if _, err := strconv.Atoi(step); err != nil || len(step) > 2 {
			continue
		}
		steps[i] = "*"
		if seen.Item == nil {
			continue
		}
		if name := seen.Item(f.File, strings.Join(numbers[:i+1], "/")); name != "" {
			steps[i] = name
		}
	}
	return key{seen.Locate(f.File), f.Rule, strings.Join(steps, "/")}
}

// LoadBaseline reads a baseline, and returns nil where there is no such file. A rule that it names
// and that does not exist is no error: the entry goes as one that has been fixed does.
func LoadBaseline(name string) (*Baseline, error) {
	data, err := read(name, maxBaselineBytes)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &parser{file: name}
	b := &Baseline{}
	root, err := p.root(data)
	if err != nil || root == nil {
		return b, err
	}
	p.items(root, func(item *yaml.Node) {
		e := entry{position: p.at(item)}
		p.mapping(item, "an entry of the baseline", map[string]func(*yaml.Node){
			"file": func(n *yaml.Node) { e.File = p.text(n) },
			"rule": func(n *yaml.Node) { e.Rule = p.text(n) },
			"at":   func(n *yaml.Node) { e.At = n.Value },
			"count": func(n *yaml.Node) {
				count, err := strconv.Atoi(n.Value)
				if err != nil || count < 1 {
					p.wrong(n, "expected a number from 1 on, found %q", n.Value)
				}
				e.Count = count
			},
		})
		b.entries = append(b.entries, e)
	})
	return b, errors.Join(p.mistakes...)
}

// NewBaseline returns the baseline of the findings that a check shows without one.
func NewBaseline(findings []finding.Finding, seen Seen) *Baseline {
	count := map[key]int{}
	for _, f := range findings {
		count[keyOf(f, seen)]++
	}
	b := &Baseline{}
	for k, n := range count {
		b.entries = append(b.entries, entry{File: k.file, Rule: k.rule, At: k.at, Count: n})
	}
	return b
}

// Len returns the number of findings that the baseline accepts.
func (b *Baseline) Len() int {
	n := 0
	for _, e := range b.entries {
		n += e.Count
	}
	return n
}

// Shrunk returns the baseline without what has been fixed. Found is everything that a check has
// found.
func (b *Baseline) Shrunk(found []finding.Finding, seen Seen) *Baseline {
	_, fixed := b.accept(found, seen)
	left := &Baseline{}
	for _, e := range b.entries {
		for _, gone := range fixed {
			if gone.position == e.position {
				e.Count -= gone.Count
			}
		}
		if e.Count > 0 {
			left.entries = append(left.entries, e)
		}
	}
	return left
}

// accept takes out of findings what the baseline accepts. Fixed are the entries of files that
// were seen for which there are fewer findings, with the number of those that are missing.
func (b *Baseline) accept(findings []finding.Finding, seen Seen) (rest []finding.Finding, fixed []entry) {
	if b == nil {
		return findings, nil
	}
	left := map[key]int{}
	for _, e := range b.entries {
		left[e.key()] += e.Count
	}
	unnamed := seen
	unnamed.Item = nil // as in a baseline that was written before parameters had names
	for _, f := range findings {
		k := keyOf(f, seen)
		if left[k] == 0 {
			k = keyOf(f, unnamed)
		}
		if left[k] > 0 {
			left[k]--
			continue
		}
		rest = append(rest, f)
	}
	read := map[string]bool{}
	for _, file := range seen.Files {
		read[seen.Locate(file)] = true
	}
	for _, e := range b.entries {
		if n := min(left[e.key()], e.Count); n > 0 && (seen.All || read[e.File]) {
			left[e.key()] -= n
			e.Count = n
			fixed = append(fixed, e)
		}
	}
	return rest, fixed
}

// Write writes the baseline to a file, one entry a line, so that versions of it are easily
// compared and merged. Command is what takes out of it what has been fixed.
func (b *Baseline) Write(name, command string) error {
	entries := slices.Clone(b.entries)
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.At, b.At), cmp.Compare(a.Rule, b.Rule))
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, baselineHead, command)
	for _, e := range entries {
		fmt.Fprintf(&out, "- {file: %s, rule: %s, at: %s, count: %d}\n", strconv.Quote(e.File), e.Rule, strconv.Quote(e.At), e.Count)
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}
