package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Error is a mistake in a configuration.
type Error struct {
	Position finding.Position
	// Problem says what is wrong, and then what to do.
	Problem string
}

// Error implements error.
func (e *Error) Error() string { return e.Position.String() + ": " + e.Problem }

// Parse reads the text of a configuration. Name is how errors call the file, and dir what its
// paths are relative to. The error holds an [*Error] for each mistake.
func Parse(name, dir string, data []byte, known Known) (*Config, error) {
	c := &Config{Dir: dir, File: name}
	p := &parser{file: name, known: known}
	root, err := p.root(data)
	if err != nil || root == nil {
		return c, err
	}
	p.mapping(root, "", map[string]func(*yaml.Node){
		"preset":    func(n *yaml.Node) { c.Preset = p.preset(n) },
		"rules":     func(n *yaml.Node) { c.Rules = p.rules(n) },
		"paths":     func(n *yaml.Node) { c.Paths = p.paths(n) },
		"documents": func(n *yaml.Node) { c.Documents = p.globs(n) },
		"envelope":  func(n *yaml.Node) { c.Envelope = p.text(n) },
		"accepted":  func(n *yaml.Node) { c.Accepted = p.accepted(n, "rule", known.Check) },
		"diff": func(n *yaml.Node) {
			p.mapping(n, "diff", map[string]func(*yaml.Node){
				"accepted": func(n *yaml.Node) { c.Diff.Accepted = p.accepted(n, "kind of change", known.Diff) },
			})
		},
	})
	return c, errors.Join(p.mistakes...)
}

// parser collects the mistakes of one file.
type parser struct {
	file     string
	known    Known
	mistakes []error
}

func (p *parser) at(n *yaml.Node) finding.Position {
	return finding.Position{File: p.file, Line: n.Line, Column: n.Column}
}

func (p *parser) wrong(n *yaml.Node, format string, args ...any) {
	p.mistakes = append(p.mistakes, &Error{p.at(n), fmt.Sprintf(format, args...)})
}

// root returns the top value of a text, or nil where it has none.
func (p *parser) root(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s: not valid YAML: %s", p.file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one YAML document: write one", p.file)
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	return root, nil
}

// mapping calls for each key of a mapping what reads its value. Of names the mapping, "" for the
// whole file.
func (p *parser) mapping(n *yaml.Node, of string, keys map[string]func(*yaml.Node)) {
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	p.entries(n, func(key, value *yaml.Node) {
		if readValue, ok := keys[key.Value]; ok {
			readValue(value)
			return
		}
		if of == "" {
			p.wrong(key, "unknown key %q%s", key.Value, suggestion(key.Value, names))
		} else {
			p.wrong(key, "unknown key %q in %s%s", key.Value, of, suggestion(key.Value, names))
		}
	})
}

// entries calls each for the entries of a mapping.
func (p *parser) entries(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, "expected a mapping, found %s", kind(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.wrong(key, "expected a key, found %s", kind(key))
		case seen[key.Value]:
			p.wrong(key, "the key %q appears twice: remove one of them", key.Value)
		default:
			seen[key.Value] = true
			each(key, value)
		}
	}
}

// items calls each for the entries of a list.
func (p *parser) items(n *yaml.Node, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		p.wrong(n, "expected a list, found %s", kind(n))
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

// text reads a text that is not empty.
func (p *parser) text(n *yaml.Node) string {
	text := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || text == "" {
		p.wrong(n, "expected a text, found %s", kind(n))
		return ""
	}
	return text
}

// word reads one of a few words, called what.
func (p *parser) word(n *yaml.Node, what string, allowed []string) string {
	text := p.text(n)
	if text != "" && !slices.Contains(allowed, text) {
		p.wrong(n, "unknown %s %q%s", what, text, suggestion(text, allowed))
		return ""
	}
	return text
}

func (p *parser) preset(n *yaml.Node) Preset {
	var names []string
	for _, preset := range Presets() {
		names = append(names, string(preset))
	}
	return Preset(p.word(n, "preset", names))
}

// levels are those that a rule may have.
var levels = []string{string(finding.Error), string(finding.Warning), string(finding.Note), string(finding.Off)}

// rules reads the levels of rules.
func (p *parser) rules(n *yaml.Node) map[string]finding.Level {
	list := map[string]finding.Level{}
	p.entries(n, func(key, value *yaml.Node) {
		if id := p.word(key, "rule", p.known.Check); id != "" {
			list[id] = finding.Level(p.word(value, "level", levels))
		}
	})
	return list
}

func (p *parser) paths(n *yaml.Node) []Override {
	var list []Override
	p.items(n, func(item *yaml.Node) {
		var o Override
		p.mapping(item, "an entry of paths", map[string]func(*yaml.Node){
			"files":  func(n *yaml.Node) { o.Files = p.globs(n) },
			"preset": func(n *yaml.Node) { o.Preset = p.preset(n) },
			"rules":  func(n *yaml.Node) { o.Rules = p.rules(n) },
		})
		if item.Kind == yaml.MappingNode && len(o.Files) == 0 {
			p.wrong(item, "the entry of paths has no files: list the globs of those that it is about")
		}
		list = append(list, o)
	})
	return list
}

// globs reads a list of globs.
func (p *parser) globs(n *yaml.Node) []string {
	var list []string
	p.items(n, func(item *yaml.Node) {
		if glob := p.text(item); glob != "" {
			list = append(list, p.glob(item, glob))
		}
	})
	return list
}

// glob cleans a glob, and rejects one that matches nothing below the configuration.
func (p *parser) glob(n *yaml.Node, glob string) string {
	clean := path.Clean(glob)
	switch {
	case path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../"):
		p.wrong(n, "%q leads out of the directory of the configuration: name files below it", glob)
	case !doublestar.ValidatePattern(clean):
		p.wrong(n, "%q is not a glob: use *, ?, **, [a-z] and {a,b}", glob)
	}
	return clean
}

// accepted reads a list of findings that are accepted. What names their rules.
func (p *parser) accepted(n *yaml.Node, what string, rules []string) []Acceptance {
	var list []Acceptance
	p.items(n, func(item *yaml.Node) {
		a := Acceptance{Position: p.at(item)}
		before := len(p.mistakes)
		p.mapping(item, "an entry of accepted", map[string]func(*yaml.Node){
			"rule":   func(n *yaml.Node) { a.Rule = p.word(n, what, rules) },
			"where":  func(n *yaml.Node) { a.Where = p.where(n) },
			"reason": func(n *yaml.Node) { a.Reason = p.text(n) },
			"until":  func(n *yaml.Node) { a.Until = p.day(n) },
		})
		if len(p.mistakes) == before {
			for _, missing := range []struct{ key, value string }{{"rule", a.Rule}, {"where", string(a.Where)}, {"reason", a.Reason}} {
				if missing.value == "" {
					p.wrong(item, "the entry of accepted has no %s: it needs rule, where and reason", missing.key)
				}
			}
		}
		list = append(list, a)
	})
	return list
}

func (p *parser) where(n *yaml.Node) Where {
	w := Where(p.text(n))
	if _, ok := w.operation(); ok || w == "" {
		return w
	}
	glob, pointer, hasPointer := strings.Cut(string(w), "#")
	if hasPointer && !strings.HasPrefix(pointer, "/") {
		p.wrong(n, "%q has no JSON pointer after the #: write FILE, FILE#/POINTER or METHOD /path", w)
		return w
	}
	if glob = p.glob(n, glob); hasPointer {
		return Where(glob + "#" + pointer)
	}
	return Where(glob)
}

func (p *parser) day(n *yaml.Node) time.Time {
	text := p.text(n)
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil && text != "" {
		p.wrong(n, "%q is not a day: write it as 2006-01-31", n.Value)
	}
	return day
}

// kind says in words what a node is.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias: write it out"
	case strings.TrimSpace(n.Value) == "" || n.Tag == "!!null":
		return "nothing"
	}
	return "a text"
}
