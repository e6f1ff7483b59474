package source

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// The OpenAPI library says only in words why it rejects a document. These find in
// them the place, what is there, and what should be.
var (
	// faultLine starts each fault of the library's list.
	faultLine = regexp.MustCompile(`line (\d+): `)
	// faultPointer ends a fault with its place.
	faultPointer = regexp.MustCompile(` in (/\S*)$`)
	// faultKind is a value of another kind than the field has: "cannot construct
	// !!str `5` into uint64", "cannot unmarshal !!int into string field "title"".
	faultKind = regexp.MustCompile("^cannot (?:construct|unmarshal) !!(\\w+)(?: `[^`]*`)? into (\\S+)(?: field \"([^\"]+)\")?$")
	// faultTarget is a reference to something of another kind.
	faultTarget = regexp.MustCompile(`bad data in "([^"]+)"`)
)

// schemaAndContent is what the library says of a parameter that is described twice.
const schemaAndContent = "cannot contain both schema and content"

// problemsFromParser gives a place to what the OpenAPI library says of a document
// that it rejects. File is the one that it read last.
func (d *Document) problemsFromParser(err error, file *File) []Problem {
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	if m := faultTarget.FindStringSubmatch(text); m != nil {
		if at, ptr, ok := d.find(func(f *File, n *yaml.Node) *yaml.Node {
			if _, v := f.ownPair(n, "$ref"); v != nil && follow(v).Value == m[1] {
				return v
			}
			return nil
		}); ok {
			return []Problem{{RuleStructure, at, ptr.At("$ref").String(), "the reference leads to something of the wrong kind"}}
		}
		if _, ptr, ok := splitRef(file.Name, m[1]); ok {
			at := d.Position(Place{file.Name, ptr})
			return []Problem{{RuleStructure, at, ptr.String(), "what refers to this part expects something of another kind, or with other fields"}}
		}
	}
	if strings.Contains(text, schemaAndContent) {
		if at, ptr, ok := d.find(func(f *File, n *yaml.Node) *yaml.Node {
			for _, key := range []string{"name", "in", "schema", "content"} {
				if k, _ := f.pair(n, key); k == nil {
					return nil
				}
			}
			return n
		}); ok {
			return []Problem{{RuleStructure, at, ptr.String(), "the parameter has both a schema and content"}}
		}
	}
	starts := faultLine.FindAllStringSubmatchIndex(text, -1)
	if len(starts) == 0 {
		return []Problem{d.parserProblem(file, 1, text)}
	}
	var problems []Problem
	for i, s := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		line, _ := strconv.Atoi(text[s[2]:s[3]]) // digits
		problems = append(problems, d.parserProblem(file, line, strings.Trim(text[s[1]:end], "; ")))
	}
	return problems
}

// parserProblem turns one fault of the library's list into a problem.
func (d *Document) parserProblem(file *File, line int, text string) Problem {
	place, placed := Place{File: file.Name}, false
	if m := faultPointer.FindStringSubmatch(text); m != nil {
		place.Pointer, placed = ParsePointer(m[1])
		text = strings.TrimSuffix(text, m[0])
	}
	if m := faultKind.FindStringSubmatch(text); m != nil {
		if m[3] != "" {
			place = place.At(m[3])
		}
		text = "expected " + kindOfType(m[2]) + ", got " + kindOfTag(m[1])
	}
	at := d.Position(place)
	if !placed || at.Line < line && d.Node(place) == nil {
		// The library counts from the beginning of a part at times: only a line
		// that fits the place is trusted.
		at = finding.Position{File: file.Display, Line: max(line, 1), Column: 1}
	}
	return Problem{RuleStructure, at, place.Pointer.String(), text}
}

// find returns the first mapping of the description in which match finds a value.
func (d *Document) find(match func(f *File, n *yaml.Node) *yaml.Node) (at finding.Position, ptr Pointer, found bool) {
	for _, name := range d.FileNames() {
		f := d.Files[name]
		f.walk(func(here Pointer, n *yaml.Node) {
			if v := match(f, n); v != nil && !found {
				at, ptr, found = f.position(v), here, true
			}
		})
	}
	return at, ptr, found
}

// kindOfTag names a kind of value as a document has it.
func kindOfTag(tag string) string {
	switch tag {
	case "map":
		return "a mapping"
	case "seq":
		return "a list"
	case "str":
		return "a string"
	case "bool":
		return "a boolean"
	case "int", "float":
		return "a number"
	case "timestamp":
		return "a date"
	}
	return "nothing"
}

// kindOfType names the kind of value that the library would accept.
func kindOfType(name string) string {
	switch {
	case name == "string":
		return "a string"
	case name == "bool":
		return "a boolean"
	case strings.HasPrefix(name, "uint"):
		return "a whole number of at least 0"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "float"):
		return "a number"
	case name == "[]string":
		return "a list of strings"
	}
	switch strings.TrimPrefix(name, "openapi3.") {
	case "SchemaRefs", "Parameters", "SecurityRequirements", "Servers", "Tags":
		return "a list"
	}
	if strings.HasPrefix(name, "[]") {
		return "a list"
	}
	return "a mapping"
}
