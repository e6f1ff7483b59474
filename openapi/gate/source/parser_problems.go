package source

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// The OpenAPI library tells only in words why it refuses a document. These find
// the place in them, and what stands there in place of what.
var (
	// refusedLine starts each fault of the library's list.
	refusedLine = regexp.MustCompile(`line (\d+): `)
	// refusedPointer ends a fault with its place.
	refusedPointer = regexp.MustCompile(` in (/\S*)$`)
	// refusedKind is a value of another kind than the field has: "cannot construct
	// !!str `5` into uint64", "cannot unmarshal !!int into string field "title"".
	refusedKind = regexp.MustCompile("^cannot (?:construct|unmarshal) !!(\\w+)(?: `[^`]*`)? into (\\S+)(?: field \"([^\"]+)\")?$")
	// refusedTarget is a reference to something of another kind.
	refusedTarget = regexp.MustCompile(`bad data in "([^"]+)"`)
)

// bothWays is the library's word for a parameter that is described twice.
const bothWays = "cannot contain both schema and content"

// refused places what the OpenAPI library says of a document that it does not
// take. File is the one that it read last.
func (d *Document) refused(err error, file *File) []Problem {
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	if m := refusedTarget.FindStringSubmatch(text); m != nil {
		if at, ptr, ok := d.find(func(f *File, n *yaml.Node) *yaml.Node {
			if _, v := f.ownPair(n, "$ref"); v != nil && follow(v).Value == m[1] {
				return v
			}
			return nil
		}); ok {
			return []Problem{{RuleStructure, at, ptr.At("$ref").String(), "the reference leads to something of another kind than belongs here"}}
		}
		if _, ptr, ok := splitRef(file.Name, m[1]); ok {
			at := d.Position(Place{file.Name, ptr})
			return []Problem{{RuleStructure, at, ptr.String(), "what refers to this part asks for something of another kind, or of other fields"}}
		}
	}
	if strings.Contains(text, bothWays) {
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
	starts := refusedLine.FindAllStringSubmatchIndex(text, -1)
	if len(starts) == 0 {
		return []Problem{d.fault(file, 1, text)}
	}
	var problems []Problem
	for i, s := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		line, _ := strconv.Atoi(text[s[2]:s[3]]) // digits
		problems = append(problems, d.fault(file, line, strings.Trim(text[s[1]:end], "; ")))
	}
	return problems
}

// fault turns one fault of the library's list into a problem.
func (d *Document) fault(file *File, line int, text string) Problem {
	place, placed := Place{File: file.Name}, false
	if m := refusedPointer.FindStringSubmatch(text); m != nil {
		place.Pointer, placed = ParsePointer(m[1])
		text = strings.TrimSuffix(text, m[0])
	}
	if m := refusedKind.FindStringSubmatch(text); m != nil {
		if m[3] != "" {
			place = place.At(m[3])
		}
		text = kindOfTag(m[1]) + " stands where " + kindOfType(m[2]) + " belongs"
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

// kindOfTag names what stands in a document.
func kindOfTag(tag string) string {
	switch tag {
	case "map":
		return "a mapping"
	case "seq":
		return "a list"
	case "str":
		return "a text"
	case "bool":
		return "a truth value"
	case "int", "float":
		return "a number"
	case "timestamp":
		return "a date"
	}
	return "nothing"
}

// kindOfType names what the library would take.
func kindOfType(name string) string {
	switch {
	case name == "string":
		return "a text"
	case name == "bool":
		return "a truth value"
	case strings.HasPrefix(name, "uint"):
		return "a whole number of at least 0"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "float"):
		return "a number"
	case name == "[]string":
		return "a list of texts"
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
