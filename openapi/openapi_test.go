package openapi_test

import (
	"context"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi"
)

// Validity includes every example against its schema (kin-openapi's default).
func TestContractsAreValid(t *testing.T) {
	for name, document := range map[string][]byte{"music": openapi.Music, "provisioning": openapi.Provisioning} {
		t.Run(name, func(t *testing.T) {
			loaded, err := openapi3.NewLoader().LoadFromData(document)
			if err != nil {
				t.Fatal(err)
			}
			if err := loaded.Validate(context.Background(), openapi3.EnableMultiError()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A status that a program meets without its own schema would leave the machine
// fields of that status open.
func TestMachineFieldsAreFixedPerStatus(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				if status[0] != '4' && status[0] != '5' {
					continue
				}
				seen++
				schema := response.Value.Content.Get("application/json").Schema.Value
				if got := fixed(schema, "success"); got == nil || got[0] != false {
					t.Errorf("%s %s %s: success is not fixed to false: %v", method, path, status, got)
				}
				for _, field := range []string{"code", "type", "status"} {
					if got := fixed(property(schema, "error"), field); len(got) == 0 {
						t.Errorf("%s %s %s: error.%s is not fixed", method, path, status, field)
					}
				}
			}
		}
	}
	if seen == 0 {
		t.Fatal("no error response found")
	}
}

// property finds a property through allOf.
func property(s *openapi3.Schema, name string) *openapi3.Schema {
	var found *openapi3.Schema
	if ref := s.Properties[name]; ref != nil {
		found = ref.Value
	}
	for _, part := range s.AllOf {
		if p := property(part.Value, name); p != nil && (found == nil || len(p.Enum) > 0) {
			found = p
		}
	}
	return found
}

func fixed(s *openapi3.Schema, name string) []any {
	if p := property(s, name); p != nil {
		return p.Enum
	}
	return nil
}
