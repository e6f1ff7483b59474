package model

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Fault is one way in which a value does not satisfy a schema.
type Fault struct {
	// Pointer leads to the part of the value that is at fault.
	Pointer source.Pointer
	// Reason says what is wrong with it; it does not hold the value.
	Reason string
	// Keyword is the one that the value breaks, Schema the schema that holds it, and Value the
	// part at fault; they are empty where the library does not say.
	Keyword string
	Schema  *openapi3.Schema
	Value   any
	// Variants are what is wrong by each schema of a oneOf of which none is satisfied, where the
	// fault is that of one of them, or of all together.
	Variants [][]Fault
}

// Faults takes the error of a schema validation apart. It returns nil for nil.
func Faults(err error) []Fault {
	if err == nil {
		return nil
	}
	schemaErr, direct := err.(*openapi3.SchemaError)
	var several openapi3.MultiError
	if !direct && errors.As(err, &several) { // one of oneOf has several in it too
		var list []Fault
		for _, one := range several {
			list = append(list, Faults(one)...)
		}
		return list
	}
	if direct || errors.As(err, &schemaErr) {
		var inner openapi3.MultiError
		switch {
		case schemaErr.SchemaField == "allOf" && errors.As(schemaErr.Origin, &inner):
			return Faults(inner)
		case schemaErr.SchemaField == "oneOf" && errors.As(schemaErr.Origin, &inner):
			return unmatched(schemaErr, inner)
		}
		return []Fault{{
			Pointer: schemaErr.JSONPointer(), Reason: reasonOf(schemaErr), Keyword: schemaErr.SchemaField, Schema: schemaErr.Schema, Value: schemaErr.Value,
		}}
	}
	return []Fault{{Reason: err.Error()}}
}

// unmatched returns what is wrong with a value that satisfies no schema of a oneOf: the faults of
// the only schema that allows its type, or else one fault for all.
func unmatched(err *openapi3.SchemaError, variants openapi3.MultiError) []Fault {
	var lists [][]Fault
	at, started := source.Pointer(nil), false
	for _, variant := range variants {
		list := Faults(variant)
		for _, f := range list {
			if !started {
				at, started = f.Pointer, true
			}
			at = common(at, f.Pointer)
		}
		lists = append(lists, list)
	}
	switch len(lists) {
	case 0: // a discriminator leads to none of them, which is a fault of it
		return nil
	case 1:
		return lists[0]
	}
	meant := slices.DeleteFunc(slices.Clone(lists), func(list []Fault) bool {
		return len(list) == 1 && list[0].Keyword == "type" && len(list[0].Pointer) == len(at)
	})
	if len(meant) == 1 {
		list := slices.Clone(meant[0])
		for i := range list {
			list[i].Variants = lists
		}
		return list
	}
	if len(meant) == 0 {
		meant = lists
	}
	var reasons []string
	for _, list := range meant {
		if len(list) > 0 && !slices.Contains(reasons, list[0].Reason) {
			reasons = append(reasons, list[0].Reason)
		}
	}
	const most = 3
	if more := len(reasons) - most; more > 0 {
		reasons = append(reasons[:most], fmt.Sprintf("one of %d other reasons", more))
	}
	reason := "it matches no schema of oneOf: " + strings.Join(reasons, ", or ")
	return []Fault{{Pointer: at, Reason: reason, Keyword: "oneOf", Schema: err.Schema, Value: err.Value, Variants: lists}}
}

// common returns what two pointers begin with.
func common(a, b source.Pointer) source.Pointer {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

var (
	severalOf   = regexp.MustCompile(`matches schemas at indices \[([^\]]*)\]`)
	undescribed = regexp.MustCompile(`^property (".*") is unsupported$`)
)

// reasonOf returns what the library says, and says it where the library does not.
func reasonOf(err *openapi3.SchemaError) string {
	switch err.SchemaField {
	case "format":
		// The expression behind the format explains nothing to a reader.
		reason, _, _ := strings.Cut(err.Reason, " (")
		return reason
	case "not":
		return "it matches the schema of not"
	case "anyOf":
		return "it matches no schema of anyOf"
	case "nullable":
		return "it is null, which the schema does not allow"
	case "oneOf":
		if m := severalOf.FindStringSubmatch(err.Reason); m != nil {
			return "it matches more than one schema of oneOf, those at " + strings.ReplaceAll(m[1], " ", ", ")
		}
	}
	if m := undescribed.FindStringSubmatch(err.Reason); m != nil {
		return "it has the property " + m[1] + ", which the schema does not allow"
	}
	return err.Reason
}
