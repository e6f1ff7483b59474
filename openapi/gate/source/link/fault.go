package link

import (
	"regexp"
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
	WrongTarget      = "the reference leads to something of the wrong kind"
	SchemaAndContent = "the parameter has both a schema and content"
	NoValue          = "the field has no value"
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
var faultKind = regexp.MustCompile("^cannot (?:construct|unmarshal) !!(\\w+)(?: `[^`]*`)? into (\\S+)(?: field \"([^\"]+)\")?$")

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
