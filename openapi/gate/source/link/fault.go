package link

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Fault is something that the library's types cannot hold.
type Fault struct {
	At *yaml.Node
	// Field is the field of At that it is about, or "".
	Field string
	// Message says what is wrong; it may be one of the constants.
	Message string
}

// The messages of this package.
const (
	WrongTarget = "the reference leads to something of the wrong kind"
	NoValue     = "the field has no value"
)

// faultOf returns a fault in plain words of what the YAML package says.
func faultOf(n *yaml.Node, text string) Fault {
	if m := faultKind.FindStringSubmatch(text); m != nil {
		return Fault{n, m[3], "expected " + kindOfType(m[2]) + ", got " + kindOfTag(m[1])}
	}
	return Fault{At: n, Message: text}
}

// faultKind is a value of another kind than the field has: "cannot construct
// !!str `5` into uint64", "cannot unmarshal !!int into string field "title"".
var faultKind = regexp.MustCompile("^cannot (?:construct|unmarshal) !!(\\w+)(?: `[^`]*`)? into ([^(]+?)(?: \\(TextUnmarshaler\\))?(?: field \"([^\"]+)\")?$")

// scalarFault returns the fault of n, which has a number among the nodes, or of a scalar within it
// whose text the YAML package cannot read.
func (d *decoder) scalarFault(n *yaml.Node, number int, text string) Fault {
	if m := faultWhere.FindStringSubmatch(text); m != nil {
		text = m[2]
		if i, err := strconv.Atoi(m[1]); err == nil && i > 0 && i <= len(d.nodes) {
			n, number = d.nodes[i-1], i-1
		}
	}
	m := faultScalar.FindStringSubmatch(text)
	if m == nil {
		return faultOf(n, text)
	}
	const most = 1000 // that are looked at
	for _, one := range d.nodes[number:min(number+most, len(d.nodes))] {
		if one.Kind == yaml.ScalarNode && one.Value == m[1] && one.Tag == "!!"+m[2] {
			n = one
			break
		}
	}
	return Fault{At: n, Message: "this cannot be read as " + kindOfTag(m[2])}
}

var (
	faultWhere  = regexp.MustCompile(`^go-yaml load error in \w+ at (?:L(\d+)\.C\d+|<unknown position>): (.*)$`)
	faultScalar = regexp.MustCompile("^cannot construct !!\\w+ `(.*)` as a !!(\\w+)$")
)

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
	}
	return "nothing"
}

// kindOfType names the kind of value that the library would accept.
func kindOfType(name string) string {
	switch {
	case name == "string", name == "openapi3.MappingRef":
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
