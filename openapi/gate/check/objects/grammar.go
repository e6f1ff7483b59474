package objects

import "strings"

// typ is what a field holds: a value or an object by its name, a list of such, or a
// mapping from names to such.
type typ struct {
	name        string
	list, names *typ
}

func one(name string) typ { return typ{name: name} }

// holdsObjects reports whether there are objects of the specification in it.
func (t typ) holdsObjects() bool {
	switch {
	case t.list != nil:
		return t.list.holdsObjects()
	case t.names != nil:
		return t.names.holdsObjects()
	}
	_, ok := grammar[t.name]
	return ok
}

// kind is one kind of object.
type kind struct {
	// fields are what it holds by name, and needed those that must be there.
	fields map[string]typ
	needed []string
	// others is what its further fields hold, whose names the author chooses.
	others *typ
	// refers reports whether a reference may stand in its place.
	refers bool
}

// The values that a field may have to be.
const (
	text      = "text"
	uri       = "uri"       // a reference that can be parsed
	absolute  = "absolute"  // a URI with a scheme
	email     = "email"     // an address
	media     = "media"     // media types, separated by commas
	flag      = "flag"      // true or false
	primitive = "primitive" // the type of a schema
)

// grammar is the objects of OpenAPI 3.0.3: for each its fields, with an exclamation mark
// those that it needs. [x] is a list of x, and {x} a mapping from names to x. The field *
// stands for all others, and ? before the name of an object means that a reference may stand in
// its place, as it may not in place of an operation: there it is followed all the same.
// Fields that hold no object and may have any value of their type are left out: the
// library's types have seen to them.
var grammar = read(map[string]string{
	"document": "info! info, servers [server], paths! paths, components components, tags [tag], externalDocs documentation",
	"info":     "title! text, version! text, termsOfService uri, contact contact, license license",
	"contact":  "url uri, email email",
	"license":  "name! text, url uri",

	"server":   "url! text, variables {variable}",
	"variable": "default! text",

	"components": "schemas {schema}, responses {response}, parameters {parameter}, examples {example}, requestBodies {request}, " +
		"headers {header}, securitySchemes {security}, links {link}, callbacks {callback}",
	"paths": "* path item",
	"?path item": "get operation, put operation, post operation, delete operation, options operation, head operation, " +
		"patch operation, trace operation, servers [server], parameters [parameter]",
	"?operation": "externalDocs documentation, parameters [parameter], requestBody request, responses responses, " +
		"callbacks {callback}, servers [server], deprecated flag",
	"documentation": "url! uri",
	"?parameter": "name! text, in! text, schema schema, examples {example}, content {media type}, required flag, deprecated flag, " +
		"allowEmptyValue flag, explode flag, allowReserved flag",
	"?request":   "content! {media type}, required flag",
	"media type": "schema schema, examples {example}, encoding {encoding}",
	"encoding":   "contentType media, headers {header}, explode flag, allowReserved flag",
	"responses":  "* response",
	"?response":  "headers {header}, content {media type}, links {link}",
	"?callback":  "* path item",
	"?example":   "externalValue uri",
	"?link":      "operationRef uri, server server",
	"?header":    "schema schema, examples {example}, content {media type}, required flag, deprecated flag, explode flag",
	"tag":        "name! text, externalDocs documentation",

	"?schema": "exclusiveMaximum flag, exclusiveMinimum flag, uniqueItems flag, nullable flag, readOnly flag, writeOnly flag, " +
		"deprecated flag, type primitive, allOf [schema], oneOf [schema], anyOf [schema], " +
		"not schema, items schema, properties {schema}, additionalProperties schema, discriminator discriminator, xml xml, " +
		"externalDocs documentation",
	"discriminator": "propertyName! text",
	"xml":           "namespace absolute, attribute flag, wrapped flag",

	"?security": "type! text, flows flows, openIdConnectUrl uri",
	"flows":     "implicit flow, password flow, clientCredentials flow, authorizationCode flow",
	"flow":      "authorizationUrl uri, tokenUrl uri, refreshUrl uri",
})

func read(table map[string]string) map[string]kind {
	kinds := map[string]kind{}
	for name, list := range table {
		k := kind{fields: map[string]typ{}}
		name, k.refers = strings.CutPrefix(name, "?")
		for _, entry := range strings.Split(list, ", ") {
			field, t, _ := strings.Cut(entry, " ")
			field, needed := strings.CutSuffix(field, "!")
			if needed {
				k.needed = append(k.needed, field)
			}
			if field == "*" {
				others := readType(t)
				k.others = &others
				continue
			}
			k.fields[field] = readType(t)
		}
		kinds[name] = k
	}
	return kinds
}

func readType(s string) typ {
	switch s[0] {
	case '[':
		t := readType(s[1 : len(s)-1])
		return typ{list: &t}
	case '{':
		t := readType(s[1 : len(s)-1])
		return typ{names: &t}
	}
	return one(s)
}

func extension(field string) bool { return strings.HasPrefix(field, "x-") }
