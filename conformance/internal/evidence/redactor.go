package evidence

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Redactor knows the keys of a run and takes them out of everything that leaves it. In place of a key stands a shell variable,
// which tells whose key it is and makes the curl lines work once it is set. It may be used by several goroutines at once.
type Redactor struct {
	mu        sync.Mutex
	variables map[string]string // key to variable, without the dollar
	replacer  *strings.Replacer // nil where keys were added since
}

// shortestSecret is the length from which on a key is looked for in free text. A shorter one would garble the text and is
// no secret; in the header fields made for keys it is redacted all the same.
const shortestSecret = 4

func NewRedactor() *Redactor { return &Redactor{variables: map[string]string{}} }

// Add makes a key known under a name that is unique to the case, and returns its variable.
func (v *Redactor) Add(key, name string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.variables[key] = "API_KEY_" + notVariable.ReplaceAllString(strings.ToUpper(name), "_")
	v.replacer = nil
	return v.variables[key]
}

var notVariable = regexp.MustCompile(`[^A-Z0-9_]+`)

// Redact takes all keys, in the forms in which a server may send them back, out of a text.
func (v *Redactor) Redact(text string) string {
	v.mu.Lock()
	if v.replacer == nil {
		var pairs []string
		for _, key := range v.longestFirst() {
			if len(key) < shortestSecret {
				continue
			}
			for _, form := range formsOf(key) {
				pairs = append(pairs, form, "$"+v.variables[key])
			}
		}
		v.replacer = strings.NewReplacer(pairs...)
	}
	replacer := v.replacer
	v.mu.Unlock()
	return replacer.Replace(text)
}

// longestFirst lists the keys so that one that begins with another comes before it.
func (v *Redactor) longestFirst() []string {
	keys := make([]string, 0, len(v.variables))
	for key := range v.variables {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	return keys
}

// formsOf lists what a key may look like in a response.
func formsOf(key string) []string {
	quoted := strings.Trim(excerpt.JSON(key), `"`)
	forms := []string{key, quoted, url.QueryEscape(key), requirement.EscapeSegment(key), strings.ToUpper(key), strings.ToLower(key),
		base64.StdEncoding.EncodeToString([]byte(key)), base64.URLEncoding.EncodeToString([]byte(key))}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// credential is what stands for the value of a header field made for keys: a shell expression over the variables for a key
// and for what is easily made of one, and otherwise only its length.
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
		case len(key) < shortestSecret:
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
	return wire.HeaderField{Name: f.Name, Value: v.Redact(f.Value)}
}

func (v *Redactor) fields(fields []wire.HeaderField) []wire.HeaderField {
	redacted := make([]wire.HeaderField, len(fields))
	for i, f := range fields {
		redacted[i] = v.field(f)
	}
	return redacted
}

// sent lists the credentials that a request carries, altered keys too: a response that echoes one is redacted as well.
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

// answer redacts a text of a response to a request.
func (v *Redactor) answer(r wire.Request, text string) string {
	text = v.Redact(text)
	for _, value := range sent(r) {
		for _, form := range formsOf(value) {
			text = strings.ReplaceAll(text, form, v.credential(value))
		}
	}
	return text
}
