// Package contract judges an exchange by an OpenAPI document: a response that breaks it, and the
// line of the document that it breaks.
//
// Package suite calls it for every response, and evidence for what the run exercised. It knows no
// particular contract; it imports wire, excerpt, kin-openapi and the module's strictjson.
package contract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
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
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

// Contract judges exchanges by an OpenAPI document. Several goroutines may use it at once.
type Contract struct {
	Name     string // in messages
	Digest   string // SHA-256 of the document, in lower-case hexadecimal
	document *openapi3.T
	routes   []contractRoute
	options  *openapi3filter.Options
	// withoutBody are options that leave the body to checkDocument, which has two lists of its own.
	withoutBody     *openapi3filter.Options
	quick, thorough []openapi3.SchemaValidationOption
}

// contractRoute is an operation and the path that leads to it.
type contractRoute struct {
	segments []string // "v1", "music", "{organization_id}", …
	route    *routers.Route
}

// Load parses a contract, an OpenAPI document in YAML or JSON. Name is how messages name it. Every
// date-time of its responses has to be in UTC.
func Load(name string, data []byte) (*Contract, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	document, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	own := []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
			"date-time": openapi3.NewCallbackValidator(checkDateTime),
		}),
	}
	if bytes.Contains(data, []byte("writeOnly")) {
		own = append(own, openapi3.VisitAsResponse()) // which takes a third more time
	}
	if document.IsOpenAPI31OrLater() {
		own = append(own, openapi3.EnableJSONSchema2020())
	}
	options := openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true, SchemaValidationOptions: own,
	}
	withoutBody := options
	withoutBody.ExcludeResponseBody = true
	c := &Contract{
		Name: name, Digest: hex.EncodeToString(sum[:]), document: document,
		options: &options, withoutBody: &withoutBody,
		quick:    append([]openapi3.SchemaValidationOption{openapi3.FailFast()}, own...),
		thorough: append([]openapi3.SchemaValidationOption{openapi3.MultiErrors()}, own...),
	}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			c.routes = append(c.routes, contractRoute{
				segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
				route: &routers.Route{
					Spec: document, Path: path, PathItem: item, Method: method, Operation: operation,
				},
			})
		}
	}
	return c, nil
}

// Version is info.version of the contract.
func (c *Contract) Version() string { return c.document.Info.Version }

// Find returns the operation of a method and a raw path, nil if there is none. The path is matched
// as it is on the wire, segment by segment: an empty segment is not a parameter, and an encoded
// slash does not separate segments.
func (c *Contract) Find(method, rawPath string) *routers.Route {
	path := strings.TrimPrefix(rawPath, "/")
	for _, r := range c.routes {
		if r.route.Method == method && r.matches(path) {
			return r.route
		}
	}
	return nil
}

// matches reports whether the path leads to the operation.
func (r contractRoute) matches(path string) bool {
	if strings.Count(path, "/")+1 != len(r.segments) {
		return false
	}
	for _, template := range r.segments {
		var segment string
		if segment, path, _ = strings.Cut(path, "/"); !matchesSegment(template, segment) {
			return false
		}
	}
	return true
}

// PathParameters lists the parameters in the path of an operation, in their order.
func (c *Contract) PathParameters(operationID string) []string {
	var names []string
	for _, r := range c.routes {
		if r.route.Operation.OperationID != operationID {
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

// Check returns the ways in which the response to an operation of the contract breaks it. It leaves
// a JSON body, decoded, in the exchange.
func (c *Contract) Check(e *wire.Exchange, route *routers.Route) []Violation {
	response := route.Operation.Responses.Status(e.Status)
	if response == nil {
		return []Violation{{
			Expected: fmt.Sprintf("a status that is documented for %s (%s)",
				route.Operation.OperationID, strings.Join(c.documented(route.Operation.OperationID), ", ")),
			Actual: wire.Describe(e),
			Line:   originLine(route.Operation.Origin, "responses"),
		}}
	}
	var media *openapi3.MediaType
	if len(response.Value.Content) > 0 {
		if media = response.Value.Content.Get(e.Header.Get("Content-Type")); media == nil {
			types := slices.Sorted(maps.Keys(response.Value.Content))
			return []Violation{{
				Expected: "the media type " + strings.Join(types, " or "),
				Actual:   wire.Describe(e),
				Line:     originLine(response.Value.Origin, "content"),
			}}
		}
	}
	var document any
	isDocument := media != nil && IsJSON(e)
	if isDocument {
		var err error
		if document, err = strictjson.Decode(e.Body); err != nil {
			return []Violation{{
				Expected: "a body that is exactly one JSON document",
				Actual:   wire.Describe(e) + ": " + err.Error(),
				Line:     originLine(response.Value.Origin, "content"),
			}}
		}
		e.Document = document
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: &http.Request{
				Method: e.Request.Method, URL: &url.URL{Path: e.Request.Path}, Header: http.Header{},
			},
			Route: route,
		},
		Status:  e.Status,
		Header:  e.Header,
		Options: c.options,
	}
	if !isDocument {
		input.SetBodyBytes(e.Body)
	} else {
		input.Options = c.withoutBody
	}
	err := openapi3filter.ValidateResponse(context.Background(), input)
	if err == nil && isDocument && media.Schema != nil {
		err = c.checkDocument(document, media.Schema.Value)
	}
	return violations(err, response.Value)
}

// checkDocument validates a decoded body, in the way of openapi3filter, which would decode it once
// more. What is wrong is found out in a second, slower visit.
func (c *Contract) checkDocument(document any, schema *openapi3.Schema) error {
	if schema.VisitJSON(document, c.quick...) == nil {
		return nil
	}
	if err := schema.VisitJSON(document, c.thorough...); err != nil {
		return &openapi3filter.ResponseError{Reason: "response body doesn't match schema", Err: err}
	}
	return nil
}

// documented lists the statuses that the contract documents for an operation, ascending.
func (c *Contract) documented(operationID string) []string {
	var statuses []string
	for _, r := range c.routes {
		if r.route.Operation.OperationID != operationID {
			continue
		}
		for status := range r.route.Operation.Responses.Map() {
			if _, err := strconv.Atoi(status); err == nil {
				statuses = append(statuses, status)
			}
		}
	}
	slices.Sort(statuses)
	return statuses
}

func matchesSegment(template, segment string) bool {
	if strings.HasPrefix(template, "{") {
		return segment != ""
	}
	return template == segment
}

// IsJSON reports whether the media type of the response is application/json.
func IsJSON(e *wire.Exchange) bool {
	value := e.Header.Get("Content-Type")
	if value == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(value)
	return err == nil && media == "application/json"
}

// checkDateTime accepts every date-time of RFC 3339 in UTC, with lower-case letters and leap
// seconds too. The contract says UTC in words alone: a pattern beside the format makes generators
// and mock servers fail.
func checkDateTime(s string) error {
	s = strings.ToUpper(s)
	if i := strings.Index(s, ":60"); i == len("2006-01-02T15:04") {
		s = s[:i] + ":59" + s[i+3:]
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
		return errors.New("not a date-time of RFC 3339")
	}
	if !strings.HasSuffix(s, "Z") && !strings.HasSuffix(s, "+00:00") && !strings.HasSuffix(s, "-00:00") {
		return errors.New("not in UTC, which is written Z or +00:00")
	}
	return nil
}
