package objects

import (
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// Fault is something that OpenAPI 3.0.3 does not allow of an object.
type Fault struct {
	// Node is the value that is wrong, or the object that lacks one.
	Node    *yaml.Node
	Place   source.Place
	Message string
}

// Faults returns what is wrong with objects, one by one: what they lack, and values that
// their fields may not have. What the library's types cannot hold was told before.
func Faults(list []*Object) []Fault {
	var faults []Fault
	for _, o := range list {
		c := checker{Object: o}
		c.check()
		faults = append(faults, c.faults...)
	}
	return faults
}

type checker struct {
	*Object
	faults []Fault
}

// fault notes a fault of a field, or of the object where it lacks the field.
func (c *checker) fault(field, format string, args ...any) {
	f := Fault{c.Node, c.Place(), fmt.Sprintf(format, args...)}
	nodes.Each(c.Node, func(key, value *yaml.Node) {
		if key.Value != field {
			return
		}
		f.Node, f.Place = value, c.Place().At(field)
		if len(value.Content) > 0 && value.Style&yaml.FlowStyle == 0 { // it begins with its first part
			f.Node = key
		}
	})
	c.faults = append(c.faults, f)
}

func (c *checker) has(field string) bool { return c.Field(field) != nil }

func (c *checker) check() {
	g := grammar[c.Kind]
	if ref := c.Field("$ref"); g.refers && ref != nil && c.Ref == nil {
		c.fault("$ref", "the field $ref has to be a string")
		return
	}
	if c.Ref != nil && c.Kind != "path item" {
		return
	}
	for _, field := range g.needed {
		if !c.has(field) { // it may be empty: OpenAPI asks for a string, and for no length
			c.fault(field, "the field %s is missing", field)
		}
	}
	nodes.Each(c.Node, func(key, value *yaml.Node) {
		t, ok := g.fields[key.Value]
		if value = nodes.Follow(value); !ok || value.Tag == "!!null" { // told as a field without a value
			return
		}
		if wrong, ok := values[t.name]; ok {
			if reason := wrong(value); reason != "" {
				c.fault(key.Value, "the field %s %s", key.Value, reason)
			}
		}
	})
	if further, ok := further[c.Kind]; ok {
		further(c)
	}
}

// values says what is wrong with the value of a field, by what it has to be.
var values = map[string]func(n *yaml.Node) string{
	uri: func(n *yaml.Node) string {
		if _, err := url.Parse(n.Value); err != nil {
			return "is no URI"
		}
		return ""
	},
	absolute: func(n *yaml.Node) string {
		if u, err := url.Parse(n.Value); err != nil || !u.IsAbs() {
			return "is no absolute URI"
		}
		return ""
	},
	email: func(n *yaml.Node) string {
		if _, err := mail.ParseAddress(n.Value); err != nil {
			return "is no e-mail address"
		}
		return ""
	},
	media: func(n *yaml.Node) string {
		for _, one := range strings.Split(n.Value, ",") {
			if _, _, err := mime.ParseMediaType(one); err != nil {
				return fmt.Sprintf("names %q, which is no media type", strings.TrimSpace(one))
			}
		}
		return ""
	},
	flag: func(n *yaml.Node) string {
		if n.Tag == "!!bool" {
			return ""
		}
		return "has to be true or false"
	},
	primitive: func(n *yaml.Node) string {
		if n.Kind != yaml.ScalarNode || slices.Contains(primitives, n.Value) { // a list of types is told by a rule of its own
			return ""
		}
		return "has to be one of " + strings.Join(primitives, ", ")
	},
}

var primitives = []string{"array", "boolean", "integer", "number", "object", "string"}

// styles names the styles of a parameter by where it is sent.
var styles = map[string][]string{
	"path": {"simple", "label", "matrix"}, "query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
	"header": {"simple"}, "cookie": {"form"},
}

// further is what is asked of an object as a whole.
var further = map[string]func(c *checker){
	"document": func(c *checker) {
		if c.has("jsonSchemaDialect") {
			c.fault("jsonSchemaDialect", "the field jsonSchemaDialect is one of OpenAPI 3.1")
		}
		tags := c.Field("tags")
		if tags == nil || tags.Kind != yaml.SequenceNode {
			return
		}
		names := map[string]bool{}
		for i, tag := range tags.Content {
			name := (&Object{Node: nodes.Follow(tag)}).Field("name")
			if name == nil || name.Kind != yaml.ScalarNode {
				continue
			}
			if names[name.Value] {
				c.faults = append(c.faults, Fault{name, c.Place().At("tags", strconv.Itoa(i), "name"), "the tag " + name.Value + " is declared twice"})
			}
			names[name.Value] = true
		}
	},
	"server":   checkServer,
	"variable": checkVariable,
	"parameter": func(c *checker) {
		in := c.Text("in")
		if in != "" {
			c.among("in", "query", "header", "path", "cookie")
		}
		if in == "path" && c.Text("required") != "true" {
			c.fault("required", "a parameter in the path needs `required: true`")
		}
		if in != "query" && in != "" && c.Text("allowEmptyValue") == "true" {
			c.fault("allowEmptyValue", "allowEmptyValue is only for parameters in the query")
		}
		c.among("style", styles[in]...)
		if c.has("schema") && c.has("content") {
			c.faults = append(c.faults, Fault{c.Node, c.Place(), "the parameter has both a schema and content"})
		}
		c.soleContent()
	},
	"header": func(c *checker) {
		c.among("style", styles["header"]...)
		c.soleContent()
	},
	"operation": func(c *checker) {
		// Those of the API itself have a rule of their own.
		if item := c.Outer(); !c.has("responses") && (item == nil || item.Outer() == nil || item.Outer().Kind != "paths") {
			c.fault("responses", "the field responses is missing")
		}
	},
	"schema": func(c *checker) {
		if n := c.Field("enum"); n != nil && n.Tag == "!!null" { // data, where null may be meant
			c.fault("enum", "the field enum has no value")
		}
		if n := c.Field("additionalProperties"); n != nil && n.Kind == yaml.ScalarNode && n.Tag != "!!bool" && n.Tag != "!!null" {
			c.fault("additionalProperties", "the field additionalProperties has to be true, false or a schema")
		}
		if n := c.Field("multipleOf"); n != nil {
			if f, err := strconv.ParseFloat(n.Value, 64); err == nil && f <= 0 {
				c.fault("multipleOf", "the field multipleOf has to be above 0")
			}
		}
	},
	"encoding": func(c *checker) { c.among("style", styles["query"]...) },
	"media type": func(c *checker) {
		if name := strings.ToLower(c.at.key); c.has("encoding") && !strings.HasPrefix(name, "multipart/") && name != "application/x-www-form-urlencoded" {
			c.fault("encoding", "encoding is only for multipart and application/x-www-form-urlencoded")
		}
	},
	"example": func(c *checker) { c.either("value", "externalValue") },
	"link": func(c *checker) {
		c.either("operationId", "operationRef")
		if !c.has("operationId") && !c.has("operationRef") {
			c.fault("operationId", "the link needs operationId or operationRef")
		}
		if n := c.Field("parameters"); n != nil && n.Kind == yaml.MappingNode {
			nodes.Each(n, func(key, value *yaml.Node) {
				if value = nodes.Follow(value); !isExpression(value) {
					c.faults = append(c.faults, Fault{value, c.Place().At("parameters", key.Value), value.Value + " is no runtime expression"})
				}
			})
		}
		if n := c.Field("requestBody"); n != nil && !isExpression(n) {
			c.fault("requestBody", "%s is no runtime expression", n.Value)
		}
	},
	"callback": func(c *checker) {
		nodes.Each(c.Node, func(key, value *yaml.Node) {
			if !extension(key.Value) && key.Value != "$ref" && !braced.MatchString(key.Value) && !expression.MatchString(key.Value) {
				c.faults = append(c.faults, Fault{key, c.Place().At(key.Value), "the URL of the callback holds no runtime expression"})
			}
		})
	},
	"security": checkSecurityScheme,
	"flow":     checkFlow,
}

// among asks for one of some texts where a field is given.
func (c *checker) among(field string, words ...string) {
	n := c.Field(field)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" || len(words) == 0 {
		return
	}
	if !slices.Contains(words, n.Value) {
		c.fault(field, "the field %s has to be one of %s", field, strings.Join(words, ", "))
	}
}

// either asks for at most one of two fields.
func (c *checker) either(one, other string) {
	if c.has(one) && c.has(other) {
		c.fault(one, "%s and %s exclude each other", one, other)
	}
}

// soleContent asks a parameter for exactly one media type.
func (c *checker) soleContent() {
	if n := c.Field("content"); n != nil && n.Kind == yaml.MappingNode && len(n.Content) != 2 {
		c.fault("content", "content needs exactly one media type here")
	}
}

// variable is a place in the URL of a server.
var variable = regexp.MustCompile(`\{([^{}]+)\}`)

func checkServer(c *checker) {
	address := c.Text("url")
	if strings.Count(address, "{") != strings.Count(address, "}") {
		c.fault("url", "the braces of the server's URL are not in pairs")
		return
	}
	described := map[string]*yaml.Node{}
	if n := c.Field("variables"); n != nil && n.Kind == yaml.MappingNode {
		nodes.Each(n, func(key, value *yaml.Node) {
			described[key.Value] = nodes.Follow(value)
			if !strings.Contains(address, "{"+key.Value+"}") {
				c.faults = append(c.faults, Fault{key, c.Place().At("variables", key.Value), "the server's URL has no variable " + key.Value})
			}
		})
	}
	address = variable.ReplaceAllStringFunc(address, func(found string) string {
		value, ok := described[found[1:len(found)-1]]
		if !ok {
			c.fault("url", "the server's variable %s is not described", found[1:len(found)-1])
			return "x"
		}
		// A default may itself stand for what everybody has to fill in.
		return strings.Trim((&Object{Node: value}).Text("default"), "{}")
	})
	if _, err := url.Parse(address); err != nil && len(c.faults) == 0 {
		c.fault("url", "the field url is no URI")
	}
}

func checkVariable(c *checker) {
	enum := c.Field("enum")
	if enum == nil || enum.Kind != yaml.SequenceNode || !c.has("default") {
		return
	}
	var words []string
	for _, n := range enum.Content {
		words = append(words, nodes.Follow(n).Value)
	}
	if !slices.Contains(words, c.Text("default")) {
		c.fault("default", "the field default has to be one of %s", strings.Join(words, ", "))
	}
}

func checkSecurityScheme(c *checker) {
	if c.Text("type") != "" {
		c.among("type", "apiKey", "http", "oauth2", "openIdConnect")
	}
	need := func(fields ...string) {
		for _, field := range fields {
			if n := c.Field(field); n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
				c.fault(field, "the field %s is missing or empty, which the type %s needs", field, c.Text("type"))
			}
		}
	}
	switch c.Text("type") {
	case "apiKey":
		need("name", "in")
		if c.Text("in") != "" {
			c.among("in", "query", "header", "cookie")
		}
	case "http":
		need("scheme")
	case "oauth2":
		need("flows")
	case "openIdConnect":
		need("openIdConnectUrl")
	}
}

// flowURLs names the fields that a flow of OAuth needs.
var flowURLs = map[string][]string{
	"implicit": {"authorizationUrl"}, "password": {"tokenUrl"}, "clientCredentials": {"tokenUrl"},
	"authorizationCode": {"authorizationUrl", "tokenUrl"},
}

func checkFlow(c *checker) {
	for _, field := range flowURLs[c.at.key] {
		if c.Text(field) == "" {
			c.fault(field, "the field %s is missing or empty, which the flow %s needs", field, c.at.key)
		}
	}
	if !c.has("scopes") {
		c.fault("scopes", "the field scopes is missing: where there are no scopes it is {}")
	}
}

var (
	// expression is a runtime expression, and braced one within a text.
	expression = regexp.MustCompile(`^` + expressionText + `$`)
	braced     = regexp.MustCompile(`\{` + expressionText + `\}`)
)

const expressionText = "\\$(?:url|method|statusCode|(?:request|response)\\.(?:header\\.[!#$%&'*+.^_`|~0-9A-Za-z-]+|query\\.[^{}]+|path\\.[^{}]+|body(?:#(?:/[^{}]*)?)?))"

// isExpression reports whether a value is no text that tries to be an expression and is none.
func isExpression(n *yaml.Node) bool {
	return n.Kind != yaml.ScalarNode || !strings.HasPrefix(n.Value, "$") || expression.MatchString(n.Value)
}
