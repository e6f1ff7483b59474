package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
)

// What the envelope is comes from the document, and nobody is failed for having another one.
func TestDocument_Envelope(t *testing.T) {
	odd := `                type: object
                required: [oops]
                properties:
                  oops: {type: string, description: Why.}
`
	catalogue := correct(t, "catalogue.yaml")
	from := strings.Index(catalogue, "                allOf:\n                  - $ref: '#/components/schemas/Problem'\n                  - type: object\n                    properties:\n                      code:\n                        type: string\n                        enum: [not_found]")
	to := from + strings.Index(catalogue[from:], "        '500':")
	other := catalogue[:from] + odd + catalogue[to:]

	if got := ruleIDs(checkText(t, other, check.Options{})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("the odd one out of seven: %q", got)
	}
	excepted := replaced(t, other, "          description: No such book.\n", "          description: No such book.\n          x-error-envelope: false\n")
	if got := checkText(t, excepted, check.Options{}); len(got) > 0 {
		t.Errorf("the odd one is excepted: %+v", got)
	}
	// Named by option, only that schema counts.
	if got := ruleIDs(checkText(t, catalogue, check.Options{Envelope: "Genre"})); len(got) > 0 {
		t.Errorf("an envelope that asks for nothing: %q", got)
	}
	if got := ruleIDs(checkText(t, catalogue, check.Options{Envelope: "Paper"})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("an envelope that no error follows: %q", got)
	}
	marked := replaced(t, catalogue, "    Cloth:\n", "    Cloth:\n      x-error-envelope: true\n")
	if got := ruleIDs(checkText(t, marked, check.Options{})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("a marked schema that no error follows: %q", got)
	}
	// Errors that have nothing in common have no envelope to keep.
	plain := correct(t, "plain-error.yaml")
	diverse := replaced(t, plain, "          description: Not now.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}",
		"          description: Not now.\n          content:\n            application/json:\n              schema: {type: object, required: [reason], properties: {reason: {type: string, description: Why.}}}")
	diverse = replaced(t, diverse, "          description: The form was not a form.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}",
		"          description: The form was not a form.\n          content:\n            application/json:\n              schema: {type: object, required: [fault], properties: {fault: {type: string, description: Why.}}}")
	if got := checkText(t, diverse, check.Options{}); len(got) > 0 {
		t.Errorf("errors without a common shape: %+v", got)
	}
}
