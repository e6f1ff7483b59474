// Package evidence turns what was exchanged into what a report may show: exchanges without the keys
// in them, as a curl line that repeats the request, and as coverage of the contract.
//
// The runner calls it. It imports wire, secret, suite's log of exchanges, contract and report.
package evidence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Redactor knows the keys of a run, and removes them from everything that leaves the run. A key is
// replaced by a shell variable that is named after its actor, so that the curl lines of a report
// work once the variable is set. The zero value knows no keys. Several goroutines may use it at
// once.
type Redactor struct {
	mu        sync.Mutex
	variables map[string]string // key to variable, without the dollar
	keys      secret.Finder     // keys that are too short for it are redacted in the header fields for keys
}

// Add makes a key known, under a name that is unique in its case, and returns its variable.
func (v *Redactor) Add(key, name string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.variables == nil {
		v.variables = map[string]string{}
	}
	v.variables[key] = "API_KEY_" + notVariable.ReplaceAllString(strings.ToUpper(name), "_")
	v.keys.Add(key, "$"+v.variables[key])
	return v.variables[key]
}

var notVariable = regexp.MustCompile(`[^A-Z0-9_]+`)

// Redact replaces all keys in a text, in every form in which a server may echo them.
func (v *Redactor) Redact(text string) string { return v.keys.Replace(text) }

// longestFirst lists the keys so that a key that contains another comes before it.
func (v *Redactor) longestFirst() []string {
	keys := make([]string, 0, len(v.variables))
	for key := range v.variables {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	return keys
}

// credential replaces the value of a header field for keys: a key, and what is easily derived from
// one, by a shell expression over its variable; anything else by its length.
func (v *Redactor) credential(value string) string {
	if value == "" {
		return ""
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if variable, ok := v.variables[value]; ok {
		return "$" + variable
	}
	for _, key := range v.longestFirst() {
		variable := v.variables[key]
		switch {
		case len(key) < secret.Shortest:
		case strings.HasPrefix(key, value) && len(key)-len(value) <= 8:
			return "${" + variable + "%" + strings.Repeat("?", len(key)-len(value)) + "}"
		case strings.HasSuffix(key, value) && len(key)-len(value) <= 8:
			return "${" + variable + "#" + strings.Repeat("?", len(key)-len(value)) + "}"
		case strings.Contains(value, key) && len(value)-len(key) <= 16:
			before, after, _ := strings.Cut(value, key)
			return before + "${" + variable + "}" + after
		case strings.ToUpper(key) == value:
			return `$(printf %s "$` + variable + `" | tr a-z A-Z)`
		case strings.ToLower(key) == value:
			return `$(printf %s "$` + variable + `" | tr A-Z a-z)`
		}
	}
	return fmt.Sprintf("[redacted, %d bytes]", len(value))
}

// field redacts a header field.
func (v *Redactor) field(f wire.HeaderField) wire.HeaderField {
	switch strings.ToLower(f.Name) {
	case "x-api-key":
		return wire.HeaderField{Name: f.Name, Value: v.credential(f.Value)}
	case "authorization", "proxy-authorization":
		scheme, rest, found := strings.Cut(f.Value, " ")
		if !found && strings.EqualFold(scheme, "bearer") {
			return f
		}
		if !found {
			return wire.HeaderField{Name: f.Name, Value: v.credential(f.Value)}
		}
		return wire.HeaderField{Name: f.Name, Value: scheme + " " + v.credential(rest)}
	}
	return wire.HeaderField{Name: v.Redact(f.Name), Value: v.Redact(f.Value)}
}

func (v *Redactor) fields(fields []wire.HeaderField) []wire.HeaderField {
	redacted := make([]wire.HeaderField, len(fields))
	for i, f := range fields {
		redacted[i] = v.field(f)
	}
	return redacted
}

// response redacts a text of the response to a request.
func (v *Redactor) response(r wire.Request, text string) string {
	text = v.Redact(text)
	var altered secret.Finder
	for _, value := range sent(r) {
		altered.Add(value, v.credential(value))
	}
	return altered.Replace(text)
}

// sent lists the credentials of a request. They may be altered keys, which no scene has, and a
// response may echo them too.
func sent(r wire.Request) []string {
	var values []string
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "x-api-key":
			values = append(values, f.Value)
		case "authorization":
			_, rest, found := strings.Cut(f.Value, " ")
			if found {
				values = append(values, rest)
			}
		}
	}
	return slices.DeleteFunc(values, func(s string) bool { return len(s) < 8 })
}
