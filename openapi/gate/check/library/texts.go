package library

import (
	"regexp"
	"strings"
)

// texts says in words about the document what the parser says about its own types and
// about the schema by which it validates schemas.
var texts = []struct {
	pattern *regexp.Regexp
	write   func(m []string) string
}{
	{regexp.MustCompile("^`?(?:\\S*\\.)?([\\w$]+)`? is required for type=(\\w+)"),
		func(m []string) string {
			return "the field " + m[1] + " is missing or empty, which the type " + m[2] + " needs"
		}},
	{regexp.MustCompile("^`?(?:\\S*\\.)?([\\w$]+)`? is required\\b"),
		func(m []string) string { return "the field " + m[1] + " is missing or empty" }},
	{regexp.MustCompile("^`?\\S*`? missing propert(?:y|ies) (.+)$"),
		func(m []string) string { return "the field " + plain(m[1]) + " is missing" }},
	{regexp.MustCompile("^`?(\\S*?)`? ?expected (?:one of )?\\[?([^\\]]+?)\\]?, got (\\S+)$"),
		func(m []string) string { return field(m[1]) + ": expected " + kinds(m[2]) + ", got " + kinds(m[3]) }},
	{regexp.MustCompile("^`?(\\S+?)`? (?:is not a valid|must be an absolute) (?:uri|uri reference)\\b"),
		func(m []string) string { return field(m[1]) + " is no URI" }},
	{regexp.MustCompile("^`?(\\S+?)`? is not a valid email address\\b"),
		func(m []string) string { return field(m[1]) + " is no e-mail address" }},
	{regexp.MustCompile("^`?(\\S+?)`? (?:value )?must be one of \\[?(.+?)\\]?( for \\S+)?$"),
		func(m []string) string {
			return field(m[1]) + " has to be one of " + plain(m[2]) + strings.ReplaceAll(m[3], "=", " ")
		}},
	{regexp.MustCompile(`^schema is not valid json\b`),
		func([]string) string { return "the schema holds a value that JSON does not have" }},
	{regexp.MustCompile(`^(schema\.?\S*) additional properties (.+) not allowed$`),
		func(m []string) string { return "OpenAPI 3.0 has no field " + plain(m[2]) + " here" }},
	{regexp.MustCompile(`^(schema\.?\S*) '?(?:oneOf|anyOf|allOf|not)'? failed\b`),
		func(m []string) string { return field(m[1]) + " has a value that OpenAPI 3.0 does not allow there" }},
	{regexp.MustCompile(`^(schema\.?\S*) min\w+: got (\S+), want (\S+)$`),
		func(m []string) string { return field(m[1]) + " has to be at least " + m[3] + ", and is " + m[2] }},
	{regexp.MustCompile(`^(schema\.?\S*) '?([^']*)'? does not match pattern\b`),
		func(m []string) string { return field(m[1]) + " has a form that OpenAPI 3.0 does not allow" }},
}

// reword returns what the parser says in the words of this project.
func reword(text string) string {
	for _, t := range texts {
		if m := t.pattern.FindStringSubmatch(text); m != nil {
			return t.write(m)
		}
	}
	return strings.ReplaceAll(text, "`", "")
}

// field names the last field of a path such as schema.properties.id.maxLength.
func field(path string) string {
	path = strings.Trim(path, ".`")
	name := path[strings.LastIndexByte(path, '.')+1:]
	if name == "" || name == "schema" {
		return "the schema"
	}
	return "the field " + name
}

// plain takes the quotes off a list of words.
func plain(list string) string { return strings.NewReplacer("`", "", "'", "", `"`, "").Replace(list) }

var kindNames = map[string]string{
	"object": "a mapping", "map": "a mapping", "array": "a list", "seq": "a list", "sequence": "a list", "string": "a string", "str": "a string",
	"boolean": "a boolean", "bool": "a boolean", "integer": "a whole number", "int": "a whole number",
	"number": "a number", "float": "a number", "null": "nothing", "nil": "nothing",
}

// kinds names kinds of values.
func kinds(list string) string {
	words := strings.FieldsFunc(plain(list), func(r rune) bool { return r == ',' || r == ' ' })
	for i, word := range words {
		if name, ok := kindNames[strings.TrimLeft(word, "!")]; ok {
			words[i] = name
		}
	}
	return strings.Join(words, " or ")
}
