package contract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/strictjson"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Contract judges exchanges by an OpenAPI document. It may be used by several goroutines at once.
type Contract struct {
	Name     string
	Digest   string
	document *openapi3.T
	routes   []contractRoute
	options  *openapi3filter.Options
}

// contractRoute is an operation and the path that leads to it.
type contractRoute struct {
	segments []string // "v1", "music", "{organization_id}", …
	route    *routers.Route
}

// Load reads a contract. The name is how messages name it.
func Load(name string, data []byte) (*Contract, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	document, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	c := &Contract{Name: name, Digest: hex.EncodeToString(sum[:]), document: document, options: &openapi3filter.Options{
		IncludeResponseStatus: true,
		MultiError:            true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(checkDateTime)),
		},
	}}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			c.routes = append(c.routes, contractRoute{
				segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
				route:    &routers.Route{Spec: document, Path: path, PathItem: item, Method: method, Operation: operation},
			})
		}
	}
	return c, nil
}

// Version is info.version of the contract.
func (c *Contract) Version() string { return c.document.Info.Version }

// Find returns the operation that a raw path and method lead to, nil where there is none. Paths are matched as they are on
// the wire, segment by segment: an empty segment is no parameter, and an encoded slash is no separator.
func (c *Contract) Find(method, rawPath string) *routers.Route {
	segments := strings.Split(strings.TrimPrefix(rawPath, "/"), "/")
	for _, r := range c.routes {
		if r.route.Method == method && slices.EqualFunc(r.segments, segments, matchesSegment) {
			return r.route
		}
	}
	return nil
}

func matchesSegment(template, segment string) bool {
	if strings.HasPrefix(template, "{") {
		return segment != ""
	}
	return template == segment
}

// documented lists the statuses that the contract documents for an operation, ascending.
func (c *Contract) documented(o requirement.Operation) []int {
	var statuses []int
	for _, r := range c.routes {
		if r.route.Operation.OperationID != string(o) {
			continue
		}
		for status := range r.route.Operation.Responses.Map() {
			var n int
			if _, err := fmt.Sscanf(status, "%d", &n); err == nil {
				statuses = append(statuses, n)
			}
		}
	}
	slices.Sort(statuses)
	return statuses
}

// Violation is one way in which an exchange breaks the contract.
type Violation struct {
	Expected, Actual string
	Line             int // of the contract, 0 where none says it alone
}

// Check judges the answer of an exchange with a known operation.
func (c *Contract) Check(e *wire.Exchange, route *routers.Route) []Violation {
	response := route.Operation.Responses.Status(e.Status)
	if response == nil {
		return []Violation{{
			Expected: "a status that is documented for " + route.Operation.OperationID + " (" + joinInts(c.documented(requirement.Operation(route.Operation.OperationID))) + ")",
			Actual:   wire.StatusText(e),
			Line:     originLine(route.Operation.Origin, "responses"),
		}}
	}
	if len(response.Value.Content) > 0 {
		// First what a validator of decoded values cannot see.
		if err := strictjson.Check(e.Body); err != nil && IsJSON(e) {
			return []Violation{{
				Expected: "a body that is exactly one JSON document",
				Actual:   err.Error(),
				Line:     originLine(response.Value.Origin, "content"),
			}}
		}
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: &http.Request{Method: e.Request.Method, URL: &url.URL{Path: e.Request.Path}, Header: http.Header{}},
			Route:   route,
		},
		Status:  e.Status,
		Header:  e.Header,
		Options: c.options,
	}
	input.SetBodyBytes(e.Body)
	return violations(openapi3filter.ValidateResponse(context.Background(), input), response.Value)
}

// violations takes apart what the validator says.
func violations(err error, response *openapi3.Response) []Violation {
	if err == nil {
		return nil
	}
	var failed *openapi3filter.ResponseError
	if !errors.As(err, &failed) {
		return []Violation{{Expected: "an answer that keeps the contract", Actual: err.Error()}}
	}
	var found []Violation
	var walk func(error)
	walk = func(err error) {
		var several openapi3.MultiError
		var schema *openapi3.SchemaError
		switch {
		case errors.As(err, &schema) && !isMulti(err):
			if inner := (*openapi3.SchemaError)(nil); errors.As(schema.Unwrap(), &inner) {
				walk(schema.Unwrap())
				return
			}
			found = append(found, schemaViolation(failed.Reason, schema))
		case errors.As(err, &several):
			for _, e := range several {
				walk(e)
			}
		}
	}
	walk(failed.Err)
	if len(found) == 0 {
		found = append(found, Violation{
			Expected: "the media type and headers that the contract gives",
			Actual:   strings.TrimSpace(failed.Reason + causeText(failed.Err)),
			Line:     originLine(response.Origin, "content"),
		})
	}
	return slices.Compact(found)
}

func isMulti(err error) bool {
	_, ok := err.(openapi3.MultiError)
	return ok
}

func causeText(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// schemaViolation says in the caller's terms which part of the answer breaks which word of the contract.
func schemaViolation(where string, err *openapi3.SchemaError) Violation {
	place := strings.Join(err.JSONPointer(), ".")
	switch {
	case strings.Contains(where, "header"):
		place = strings.TrimSuffix(where, " doesn't match schema")
	case place == "":
		place = "the body"
	}
	v := Violation{
		Expected: place + ": " + err.Reason,
		Actual:   "JSON " + excerpt.Of(excerpt.JSON(err.Value), 160),
	}
	if err.SchemaField == "required" {
		v.Actual = "an object without it: " + excerpt.Of(excerpt.JSON(err.Value), 160)
	}
	if err.Schema != nil {
		v.Line = originLine(err.Schema.Origin, err.SchemaField)
	}
	return v
}

// originLine is the line of a field of an element of the contract, or of the element where the field has none.
func originLine(origin *openapi3.Origin, field string) int {
	if origin == nil {
		return 0
	}
	if at, ok := origin.Fields.Lookup(field); ok {
		return at.Line
	}
	if items := origin.Sequences[field]; len(items) > 0 {
		return items[0].Line
	}
	if origin.Key != nil {
		return origin.Key.Line
	}
	return 0
}

// IsJSON tells whether the answer calls itself JSON.
func IsJSON(e *wire.Exchange) bool {
	media, _, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

// checkDateTime takes every date-time of RFC 3339, small letters and leap seconds included.
func checkDateTime(s string) error {
	s = strings.ToUpper(s)
	if i := strings.Index(s, ":60"); i == len("2006-01-02T15:04") {
		s = s[:i] + ":59" + s[i+3:]
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return errors.New("not a date-time of RFC 3339")
	}
	return nil
}

func joinInts(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

// PathParameters lists the parameters in the path of an operation, in their order.
func (c *Contract) PathParameters(o requirement.Operation) []string {
	var names []string
	for _, r := range c.routes {
		if r.route.Operation.OperationID != string(o) {
			continue
		}
		for _, segment := range r.segments {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				names = append(names, strings.TrimSuffix(name, "}"))
			}
		}
	}
	return names
}
