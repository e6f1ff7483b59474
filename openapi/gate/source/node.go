package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// parse fills Root. It returns the keys that are given twice.
func (f *File) parse() (problems []Problem, err error) {
	defer func() {
		if p := recover(); p != nil {
			problems, err = nil, f.unusable(nil, "the YAML parser cannot read this file", "Look for stray control characters")
		}
	}()
	data := f.Data
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, f.unusable(nil, "the file is empty", "")
	}
	if err := f.encoding(); err != nil {
		return nil, err
	}
	if strings.EqualFold(path.Ext(f.Name), ".json") {
		if err := f.jsonSyntax(); err != nil {
			return nil, err
		}
	}
	if bytes.IndexByte(data, '\t') >= 0 && json.Valid(data) {
		// JSON may be indented with tabs, which YAML forbids. Outside of strings, where
		// JSON does not allow them, one space for one tab moves nothing.
		data = bytes.ReplaceAll(data, []byte{'\t'}, []byte{' '})
		f.Data = data
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, f.unusable(nil, "the file contains nothing but comments", "")
		}
		return nil, f.syntaxError(err)
	}
	if len(doc.Content) == 0 {
		return nil, f.unusable(nil, "the file is empty", "")
	}
	f.Root = doc.Content[0]
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return nil, f.unusable(&second, "the file contains more than one YAML document", "Put each into its own file")
	} else if !errors.Is(err, io.EOF) {
		return nil, f.syntaxError(err)
	}
	if f.Root.Kind != yaml.MappingNode {
		return nil, f.unusable(f.Root, "this is not an OpenAPI document: its top is "+kindName(f.Root)+", not a mapping", "")
	}
	m := measure{file: f, done: map[*yaml.Node]extent{}}
	if _, err := m.visit(f.Root); err != nil {
		return nil, err
	}
	return f.duplicateKeys(), nil
}

func (f *File) unusable(n *yaml.Node, reason, next string) *UnusableError {
	return &UnusableError{Position: f.position(n), Reason: reason, Next: next}
}

// encoding rejects text that is not UTF-8, and control characters, at their place.
// A byte order mark of UTF-16 announces what the parser can read too.
func (f *File) encoding() error {
	if bytes.HasPrefix(f.Data, []byte{0xff, 0xfe}) || bytes.HasPrefix(f.Data, []byte{0xfe, 0xff}) {
		return nil
	}
	for i := 0; i < len(f.Data); {
		r, size := utf8.DecodeRune(f.Data[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			return &UnusableError{Position: f.positionAt(i), Reason: "the file is not UTF-8", Next: "Save it as UTF-8"}
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return &UnusableError{
				Position: f.positionAt(i),
				Reason:   fmt.Sprintf("not valid YAML: the control character U+%04X is not allowed", r), Next: "Remove it",
			}
		}
		i += size
	}
	return nil
}

// jsonSyntax rejects what only a YAML parser would accept: a file that is named
// .json is read by JSON parsers.
func (f *File) jsonSyntax() error {
	data := bytes.TrimPrefix(f.Data, []byte("\ufeff"))
	dec := json.NewDecoder(bytes.NewReader(data))
	var value json.RawMessage
	err := dec.Decode(&value)
	at, end := int64(0), dec.InputOffset()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at = max(syntax.Offset-1, 0)
	case err != nil:
		at = int64(len(data))
	case len(bytes.TrimSpace(data[end:])) > 0:
		at, err = end, errors.New("something follows the document")
	default:
		return nil
	}
	return &UnusableError{
		Position: f.positionAt(int(at) + len(f.Data) - len(data)),
		Reason:   "not valid JSON: " + err.Error(), Next: "Correct it, or name the file .yaml if it is YAML",
	}
}

// positionAt returns the line and the column, in characters, of a byte.
func (f *File) positionAt(offset int) finding.Position {
	before := string(f.Data[:min(offset, len(f.Data))])
	start := strings.LastIndexByte(before, '\n') + 1
	return finding.Position{
		File: f.Display, Line: strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(strings.TrimPrefix(before[start:], "\ufeff")) + 1,
	}
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError gives a parser's message its place, where the parser says it.
func (f *File) syntaxError(err error) error {
	e := f.unusable(nil, "not valid YAML: "+err.Error(), "")
	if m := yamlErrorLine.FindStringSubmatch(firstLine(err.Error())); m != nil {
		// The parser leaves out the line when it is the first.
		e.Position.Line, e.Position.Column = 1, 1
		e.Reason = "not valid YAML: " + m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			e.Position.Line = line
		}
	}
	if m := unknownAnchor.FindStringSubmatch(e.Reason); m != nil {
		// The parser never says on which line.
		if i := regexp.MustCompile(`\*` + regexp.QuoteMeta(m[1]) + `\b`).FindIndex(f.Data); i != nil {
			e.Position = f.positionAt(i[0])
		}
		e.Next = "An anchor has to come before its aliases: move it up, or correct the name"
	}
	if lines := bytes.Split(f.Data, []byte("\n")); e.Position.Line <= len(lines) {
		indent := bytes.TrimLeft(lines[e.Position.Line-1], " ")
		if bytes.HasPrefix(indent, []byte("\t")) {
			e.Next = "Indent with spaces: YAML forbids tabs"
		}
	}
	return e
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '([^']+)' referenced`)

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// extent is how large a value is once its aliases are written out.
type extent struct{ values, height int }

// measure bounds depth and size after alias expansion, without expanding.
type measure struct {
	file *File
	done map[*yaml.Node]extent
}

func (m measure) visit(n *yaml.Node) (extent, error) {
	if n.Kind == yaml.AliasNode {
		return m.visit(n.Alias)
	}
	if e, ok := m.done[n]; ok {
		if e == (extent{}) {
			// Still being measured: this is an alias to a value that contains it.
			return e, m.file.unusable(n, fmt.Sprintf("the YAML anchor %q contains itself", n.Anchor), "Use $ref for recursive schemas")
		}
		return e, nil
	}
	m.done[n] = extent{}
	if n.Kind == yaml.MappingNode && len(n.Content)/2 > maxEntries {
		return extent{}, m.file.unusable(n, fmt.Sprintf("a mapping has more than %d entries", maxEntries), "Spread it over several files")
	}
	total := extent{values: 1}
	for _, child := range n.Content {
		e, err := m.visit(child)
		if err != nil {
			return e, err
		}
		total.values += e.values
		total.height = max(total.height, e.height)
		if total.values > maxValues {
			return e, m.file.unusable(child,
				fmt.Sprintf("written out, the YAML aliases stand for more than %d values", maxValues), "Use $ref in place of nested aliases")
		}
	}
	if total.height++; total.height > maxDepth {
		return total, m.file.unusable(n,
			fmt.Sprintf("the document is nested more than %d levels deep", maxDepth), "Name the inner parts under components and refer to them")
	}
	m.done[n] = total
	return total, nil
}

// indexFrom is the number of entries from which a mapping is worth an index.
const indexFrom = 24

// duplicateKeys finds mappings in which a key appears twice. Parsers disagree on
// which of the two counts. On its way it indexes the large mappings, so that a
// document with many references is not searched in quadratic time.
func (f *File) duplicateKeys() []Problem {
	var problems []Problem
	var visit func(n *yaml.Node, ptr Pointer)
	visit = func(n *yaml.Node, ptr Pointer) {
		switch n.Kind {
		case yaml.MappingNode:
			first := map[string]*yaml.Node{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				key := n.Content[i]
				if earlier, ok := first[key.Value]; ok && key.Kind == yaml.ScalarNode && key.Value != "<<" {
					problems = append(problems, Problem{
						Rule: RuleDuplicateKey, Position: f.position(key), Pointer: ptr.At(key.Value).String(),
						Message: fmt.Sprintf("the key %q appears twice in this mapping, first on line %d", key.Value, earlier.Line),
					})
				}
				first[key.Value] = key
				visit(n.Content[i+1], ptr.At(key.Value))
			}
			if len(n.Content)/2 >= indexFrom {
				f.index[n] = make(map[string]int, len(n.Content)/2)
				for i := 0; i+1 < len(n.Content); i += 2 {
					f.index[n][n.Content[i].Value] = i
				}
			}
		case yaml.SequenceNode:
			for i, child := range n.Content {
				visit(child, ptr.At(strconv.Itoa(i)))
			}
		}
	}
	visit(f.Root, nil)
	return problems
}

// position returns where n starts; nil stands for the file as a whole.
func (f *File) position(n *yaml.Node) finding.Position {
	if n == nil {
		return finding.Position{File: f.Display}
	}
	return finding.Position{File: f.Display, Line: n.Line, Column: n.Column}
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// pair returns the key and the value of an entry of a mapping, also of one that
// comes in by a merge key, or nil.
func (f *File) pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	if k, v := f.ownPair(n, key); k != nil {
		return k, v
	}
	_, merge := f.ownPair(n, "<<")
	merge = follow(merge)
	if merge == nil {
		return nil, nil
	}
	if merge.Kind == yaml.SequenceNode {
		for _, m := range merge.Content {
			if k, v := f.pair(m, key); k != nil {
				return k, v
			}
		}
		return nil, nil
	}
	return f.pair(merge, key)
}

// ownPair is pair for the entries that stand in the mapping itself.
func (f *File) ownPair(n *yaml.Node, key string) (k, v *yaml.Node) {
	if index, ok := f.index[n]; ok {
		if i, ok := index[key]; ok {
			return n.Content[i], n.Content[i+1]
		}
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func kindName(n *yaml.Node) string {
	switch follow(n).Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return "a single value"
}
