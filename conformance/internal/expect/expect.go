// Package expect is what a response has to be: by itself, beside others of its class, and in time.
//
// The cases, oracle and explore call it. Its functions return nil or an error of package suite,
// most often a Failure. It imports suite, wire and requirement.
package expect

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Status checks the status alone: for responses whose body the contract leaves open.
func Status(x *wire.Exchange, allowed ...int) error {
	for _, status := range allowed {
		if x.Status == status {
			return nil
		}
	}
	return suite.FailStatus(StatusList(allowed), "status "+StatusList(allowed), Describe(x), x)
}

// StatusList joins statuses for a message: "403 or 404".
func StatusList(statuses []int) string {
	texts := make([]string, len(statuses))
	for i, status := range statuses {
		texts[i] = fmt.Sprint(status)
	}
	return strings.Join(texts, " or ")
}

// Describe says in a line what came back: the status, and the code and system message of an error.
func Describe(x *wire.Exchange) string {
	text := fmt.Sprintf("%d to %s", x.Status, x.Summary())
	if e, ok := EnvelopeError(x); ok && x.Status >= 400 {
		text += fmt.Sprintf(" (%v: %v)", e["code"], e["system_message"])
	}
	return text
}

// JSON decodes the body of a response into v.
func JSON(x *wire.Exchange, v any) error {
	if err := json.Unmarshal(x.Body, v); err != nil {
		return suite.Fail("a JSON body", fmt.Sprintf("%q (%v)", excerpt.Of(x.Body, 200), err), x)
	}
	return nil
}

// object returns the body of a response, a JSON object.
func object(x *wire.Exchange) (map[string]any, error) {
	if document, ok := x.Document.(map[string]any); ok {
		return document, nil
	}
	var document map[string]any
	return document, JSON(x, &document)
}

// isNumber reports whether a value of a JSON document is that number, in whatever form.
func isNumber(value any, want int) bool {
	switch value := value.(type) {
	case json.Number:
		n, err := value.Float64()
		return err == nil && n == float64(want)
	case float64:
		return value == float64(want)
	}
	return false
}

// Acknowledged checks the acknowledgement of a delete or an unsave, by the id of the track.
func Acknowledged(x *wire.Exchange, track string) error {
	if err := Status(x, 200); err != nil {
		return err
	}
	ack, err := object(x)
	if err != nil {
		return err
	}
	if ack["success"] != true {
		return suite.Fail("success true", fmt.Sprintf("%v", ack["success"]), x)
	}
	if ack["id"] != track {
		expected := fmt.Sprintf("id %q, that of the track in the request", track)
		return suite.Fail(expected, fmt.Sprintf("%v", ack["id"]), x)
	}
	if _, ok := ack["detail"].(string); !ok {
		return suite.Fail("a string as detail", fmt.Sprintf("%v", ack["detail"]), x)
	}
	return nil
}
